// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/restrack.c
// In: res_to_rt
@function@
@@
 res_to_rt(...) { ... }
+
+/* The driver may have given out a number whose last QP is still being deleted. */
+static int restrack_insert_qp(struct rdma_restrack_root *rt,
+			      struct rdma_restrack_entry *res)
+{
+	int ret;
+
+	xa_lock(&rt->xa);
+	ret = __xa_insert(&rt->xa, res->id, res, GFP_KERNEL);
+	/* The place of a reserved entry is there, so nothing is allocated. */
+	if (ret == -EBUSY && !xa_load(&rt->xa, res->id)) {
+		__xa_clear_mark(&rt->xa, res->id, RESTRACK_DD);
+		ret = xa_err(__xa_store(&rt->xa, res->id, res, 0));
+	}
+	xa_unlock(&rt->xa);
+
+	return ret;
+}
