// SPDX-License-Identifier: GPL-2.0
// File: cma.c
// In: cma_cleanup
//
// After the last id, and before the notifier's code goes.
@cma_cleanup@
symbol cma_client;
@@
 cma_cleanup(...)
 {
 	<...
 	ib_unregister_client(&cma_client);
+	cma_ns_exit();
 	...>
 }
