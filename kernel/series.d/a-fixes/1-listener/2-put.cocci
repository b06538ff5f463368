// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: cma_ib_req_handler
@put@
symbol listen_id, ret;
@@
 cma_ib_req_handler(...)
 {
 	<...
+	cma_id_put(listen_id);
 	return ret;
 	...>
 }
