// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: cma_init
@init@
symbol ret;
identifier L;
@@
 cma_init(...)
 {
 	<...
+	ret = cma_ns_retry_init();
+	if (ret)
+		goto L;
 	ret = cma_ns_bind_init();
 	if (ret)
 		goto L;
 	...>
 }
