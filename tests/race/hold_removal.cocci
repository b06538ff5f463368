// SPDX-License-Identifier: GPL-2.0
// File: cma.c
// In: cma_send_device_removal_put
//
// For tests: time between telling an id's owner that the device goes and the last use of the id.
@cma_ns_hold_removal@
symbol id_priv, state;
@@
 cma_send_device_removal_put(...)
 {
 	...
 	mutex_unlock(&id_priv->handler_mutex);
+	cma_ns_hold_removal();
 	if (!cma_ns_cancel_at_once(state))
 		cma_cancel_operation(id_priv, state);
 	...
 }
