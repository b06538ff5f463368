// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ib_handler
//
// A refusal may only mean that the neighbour entry is stale. This is checked before anything else
// is done about the refusal, because the QP must stay as it is.
@cma_ib_handler@
symbol id_priv, ib_event, out;
@@
 cma_ib_handler(...)
 {
 	<...
 	mutex_lock(&id_priv->handler_mutex);
+	if (cma_ns_take_refusal(id_priv, ib_event))
+		goto out;
 	...>
 }
