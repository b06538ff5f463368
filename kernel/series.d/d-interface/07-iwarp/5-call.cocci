// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: iw_conn_req_handler
@call@
symbol ret, conn_id, listen_id, cm_id, raddr, laddr, ns_request;
@@
 iw_conn_req_handler(...)
 {
 	<...
-		ret = cma_iw_check_listener(conn_id, listen_id);
+		ret = cma_ns_accept_iwarp(conn_id, listen_id, cm_id, raddr,
+					  laddr, &ns_request);
 	...>
 }
