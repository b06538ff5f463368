// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_check_port
//
// Ids that are bound to different netdevs can share a port, as sockets can.
@cma_check_port@
identifier cur_id;
iterator name hlist_for_each_entry;
symbol id_priv;
@@
 cma_check_port(...)
 {
 	...
+	cma_ns_check_port_begins(id_priv);
 	hlist_for_each_entry(cur_id, ...) {
 		if (id_priv == cur_id)
 			continue;
+		if (cma_ns_ports_apart(id_priv, cur_id))
+			continue;
 		...
 	}
 	...
 }
