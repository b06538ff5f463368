// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ib_id_from_event
//
// Step 2 asks real route input and keeps the stock reverse lookup. The listener that passes the
// verdict gets a reference while the lock still keeps it alive.
@cma_ib_id_from_event_route@
expression E1, E2;
symbol net_dev, req, ib_event;
@@
 cma_ib_id_from_event(...)
 {
 	<...
 	if (
-	    !validate_net_dev(*net_dev, E1, E2)
+	    !cma_ns_delivers(&req->ns, ib_event, *net_dev, E1, E2) ||
+	    !cma_ns_way_back(&req->ns, validate_net_dev(*net_dev, E1, E2))
 	   ) { ... }
 	...>
 }

@cma_ib_id_from_event_verdict@
expression E1, E2, E3, E4;
symbol net_dev, req;
@@
 cma_ib_id_from_event(...)
 {
 	<...
-	id_priv = cma_find_listener(E1, E2, E3, E4, *net_dev);
+	id_priv = cma_ns_hold(cma_ns_judge(&req->ns, *net_dev,
+					   cma_find_listener(E1, E2, E3, E4, *net_dev)));
 	...>
 }
