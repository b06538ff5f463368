// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ucma.c
// In: ucma_init_qp_attr
// Adds: A bind that fails takes the device away again
//
// The device that was there before the mutex was taken may have gone.
@ucma_init_qp_attr@
symbol ctx, ret;
@@
 ucma_init_qp_attr(...)
 {
 	...
 	mutex_lock(&ctx->mutex);
+	/* A bind that fails takes the device away again. */
+	if (!ctx->cm_id->device) {
+		mutex_unlock(&ctx->mutex);
+		ret = -EINVAL;
+		goto out;
+	}
 	ret = rdma_init_qp_attr(...);
 	mutex_unlock(&ctx->mutex);
 	...
 }
