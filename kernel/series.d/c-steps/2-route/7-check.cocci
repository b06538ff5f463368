// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.c
// In: cma_check_route
@check@
symbol net_dev, req, src_addr_storage, listen_addr_storage, ib_event;
identifier R;
@@
 cma_check_route(struct net_device *net_dev,
+		const struct ib_cm_event *ib_event,
 		const struct cma_req_info *R)
 {
+	const struct sockaddr *src =
+		(const struct sockaddr *)&req->src_addr_storage;
+	const struct sockaddr *dst =
+		(const struct sockaddr *)&req->listen_addr_storage;
+	bool self;
+	int ret;
+
 	...
-	if (!validate_net_dev(...))
-		return -EHOSTUNREACH;
+	ret = cma_ns_route_input(net_dev, req->service_id, ib_event, src, dst,
+				 &self);
+	if (ret < 0)
+		return ret;
+
+	/* The way back to this host itself leads through lo. */
+	if (!self && !validate_net_dev(net_dev, src, dst))
+		return -EHOSTUNREACH;
 	return 0;
 }
