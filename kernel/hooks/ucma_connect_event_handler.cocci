// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ucma.c
// In: ucma_connect_event_handler
//
// This puts the ingress record behind a request's private data. It is done here and not where
// events are made, because only here are both the listener and the new id at hand.
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
