// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: iw_conn_req_handler
//
// iWARP: this finds the netdev under the TCP connection, and checks the listener's netdev and its
// policy. Each request is counted once, whatever becomes of it.
@iw_conn_req_handler@
symbol ret, conn_id, listen_id, cm_id, laddr, raddr;
@@
 iw_conn_req_handler(...)
 {
 	<...
 	ret = cma_iw_acquire_dev(conn_id, listen_id);
+	if (!ret)
+		ret = cma_ns_accept_iwarp(conn_id, listen_id, cm_id, raddr,
+					  laddr, &ns_request);
 	...>
 }

@iw_conn_req_handler_request@
@@
 iw_conn_req_handler(...)
 {
+	struct cma_ns_request ns_request = {};
 	...
 }

@iw_conn_req_handler_finish@
symbol ret;
@@
 iw_conn_req_handler(...)
 {
 	<...
-	return ret;
+	return cma_ns_finish(&ns_request, ret);
 	...>
 }

@iw_conn_req_handler_note@
symbol cm_id, laddr, raddr, event, RDMA_CM_EVENT_CONNECT_REQUEST;
@@
 iw_conn_req_handler(...)
 {
 	...
+	cma_ns_note_request(&ns_request, cm_id->device, raddr, laddr);
 	event.event = RDMA_CM_EVENT_CONNECT_REQUEST;
 	...
 }
