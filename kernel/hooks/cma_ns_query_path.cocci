// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_query_path
//
// A peer that has moved to another port has another path. The query is the one that
// rdma_resolve_route() makes, but its event must not reach the application a second time.
@cma_ns_query_path@
@@
 cma_query_ib_route(...) { ... }
+
+int cma_ns_query_path(struct rdma_id_private *id_priv, unsigned long timeout_ms)
+{
+	struct cma_work *work;
+	int ret;
+
+	work = kzalloc(sizeof(*work), GFP_KERNEL);
+	if (!work)
+		return -ENOMEM;
+	work->id = id_priv;
+	INIT_WORK(&work->work, cma_ns_path_work);
+	ret = cma_query_ib_route(id_priv, timeout_ms, work);
+	if (ret)
+		kfree(work);
+	return ret;
+}
