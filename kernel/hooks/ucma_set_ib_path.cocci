// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ucma.c
// In: ucma_set_ib_path
// Adds: A bind that fails takes the device away again
//
// The device that was there before the mutex was taken may have gone.
@ucma_set_ib_path@
expression E1, E2;
symbol ctx, ret;
@@
 ucma_set_ib_path(...)
 {
 	...
-	if (!ctx->cm_id->device)
-		return -EINVAL;
 	...
+	mutex_lock(&ctx->mutex);
+	/* A bind that fails takes the device away again. */
+	if (!ctx->cm_id->device) {
+		mutex_unlock(&ctx->mutex);
+		return -EINVAL;
+	}
 	if (rdma_cap_opa_ah(...)) {
 		...
-		mutex_lock(&ctx->mutex);
 		ret = rdma_set_ib_path(ctx->cm_id, E1);
-		mutex_unlock(&ctx->mutex);
 	} else {
-		mutex_lock(&ctx->mutex);
 		ret = rdma_set_ib_path(ctx->cm_id, E2);
-		mutex_unlock(&ctx->mutex);
 	}
+	mutex_unlock(&ctx->mutex);
 	...
 }
