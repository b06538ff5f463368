// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: rdma_resolve_addr
//
// The QPN of an earlier destination must not be sent, and an id whose netdev has gone must not
// connect from another one.
@rdma_resolve_addr@
symbol id_priv, ret, err;
@@
 rdma_resolve_addr(...)
 {
 	<...
+	ret = cma_ns_resolve_begins(id_priv);
+	if (ret)
+		goto err;
 	ret = rdma_resolve_ip(...);
 	...>
 }
