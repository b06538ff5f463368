// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_find_listener
//
// Step 3: the best listener that matches is chosen, not the first one. A listener that is bound to
// another netdev is never chosen.
@cma_find_listener_best@
identifier id_priv, id_priv_dev;
expression E1, E2;
iterator name hlist_for_each_entry, list_for_each_entry;
symbol net_dev, node, listen_item;
@@
 cma_find_listener(...)
 {
+	struct cma_ns_choice choice = {};
 	...
 	hlist_for_each_entry(id_priv, ...) {
 		if (...) {
 			if (E1)
-				return id_priv;
+				cma_ns_consider(&choice, id_priv,
+						(struct net_device *)net_dev);
 			list_for_each_entry(id_priv_dev, ...) {
 				if (E2)
-					return id_priv_dev;
+					cma_ns_consider(&choice, id_priv_dev,
+							(struct net_device *)net_dev);
 			}
 		}
 	}
-	return ERR_PTR(-EINVAL);
+	return cma_ns_chosen(&choice);
 }
