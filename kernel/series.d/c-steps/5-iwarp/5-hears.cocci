// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: cma_trace_iw
@hears@
@@
 cma_trace_iw(...) { ... }
+
+/* TCP does not know what the listener is bound to. */
+static int cma_iw_check_listener(const struct rdma_id_private *conn_id,
+				 struct rdma_id_private *listen_id)
+{
+	const struct rdma_dev_addr *dev_addr = &conn_id->id.route.addr.dev_addr;
+	struct net_device *net_dev;
+	bool hears;
+
+	rcu_read_lock();
+	net_dev = dev_get_by_index_rcu(dev_addr->net, dev_addr->bound_dev_if);
+	hears = net_dev && cma_ns_hears(cma_ns_listener(listen_id), net_dev);
+	rcu_read_unlock();
+	return hears ? 0 : -EADDRNOTAVAIL;
+}
