// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_connect_ib
//
// A REQ over IPv6 needs room for the QPN record. A request that is sent again keeps its ib_cm id,
// which others may be looking at meanwhile.
@cma_connect_ib@
symbol req, offset, conn_param, id_priv;
@@
 cma_connect_ib(...)
 {
 	<...
 	if (check_add_overflow(offset, conn_param->private_data_len, &req.private_data_len))
 		return -EINVAL;
+	req.private_data_len = cma_ns_room(id_priv, offset,
+					   req.private_data_len, false);
 	...>
 }

@cma_connect_ib_again@
symbol id, id_priv, ret;
expression E1, E2;
@@
 cma_connect_ib(...)
 {
 	<...
(
-	id = ib_create_cm_id(E1, E2, id_priv);
+	id = cma_ns_idle_cm_id(id_priv);
+	if (!id)
+		id = ib_create_cm_id(E1, E2,
+				     id_priv);
|
-	if (ret && !IS_ERR(id))
+	if (ret && !IS_ERR(id) && id != cma_ns_idle_cm_id(id_priv))
 	{ ... }
)
 	...>
 }
