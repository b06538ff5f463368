// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.c
// In: cma_get_listener
@function@
@@
 cma_get_listener(...) { ... }
+
+static void cma_trace_request(const struct cma_req_info *req,
+			      const struct net_device *net_dev,
+			      const struct rdma_id_private *listener)
+{
+	trace_cm_req_resolve(req->device, req->port, req->pkey,
+			     (const struct sockaddr *)&req->src_addr_storage,
+			     (const struct sockaddr *)&req->listen_addr_storage,
+			     net_dev ? dev_net(net_dev) : NULL,
+			     net_dev ? net_dev->ifindex : 0, listener);
+}
