// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/ucma.c
// In: ucma_query
@call@
symbol ret, ctx, response, out_len, RDMA_USER_CM_QUERY_GID;
@@
 ucma_query(...)
 {
 	<...
 	switch (...) {
 	case RDMA_USER_CM_QUERY_GID:
 		ret = ucma_query_gid(ctx, response, out_len);
 		break;
+	case RDMA_USER_CM_QUERY_INGRESS:
+		ret = ucma_query_ingress(ctx, response, out_len);
+		break;
 	...
 	}
 	...>
 }
