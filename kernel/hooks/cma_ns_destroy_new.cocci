// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_destroy_new
//
// For cma_ib_new_conn_id.cocci: what rdma_destroy_id() does. sparse does not follow mutexes.
@cma_ns_destroy_new@
@@
 destroy_id_handler_unlock(...) { ... }
+
+static void cma_ns_destroy_new(struct rdma_id_private *id_priv)
+{
+	mutex_lock_nested(&id_priv->handler_mutex, SINGLE_DEPTH_NESTING);
+	__acquire(&id_priv->handler_mutex);
+	destroy_id_handler_unlock(id_priv);
+}
