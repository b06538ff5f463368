// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_show_ids
//
// A namespace can see its listeners. Ids are found by their port, in tables that are private to
// cma.c and under its lock. A request of any namespace needs that lock, so nobody keeps it for all
// ports.
@cma_ns_show_ids@
@@
 cma_ps_find(...) { ... }
+
+void cma_ns_show_ids(struct net *net, enum rdma_ucm_port_space ps, struct seq_file *file)
+{
+	struct xarray *ports = cma_pernet_xa(net, ps);
+	struct rdma_bind_list *bind_list;
+	struct rdma_id_private *id_priv;
+	unsigned long port = 0;
+
+	mutex_lock(&lock);
+	bind_list = xa_find(ports, &port, ULONG_MAX, XA_PRESENT);
+	while (bind_list && !seq_has_overflowed(file)) {
+		hlist_for_each_entry(id_priv, &bind_list->owners, node)
+			cma_ns_show_listener(id_priv, file);
+		mutex_unlock(&lock);
+		cond_resched();
+		mutex_lock(&lock);
+		bind_list = xa_find_after(ports, &port, ULONG_MAX, XA_PRESENT);
+	}
+	mutex_unlock(&lock);
+}
