// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: rdma_bind_addr_dst
//
// An id that is bound to a netdev can be bound only to an address of that netdev or its VRF. It
// connects from that netdev.
@rdma_bind_addr_dst@
expression E;
symbol id_priv, addr, ret;
@@
 rdma_bind_addr_dst(...)
 {
 	<...
 	ret = cma_check_linklocal(E, addr);
+	if (!ret)
+		ret = cma_ns_bind_address(id_priv, addr);
 	...>
 }
