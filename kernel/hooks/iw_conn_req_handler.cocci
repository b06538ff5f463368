// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: iw_conn_req_handler
//
// iWARP: this finds the netdev under the TCP connection, and checks the listener's netdev and its
// policy.
@iw_conn_req_handler@
symbol ret, conn_id, listen_id, cm_id, laddr;
@@
 iw_conn_req_handler(...)
 {
 	<...
 	ret = cma_iw_acquire_dev(conn_id, listen_id);
+	if (!ret)
+		ret = cma_ns_accept_iwarp(conn_id, listen_id, cm_id, laddr);
 	...>
 }
