// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: rdma_resolve_addr
//
// The QPN of an earlier destination must not be sent, and an id whose netdev has gone must not
// connect from another one.
@rdma_resolve_addr@
expression E1, E2, E3, E4, E5, E6, E7;
symbol id_priv, ret;
@@
 rdma_resolve_addr(...)
 {
 	<...
-	ret = rdma_resolve_ip(E1, E2, E3, E4, E5, E6, E7);
+	ret = cma_ns_resolve_begins(id_priv);
+	if (!ret)
+		ret = rdma_resolve_ip(E1, E2, E3, E4, E5, E6, E7);
 	...>
 }
