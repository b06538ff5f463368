// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_sidr_rep_handler
//
// For datagrams this does the same as cma_ib_handler.cocci.
@cma_sidr_rep_handler@
symbol id_priv, ib_event, out;
@@
 cma_sidr_rep_handler(...)
 {
 	<...
 	mutex_lock(&id_priv->handler_mutex);
+	if (cma_ns_take_refusal(id_priv, ib_event))
+		goto out;
 	...>
 }
