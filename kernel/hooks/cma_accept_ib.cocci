// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_accept_ib
//
// A peer that asked for it is told in the REP which netdev it has reached.
@cma_accept_ib@
symbol rep, conn_param, id_priv;
@@
 cma_accept_ib(...)
 {
+	struct cma_ns_reply ns_reply;
 	...
 	rep.private_data_len = conn_param->private_data_len;
+	cma_ns_put_reply(id_priv, &ns_reply, &rep.private_data,
+			 &rep.private_data_len);
 	...
 }
