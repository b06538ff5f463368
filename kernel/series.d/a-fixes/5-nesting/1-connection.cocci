// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: cma_ib_new_conn_id
@nested@
symbol id, id_priv;
@@
 cma_ib_new_conn_id(...)
 {
 	<...
-	rdma_destroy_id(id);
+	mutex_lock_nested(&id_priv->handler_mutex, SINGLE_DEPTH_NESTING);
+	__acquire(&id_priv->handler_mutex);
+	destroy_id_handler_unlock(id_priv);
 	...>
 }
