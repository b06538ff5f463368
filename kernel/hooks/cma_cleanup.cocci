// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_cleanup
//
// This must happen after the last id has gone and before the notifier's code is unloaded.
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
