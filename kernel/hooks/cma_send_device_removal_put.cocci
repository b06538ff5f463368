// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_send_device_removal_put
//
// A path query is cancelled through the id's device. Once the id's mutex is free, somebody who
// destroys the id may already have taken the device from it, such as rdma_ucm, which has just been
// told of the removal.
@cma_send_device_removal_put@
symbol id_priv, state;
@@
 cma_send_device_removal_put(...)
 {
 	...
+	if (cma_ns_cancel_at_once(state))
+		cma_cancel_operation(id_priv, state);
 	mutex_unlock(&id_priv->handler_mutex);
-	cma_cancel_operation(id_priv, state);
+	if (!cma_ns_cancel_at_once(state))
+		cma_cancel_operation(id_priv, state);
 	cma_id_put(id_priv);
 }
