// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ib_req_handler
//
// A refused peer gets an answer. The new id keeps what was found out about its request. The
// reference that cma_ib_id_from_event() took on the listener ends here. Without it, a listener
// could be freed while this runs, because ib_cm, which shares its listening id, does not wait. What
// the listener does not take, because it has gone or is full, counts as refused.
@cma_ib_req_handler_refuse@
expression E;
symbol listen_id, cm_id, ib_event, req, net_dev;
@@
 cma_ib_req_handler(...)
 {
 	<...
 	listen_id = cma_ib_id_from_event(E, ib_event, &req, &net_dev);
-	if (IS_ERR(listen_id))
-		return PTR_ERR(listen_id);
+	if (IS_ERR(listen_id))
+		return cma_ns_refuse(cm_id, ib_event, &req.ns);
 	...>
 }

@cma_ib_req_handler_accepted@
symbol listen_id, conn_id, cm_id, req;
@@
 cma_ib_req_handler(...)
 {
 	<...
+	cma_ns_accepted(conn_id, listen_id, &req.ns);
 	conn_id->cm_id.ib = cm_id;
 	...>
 }

@cma_ib_req_handler_put@
symbol listen_id, req, ret;
@@
 cma_ib_req_handler(...)
 {
 	<...
+	cma_ns_put_listener(listen_id);
-	return ret;
+	return cma_ns_finish(&req.ns, ret);
 	...>
 }
