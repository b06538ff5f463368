// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: ucma.c
// In: ucma_connect_event_handler
//
// This puts the ingress record behind a request's private data. It is done here and not where
// events are made, because only here are both the listener and the new id at hand.
//
// If there is no memory for the event, the stock code destroys the new id, whose mutex its caller
// holds: it waits for ever, and so does all that the listener is asked from then on. The caller
// destroys the id itself. So the context gets the id only when nothing can fail any more.
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

@ucma_connect_event_handler_late@
symbol uevent, ctx, cm_id;
@@
 ucma_connect_event_handler(...)
 {
 	<...
-	ucma_set_ctx_cm_id(ctx, cm_id);
 	uevent = ucma_create_uevent(...);
 	...
+	ucma_set_ctx_cm_id(ctx, cm_id);
 	uevent->conn_req_ctx = ctx;
 	...>
 }
