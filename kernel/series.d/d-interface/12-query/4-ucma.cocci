// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/ucma.c
// In: ucma_query_gid
@ucma@
@@
 ucma_query_gid(...) { ... }
+
+static ssize_t ucma_query_ingress(struct ucma_context *ctx,
+				  void __user *response, int out_len)
+{
+	struct rdma_user_cm_ns_ingress resp;
+	int ret;
+
+	/* Later kernels may tell more, and later programs may have room. */
+	if (out_len < (int)offsetofend(struct rdma_user_cm_ns_ingress, reserved))
+		return -ENOSPC;
+
+	ret = rdma_query_ingress(ctx->cm_id, &resp);
+	if (ret)
+		return ret;
+
+	if (copy_to_user(response, &resp, min_t(size_t, out_len, sizeof(resp))))
+		return -EFAULT;
+	return 0;
+}
