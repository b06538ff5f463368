// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: cma_init
@undo@
@@
 cma_init(...)
 {
 	<...
 	cma_ns_bind_exit();
+	cma_ns_retry_exit();
 	...>
 }
