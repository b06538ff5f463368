// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.c
// In: cma_find_listener
@functions@
@@
 cma_find_listener(...) { ... }
+
+/*
+ * Step 1: On which net_dev did the request arrive? An AF_IB request, which has
+ * no IP addresses, has none. Otherwise the caller puts the net_dev.
+ */
+static struct net_device *
+cma_find_ingress(const struct ib_cm_event *ib_event, struct cma_req_info *req)
+{
+	struct net_device *net_dev;
+	int err;
+
+	err = cma_save_req_info(ib_event, req);
+	if (err)
+		return ERR_PTR(err);
+
+	net_dev = cma_get_net_dev(ib_event, req);
+	/* Assuming the protocol is AF_IB */
+	if (net_dev == ERR_PTR(-EAFNOSUPPORT))
+		return NULL;
+	return net_dev;
+}
+
+/* Step 2: Would IP take the request from this net_dev? */
+static int cma_check_route(struct net_device *net_dev,
+			   const struct cma_req_info *req)
+{
+	/*
+	 * If the net_dev is down, it may be on its way to another net
+	 * namespace. Then neither that nor its ifindex is to be relied on.
+	 */
+	if (!(net_dev->flags & IFF_UP))
+		return -EHOSTUNREACH;
+
+	if (!validate_net_dev(net_dev,
+			      (struct sockaddr *)&req->src_addr_storage,
+			      (struct sockaddr *)&req->listen_addr_storage))
+		return -EHOSTUNREACH;
+	return 0;
+}
+
+/* Step 3: Who listens? The listener gets a reference. */
+static struct rdma_id_private *
+cma_get_listener(const struct ib_cm_id *cm_id,
+		 const struct ib_cm_event *ib_event,
+		 const struct cma_req_info *req,
+		 const struct net_device *net_dev)
+{
+	struct rdma_bind_list *bind_list;
+	struct rdma_id_private *id_priv;
+
+	bind_list = cma_ps_find(net_dev ? dev_net(net_dev) : &init_net,
+				rdma_ps_from_service_id(req->service_id),
+				cma_port_from_service_id(req->service_id));
+	id_priv = cma_find_listener(bind_list, cm_id, ib_event, req, net_dev);
+	/*
+	 * If the ib_cm id is shared with other listeners, destroying it does
+	 * not wait for the handler that runs here.
+	 */
+	if (!IS_ERR(id_priv))
+		cma_id_get(id_priv);
+	return id_priv;
+}
