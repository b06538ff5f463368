// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_get_net_dev
//
// Step 1: device, port, P_Key, GID and IP address do not tell sibling IPoIB netdevs apart, but the
// QPN that the peer aimed at does. If it aimed at none, the lookup is the same as before, except
// that the candidates are counted. A request without IP addresses ends before that.
@cma_get_net_dev_ib@
expression E1, E2, E3, E4, E5;
symbol src_addr, ib_event, req;
@@
 cma_get_net_dev(...)
 {
 	<...
-	net_dev = ib_get_net_dev_by_params(E1, E2, E3, E4, E5);
+	net_dev = cma_ns_ingress_ib(&req->ns, ib_event, E1, E2, E3, E4,
+				    src_addr, E5);
 	...>
 }

@cma_get_net_dev_roce@
symbol listen_addr, ib_event, req;
@@
 cma_get_net_dev(...)
 {
 	<...
-	net_dev = roce_get_net_dev_by_cm_event(ib_event);
+	net_dev = cma_ns_ingress_roce(&req->ns, ib_event, req->device,
+				      req->port,
+				      roce_get_net_dev_by_cm_event(ib_event),
+				      listen_addr);
 	...>
 }

@cma_get_net_dev_note@
symbol listen_addr, src_addr, req, err;
@@
 cma_get_net_dev(...)
 {
 	<...
 	err = cma_save_ip_info(...);
 	if (err)
 		return ERR_PTR(err);
+	cma_ns_note_request(&req->ns, req->device, src_addr, listen_addr);
 	...>
 }
