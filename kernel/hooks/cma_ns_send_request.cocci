// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_ns_send_request
//
// A refused request is sent again by the same functions that sent it first.
@cma_ns_send_request@
@@
 cma_connect_ib(...) { ... }
+
+int cma_ns_send_request(struct rdma_id_private *id_priv, struct rdma_conn_param *conn_param)
+{
+	return id_priv->id.qp_type == IB_QPT_UD ? cma_resolve_ib_udp(id_priv, conn_param) :
+						  cma_connect_ib(id_priv, conn_param);
+}
