// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ib_new_conn_id
//
// Without memory, an id that was just made goes again, while its maker holds the listener's mutex.
// lockdep is told that these are two.
@cma_ib_new_conn_id@
symbol id, id_priv;
@@
 cma_ib_new_conn_id(...)
 {
 	<...
-	rdma_destroy_id(id);
+	cma_ns_destroy_new(id_priv);
 	...>
 }
