// SPDX-License-Identifier: GPL-2.0
// File: cma.c
// In: cma_resolve_ib_udp
//
// Room for the QPN record of a SIDR REQ over IPv6.
@cma_resolve_ib_udp@
symbol req, offset, conn_param, id_priv;
@@
 cma_resolve_ib_udp(...)
 {
 	<...
 	if (check_add_overflow(offset, conn_param->private_data_len, &req.private_data_len))
 		return -EINVAL;
+	req.private_data_len = cma_ns_room(id_priv, offset, req.private_data_len, true);
 	...>
 }
