// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ucma.c
// In: ucma_connect
//
// The peer is told only of QPs that are the caller's own.
@ucma_connect@
expression E;
symbol ctx, ret, conn_param;
@@
 ucma_connect(...)
 {
 	<...
-	ret = rdma_connect_ece(ctx->cm_id, &conn_param, E);
+	ret = rdma_ns_connect(ctx->cm_id, &conn_param, E);
 	...>
 }
