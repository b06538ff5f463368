// SPDX-License-Identifier: GPL-2.0
// File: cma.c
// In: cma_connect_ib
//
// Room for the QPN record of a REQ over IPv6.
@cma_connect_ib@
symbol req, offset, conn_param, id_priv;
@@
 cma_connect_ib(...)
 {
 	<...
 	if (check_add_overflow(offset, conn_param->private_data_len, &req.private_data_len))
 		return -EINVAL;
+	req.private_data_len = cma_ns_room(id_priv, offset, req.private_data_len, false);
 	...>
 }
