// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: cma_send_device_removal_put
@cancel@
symbol id_priv, state;
@@
 cma_send_device_removal_put(...)
 {
 	...
+	/*
+	 * A path query is cancelled through the id's device. Whoever destroys
+	 * the id takes the device from it once the mutex is free.
+	 */
+	if (state == RDMA_CM_ROUTE_QUERY)
+		cma_cancel_operation(id_priv, state);
 	mutex_unlock(&id_priv->handler_mutex);
-	cma_cancel_operation(id_priv, state);
+	if (state != RDMA_CM_ROUTE_QUERY)
+		cma_cancel_operation(id_priv, state);
 	cma_id_put(id_priv);
 }
