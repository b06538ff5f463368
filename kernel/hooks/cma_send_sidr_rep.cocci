// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_send_sidr_rep
//
// As in cma_accept_ib.cocci, a SIDR REP that accepts tells the peer which netdev it has reached. A
// SIDR REP that refuses carries the reason of the application or of this host instead.
@cma_send_sidr_rep@
symbol rep, status, private_data_len, id_priv;
@@
 cma_send_sidr_rep(...)
 {
+	struct cma_ns_reply ns_reply;
 	<...
 	rep.private_data_len = private_data_len;
+	if (status == IB_SIDR_SUCCESS)
+		cma_ns_put_reply(id_priv, &ns_reply, &rep.private_data,
+				 &rep.private_data_len);
 	...>
 }
