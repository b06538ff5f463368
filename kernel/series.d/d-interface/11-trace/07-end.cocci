// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: cma_ib_req_handler
@end@
symbol ret, req;
@@
 cma_ib_req_handler(...)
 {
 	<...
-	return ret;
+	return cma_ns_finish(&req.ns, ret);
 	...>
 }
