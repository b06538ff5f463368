// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_init
//
// This must happen before the first id can be bound to a netdev.
@cma_init@
symbol ret, cma_client, cma_netevent_cb;
identifier L;
@@
 cma_init(...)
 {
 	<...
(
+	ret = cma_ns_init();
+	if (ret)
+		goto L;
 	ret = ib_register_client(&cma_client);
 	if (ret)
 		goto L;
|
+	cma_ns_exit();
 	unregister_netevent_notifier(&cma_netevent_cb);
)
 	...>
 }
