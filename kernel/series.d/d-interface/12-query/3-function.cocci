// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_verdict.c
// In: cma_ns_accepted
@function@
@@
 cma_ns_accepted(...) { ... }
+
+int rdma_query_ingress(const struct rdma_cm_id *cm_id, struct rdma_user_cm_ns_ingress *ingress)
+{
+	const struct rdma_id_private *id = container_of(cm_id, struct rdma_id_private, id);
+
+	if (!id->ns.ingress.size)
+		return -ENODATA;
+	*ingress = id->ns.ingress;
+	return 0;
+}
+EXPORT_SYMBOL_GPL(rdma_query_ingress);
