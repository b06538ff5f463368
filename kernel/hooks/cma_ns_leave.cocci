// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_leave
//
// A work item of an id ends with this.
@cma_ns_leave@
@@
 cma_id_put(...) { ... }
+
+void cma_ns_leave(struct rdma_id_private *id_priv)
+{
+	mutex_unlock(&id_priv->handler_mutex);
+	cma_id_put(id_priv);
+}
