// SPDX-License-Identifier: GPL-2.0
// File: cma.c
// In: cma_ib_req_handler
//
// For tests: time between finding the listener and taking its mutex, in which it can be destroyed.
@cma_ns_hold_open@
symbol listen_id;
@@
 cma_ib_req_handler(...)
 {
 	<...
+	cma_ns_hold_open();
 	mutex_lock(&listen_id->handler_mutex);
 	...>
 }
