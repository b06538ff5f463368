// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_resolve_ib_udp
//
// A SIDR REQ over IPv6 needs room for the QPN record, and one that is sent again keeps its ib_cm
// id.
@cma_resolve_ib_udp@
symbol req, offset, conn_param, id_priv;
@@
 cma_resolve_ib_udp(...)
 {
 	<...
 	if (check_add_overflow(offset, conn_param->private_data_len, &req.private_data_len))
 		return -EINVAL;
+	req.private_data_len = cma_ns_room(id_priv, offset,
+					   req.private_data_len, true);
 	...>
 }

@cma_resolve_ib_udp_again@
symbol id, id_priv, ret, req;
expression E1, E2;
@@
 cma_resolve_ib_udp(...)
 {
 	<...
(
-	id = ib_create_cm_id(E1, E2, id_priv);
+	id = cma_ns_idle_cm_id(id_priv);
+	if (!id)
+		id = ib_create_cm_id(E1, E2,
+				     id_priv);
|
 	ret = ib_send_cm_sidr_req(id_priv->cm_id.ib, &req);
-	if (ret)
+	if (ret && id != cma_ns_idle_cm_id(id_priv))
 	{ ... }
)
 	...>
 }
