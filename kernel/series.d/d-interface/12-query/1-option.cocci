// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: include/uapi/rdma/rdma_user_cm.h
// In: the file
@option@
identifier E;
@@
 enum {
 	RDMA_USER_CM_QUERY_ADDR,
 	...,
-	E
+	E,
+	RDMA_USER_CM_QUERY_INGRESS = 4
 };
