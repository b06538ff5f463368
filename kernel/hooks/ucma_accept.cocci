// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ucma.c
// In: ucma_accept
//
// The peer is told only of QPs that are the caller's own.
@ucma_accept@
expression E;
symbol ctx, ret, conn_param;
@@
 ucma_accept(...)
 {
 	<...
-	ret = rdma_accept_ece(ctx->cm_id, &conn_param, E);
+	ret = rdma_ns_accept(ctx->cm_id, &conn_param, E);
 	...>
 }
