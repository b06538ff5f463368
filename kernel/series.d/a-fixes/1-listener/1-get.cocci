// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: cma_ib_id_from_event
@get@
expression E1, E2, E3, E4, E5;
symbol id_priv;
@@
 cma_ib_id_from_event(...)
 {
 	<...
 	id_priv = cma_find_listener(E1, E2, E3, E4, E5);
+	/*
+	 * If the ib_cm id is shared with other listeners, destroying it does
+	 * not wait for the handler that runs here.
+	 */
+	if (!IS_ERR(id_priv))
+		cma_id_get(id_priv);
 	...>
 }
