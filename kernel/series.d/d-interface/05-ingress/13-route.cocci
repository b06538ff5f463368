// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: drivers/infiniband/core/cma_listen.c
// In: cma_check_route
@route@
symbol net_dev, req, ib_event, src, dst;
identifier R;
@@
 cma_check_route(struct net_device *net_dev,
 		const struct ib_cm_event *ib_event,
-		const struct cma_req_info *R)
+		struct cma_req_info *R)
 {
 	...
-	bool self;
-	int ret;
 	...
-	ret = cma_ns_route_input(...);
-	if (ret < 0)
-		return ret;
-	if (!self && !validate_net_dev(net_dev, src, dst))
-		return -EHOSTUNREACH;
+	if (!cma_ns_delivers(&req->ns, ib_event, net_dev, src, dst) ||
+	    !cma_ns_way_back(&req->ns, validate_net_dev(net_dev, src, dst)))
+		return -EHOSTUNREACH;
 	return 0;
 }
