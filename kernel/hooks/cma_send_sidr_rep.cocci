// SPDX-License-Identifier: GPL-2.0
// File: cma.c
// In: cma_send_sidr_rep
//
// The same in a SIDR REP that says yes; one that says no has the application's or this host's reason.
@cma_send_sidr_rep@
symbol rep, status, private_data_len, id_priv;
@@
 cma_send_sidr_rep(...)
 {
+	struct cma_ns_reply ns_reply;
 	<...
 	rep.private_data_len = private_data_len;
+	if (status == IB_SIDR_SUCCESS)
+		cma_ns_put_reply(id_priv, &ns_reply, &rep.private_data, &rep.private_data_len);
 	...>
 }
