// SPDX-License-Identifier: GPL-2.0
// File: ucma.c
// In: ucma_connect_event_handler
//
// The ingress record behind a request's private data. Here and not where events are made, because only
// here both the listener and the new id are at hand.
@ucma_connect_event_handler@
symbol uevent, ctx, cm_id, listen_ctx;
@@
 ucma_connect_event_handler(...)
 {
 	<...
 	uevent->conn_req_ctx = ctx;
+	rdma_ns_append_ingress(cm_id, &uevent->resp,
+			       listen_ctx->cm_id->qp_type == IB_QPT_UD);
 	...>
 }
