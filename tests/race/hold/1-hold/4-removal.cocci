// SPDX-License-Identifier: GPL-2.0
// File: drivers/infiniband/core/cma.c
// In: cma_send_device_removal_put
@removal@
symbol id_priv, state;
@@
 cma_send_device_removal_put(...)
 {
 	...
 	mutex_unlock(&id_priv->handler_mutex);
+	cma_hold(&hold_removal);
(
 	cma_cancel_operation(id_priv, state);
|
 	if (state != RDMA_CM_ROUTE_QUERY)
 		cma_cancel_operation(id_priv, state);
)
 	cma_id_put(id_priv);
 }
