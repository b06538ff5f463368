// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ib_new_udp_id
//
// The same as in cma_ib_new_conn_id.cocci.
@cma_ib_new_udp_id@
symbol id, id_priv;
@@
 cma_ib_new_udp_id(...)
 {
 	<...
-	rdma_destroy_id(id);
+	cma_ns_destroy_new(id_priv);
 	...>
 }
