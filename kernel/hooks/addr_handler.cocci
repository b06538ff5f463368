// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: addr_handler
//
// A neighbour entry that is used must be confirmed from time to time, as IP confirms the entries by
// which it sends packets.
@addr_handler@
symbol addr, src_addr, status, id_priv;
@@
 addr_handler(...)
 {
 	<...
 	memcpy(addr, src_addr, rdma_addr_size(src_addr));
+	if (!status)
+		cma_ns_use_neighbour(id_priv);
 	...>
 }
