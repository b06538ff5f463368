// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.c
// In: cma_get_listener
@listener@
symbol net_dev, req, ib_event, cm_id, id_priv, bind_list;
identifier C, E, R, N;
@@
 cma_get_listener(const struct ib_cm_id *C,
 		 const struct ib_cm_event *E,
-		 const struct cma_req_info *R,
-		 const struct net_device *N)
+		 struct cma_req_info *R,
+		 struct net_device *N)
 {
 	...
 	id_priv = cma_find_listener(...);
+	id_priv = cma_ns_judge(&req->ns, net_dev, id_priv);
 	...
 }
