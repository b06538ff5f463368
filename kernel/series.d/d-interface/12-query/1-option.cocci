// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: include/uapi/rdma/rdma_user_cm.h
// In: the file
@option@
@@
 enum {
 	RDMA_USER_CM_QUERY_ADDR,
 	RDMA_USER_CM_QUERY_PATH,
-	RDMA_USER_CM_QUERY_GID
+	RDMA_USER_CM_QUERY_GID,
+	RDMA_USER_CM_QUERY_INGRESS
 };
