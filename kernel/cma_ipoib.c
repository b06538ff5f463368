// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* ib_ipoib tells which netdev a request is for, and how many others it might be for. */
#include <linux/netdevice.h>
#include <rdma/ib_verbs.h>

#include "cma_request.h"
#ifdef RDMA_NS_VERSION
#include "cma_ns.h"
#endif

/*
 * Finds the IPoIB netdev for a request with the packet's port and P_Key, and returns it with a
 * reference, or NULL. If the peer aimed at a QPN, this is the netdev with that QPN, whatever its
 * GID. Otherwise it is the first one that fits. @request then says how it was found.
 */
static struct net_device *cma_ns_find_netdev(struct cma_ns_request *request,
					     struct ib_device *device, const union ib_gid *gid,
					     const struct sockaddr *destination)
{
	struct rdma_user_cm_ns_ingress *ingress = &request->ingress;
	bool aimed = ingress->flags & RDMA_USER_CM_NS_WANTED_QPN;
	struct ipoib_ns_answer answer = {};
	struct net_device *netdev;

	netdev = cma_ns_by_query(device, ingress->port, ingress->pkey,
				 aimed ? ingress->wanted_qpn : 0, gid, destination, &answer);
#ifdef RDMA_NS_VERSION
	if (!answer.given)
		return cma_ns_ask_stock(request, device, gid, destination, netdev);
#endif
	if (!netdev)
		return NULL;
	ingress->local_qpn = answer.qpn;
	ingress->pkey = answer.pkey;
	ingress->candidates = answer.candidates;
	if (aimed)
		ingress->decided_by = RDMA_USER_CM_NS_BY_QPN;
	else if (answer.candidates > 1)
		ingress->decided_by = RDMA_USER_CM_NS_BY_AMBIGUOUS;
	else
		ingress->decided_by = answer.alone ? RDMA_USER_CM_NS_BY_GID :
						     RDMA_USER_CM_NS_BY_ADDRESS;
	return netdev;
}

struct net_device *cma_ns_ipoib_netdev(struct cma_ns_request *request, struct ib_device *device,
				       const union ib_gid *gid, const struct sockaddr *destination)
{
	struct net_device *netdev = cma_ns_find_netdev(request, device, gid, destination);

	if (!netdev)
		request->refusal = request->ingress.flags & RDMA_USER_CM_NS_WANTED_QPN ?
					   RDMA_USER_CM_NS_REASON_QPN_UNKNOWN :
					   RDMA_USER_CM_NS_REASON_UNRESOLVED;
	return netdev;
}
