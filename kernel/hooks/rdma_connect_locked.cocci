// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: rdma_connect_locked
//
// The request is kept in case it must be sent again.
@rdma_connect_locked@
symbol id, id_priv, conn_param;
statement S;
@@
 rdma_connect_locked(...)
 {
 	<...
+	cma_ns_keep_request(id_priv, conn_param);
 	if (rdma_cap_ib_cm(id->device, id->port_num)) { ... } else S
 	...>
 }
