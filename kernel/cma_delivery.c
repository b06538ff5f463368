// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Step 2 for a request: asks cma_route.c, and keeps the answer in the request. */
#include "cma_request.h"
#include "cma_route.h"

static __be64 cma_ns_service_id(const struct ib_cm_event *event)
{
	return event->event == IB_CM_SIDR_REQ_RECEIVED ?
		       event->param.sidr_req_rcvd.service_id :
		       event->param.req_rcvd.primary_path->service_id;
}

/* Called under rcu_read_lock, when the caller has seen that @netdev is up, so that it stays. */
bool cma_ns_delivers(struct cma_ns_request *request, const struct ib_cm_event *event,
		     struct net_device *netdev, const struct sockaddr *source,
		     const struct sockaddr *destination)
{
	int handling;
	bool self;

	cma_ns_describe_ingress(request, netdev);
	handling = cma_ns_route_input(netdev, cma_ns_service_id(event), event, source, destination,
				      &self);
	if (handling < 0) {
		request->refusal = RDMA_USER_CM_NS_REASON_ROUTE;
		request->route_error = handling;
		return false;
	}
	request->ingress.handling_ifindex = handling;
	request->ingress.route = self ? RDMA_USER_CM_NS_ROUTE_SELF :
					RDMA_USER_CM_NS_ROUTE_DELIVERED;
	return true;
}

/*
 * rdma_cm's own check, that the way back leads through the ingress netdev, is kept. But the way
 * back to this host itself leads through lo, whichever netdev the request came by.
 */
bool cma_ns_way_back(struct cma_ns_request *request, bool valid)
{
	if (valid || request->ingress.route == RDMA_USER_CM_NS_ROUTE_SELF)
		return true;
	request->refusal = RDMA_USER_CM_NS_REASON_ROUTE;
	request->route_error = -ENETUNREACH;
	return false;
}
