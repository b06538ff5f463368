// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_rebind
//
// An id may be bound to a netdev after it got its port. The port is then checked again under the
// same lock, which is private to cma.c.
@cma_ns_rebind@
@@
 cma_check_port(...) { ... }
+
+int cma_ns_rebind(struct rdma_id_private *id_priv, int ifindex)
+{
+	struct cma_ns_binding before;
+	int ret;
+
+	mutex_lock(&lock);
+	ret = cma_ns_set_netdev(id_priv, ifindex, &before);
+	if (!ret && id_priv->bind_list &&
+	    cma_check_port(id_priv->bind_list, id_priv, id_priv->reuseaddr)) {
+		cma_ns_restore_netdev(id_priv, &before);
+		ret = -EADDRINUSE;
+	}
+	mutex_unlock(&lock);
+	return ret;
+}
