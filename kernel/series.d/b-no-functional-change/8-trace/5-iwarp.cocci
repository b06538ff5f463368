// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma.c
// In: cma_iw_handler
@function@
@@
 cma_iw_handler(...) { ... }
+
+/* TCP has found the listener, and rdma_translate_ip() the net_dev. */
+static void cma_trace_iw(const struct rdma_id_private *conn_id,
+			 const struct rdma_id_private *listen_id,
+			 const struct iw_cm_id *cm_id,
+			 const struct sockaddr *src,
+			 const struct sockaddr *dst, int err)
+{
+	const struct rdma_dev_addr *dev_addr = &conn_id->id.route.addr.dev_addr;
+
+	trace_cm_req_resolve(cm_id->device, conn_id->id.port_num, 0, src, dst,
+			     dev_addr->net, dev_addr->bound_dev_if,
+			     err ? ERR_PTR(err) : listen_id);
+}
