// SPDX-License-Identifier: GPL-2.0
// File: cma.c
// In: cma_send_device_removal_put
//
// A query for a path is cancelled through the id's device. Once its mutex is free, whoever destroys the id, such as
// rdma_ucm that was just told of the removal, may have taken the device from it.
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
