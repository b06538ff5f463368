// SPDX-License-Identifier: GPL-2.0
// File: cma.c
// In: cma_cleanup
//
// After the last request, and before the code of the notifier and of RCU's callbacks goes.
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
