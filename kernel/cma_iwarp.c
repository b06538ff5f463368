// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * iWARP: TCP has already delivered the connection. This file finds the netdev under it, and decides
 * whether the listener may have it.
 */
#include <linux/netdevice.h>

#include "cma_address.h"
#include "cma_choice.h"
#include "cma_devices.h"
#include "cma_iwarp.h"
#include "cma_verdict.h"

struct over_port {
	struct net *netns;
	const struct sockaddr *local;
	struct net_device *found;
	bool another;
};

/* A walk over upper netdevs can visit a netdev a second time on its way back down. */
static int cma_ns_has_local(struct net_device *netdev, struct netdev_nested_priv *nested)
{
	struct over_port *over = nested->data;

	if (netdev == over->found || !net_eq(dev_net(netdev), over->netns) ||
	    !cma_ns_netdev_has_address(netdev, over->local))
		return 0;
	over->another = over->found;
	if (!over->found)
		over->found = netdev;
	return over->another;
}

/*
 * A provider reports addresses only. The netdev under the connection is the port's own netdev or
 * one above it, if that has the local address; otherwise it is the one that rdma_translate_ip()
 * found. Returns it with a reference, or NULL.
 */
static struct net_device *cma_ns_ingress_iwarp(struct cma_ns_request *request,
					       struct ib_device *device, u32 port,
					       const struct rdma_dev_addr *dev_addr,
					       const struct sockaddr *local)
{
	struct rdma_user_cm_ns_ingress *ingress = &request->ingress;
	struct over_port over = { .netns = dev_addr->net, .local = local };
	struct netdev_nested_priv nested = { .data = &over };
	struct net_device *netdev;

	ingress->transport = RDMA_USER_CM_NS_TRANSPORT_IWARP;
	ingress->port = port;
	rcu_read_lock();
	netdev = cma_ns_port_netdev(device, port);
	if (netdev) {
		cma_ns_has_local(netdev, &nested);
		netdev_walk_all_upper_dev_rcu(netdev, cma_ns_has_local, &nested);
	}
	netdev = over.found;
	ingress->candidates = over.another ? RDMA_USER_CM_NS_SEVERAL : !!netdev;
	if (!netdev)
		netdev = dev_get_by_index_rcu(dev_addr->net, dev_addr->bound_dev_if);
	dev_hold(netdev);
	rcu_read_unlock();
	if (!netdev)
		request->refusal = RDMA_USER_CM_NS_REASON_UNRESOLVED;
	else if (over.another)
		ingress->decided_by = RDMA_USER_CM_NS_BY_AMBIGUOUS;
	else
		ingress->decided_by = RDMA_USER_CM_NS_BY_TCP;
	return netdev;
}

/*
 * All steps for iWARP, where TCP has already delivered the connection to the listener's address. It
 * remains to check that the listener may use this netdev, and that the policy accepts it. @id is
 * the new id, whose address has been translated.
 */
int cma_ns_accept_iwarp(struct rdma_id_private *id, struct rdma_id_private *listener,
			struct iw_cm_id *cm_id, const struct sockaddr *source,
			const struct sockaddr *destination, struct cma_ns_request *request)
{
	const struct rdma_id_private *outer = cma_ns_listener(listener);
	struct rdma_cm_ns_refusal refusal;
	struct net_device *netdev;

	netdev = cma_ns_ingress_iwarp(request, cm_id->device, id->id.port_num,
				      &id->id.route.addr.dev_addr, destination);
	if (netdev) {
		rcu_read_lock();
		cma_ns_describe_ingress(request, netdev);
		request->ingress.handling_ifindex = netdev->ifindex;
		request->ingress.route = cma_ns_is_local(netdev, source) ?
						 RDMA_USER_CM_NS_ROUTE_SELF :
						 RDMA_USER_CM_NS_ROUTE_DELIVERED;
		if (!cma_ns_hears(outer, netdev))
			request->refusal = READ_ONCE(outer->ns.ifindex) ?
						   RDMA_USER_CM_NS_REASON_BOUND_ELSEWHERE :
						   RDMA_USER_CM_NS_REASON_NO_LISTENER;
		rcu_read_unlock();
		dev_put(netdev);
		cma_ns_name_rule(&request->ingress, outer);
	}
	if (!request->refusal && cma_ns_acceptable(request, cma_ns_policy_of(outer))) {
		cma_ns_accepted(id, listener, request);
		return 0;
	}
	refusal = cma_ns_refusal_of(request);
	iw_cm_reject(cm_id, &refusal, sizeof(refusal));
	return -EACCES;
}
