// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_deliver
//
// A refusal that was kept back goes to the application just as cma_ib_handler() and
// cma_sidr_rep_handler() would have delivered it. sparse does not follow mutexes, but is told that
// destroy_id_handler_unlock() releases one.
@cma_ns_deliver@
@@
 cma_cm_event_handler(...) { ... }
+
+void cma_ns_deliver(struct rdma_id_private *id_priv, struct rdma_cm_event *event)
+{
+	if (event->event == RDMA_CM_EVENT_REJECTED)
+		cma_modify_qp_err(id_priv);
+	if (cma_cm_event_handler(id_priv, event)) {
+		cma_id_put(id_priv);
+		__acquire(&id_priv->handler_mutex);
+		destroy_id_handler_unlock(id_priv);
+		return;
+	}
+	cma_ns_leave(id_priv);
+}
