// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* ib_ipoib tells which netdev a request is for, and how many others it might be for. */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <net/rtnetlink.h>

#include "cma_ns.h"
#include <ipoib_ns_query.h>

/* Is an ib_ipoib loaded that answers questions? */
bool cma_ns_ipoib_answers(void)
{
	const unsigned int *version = symbol_get(ipoib_ns_version);
	bool answers;

	if (!version)
		return false;
	answers = *version == IPOIB_NS_VERSION;
	symbol_put(ipoib_ns_version);
	return answers;
}

/*
 * The QPN of a netdev that ib_ipoib made, or 0. Nobody else has link operations of that kind, and
 * nobody can change these bytes in the address of such a netdev. The address of a bond or a VRF can
 * be written by its owner.
 */
static u32 cma_ns_stock_qpn(const struct net_device *netdev)
{
	const struct rtnl_link_ops *ops = netdev->rtnl_link_ops;

	if (!ops || strcmp(ops->kind, "ipoib"))
		return 0;
	return netdev->dev_addr[1] << 16 | netdev->dev_addr[2] << 8 | netdev->dev_addr[3];
}

/*
 * The stock ib_ipoib finds one netdev by address and does not tell whether there are others. A QPN
 * can confirm its answer. An answer that is not confirmed may be the wrong netdev, so it counts as
 * ambiguous unless no other netdev has the P_Key and the GID.
 */
static struct net_device *cma_ns_ask_stock(struct cma_ns_request *request, struct ib_device *device,
					   const union ib_gid *gid,
					   const struct sockaddr *destination,
					   struct net_device *alone)
{
	struct rdma_user_cm_ns_ingress *ingress = &request->ingress;
	bool aimed = ingress->flags & RDMA_USER_CM_NS_WANTED_QPN;
	struct net_device *netdev = alone;

	if (!netdev)
		netdev = ib_get_net_dev_by_params(device, ingress->port, ingress->pkey, gid,
						  destination);
	if (!netdev)
		return NULL;
	pr_notice_once("rdma_cm: the stock ib_ipoib is loaded: policy verify refuses what a QPN cannot confirm; load the extended one\n");
	ingress->local_qpn = cma_ns_stock_qpn(netdev);
	if (aimed && ingress->local_qpn == ingress->wanted_qpn) {
		ingress->decided_by = RDMA_USER_CM_NS_BY_QPN;
	} else if (aimed && alone && ingress->local_qpn) {
		dev_put(netdev);
		return NULL;
	} else if (aimed || !alone) {
		ingress->decided_by = RDMA_USER_CM_NS_BY_AMBIGUOUS;
	} else {
		ingress->decided_by = RDMA_USER_CM_NS_BY_GID;
		ingress->candidates = 1;
	}
	return netdev;
}

/*
 * Finds the IPoIB netdev for a request with the packet's port and P_Key, and returns it with a
 * reference, or NULL. If the peer aimed at a QPN, this is the netdev with that QPN, whatever its
 * GID. Otherwise it is the first one that fits. @request then says how it was found.
 */
static struct net_device *cma_ns_ask(struct cma_ns_request *request, struct ib_device *device,
				     const union ib_gid *gid, const struct sockaddr *destination)
{
	struct rdma_user_cm_ns_ingress *ingress = &request->ingress;
	bool aimed = ingress->flags & RDMA_USER_CM_NS_WANTED_QPN;
	struct ipoib_ns_answer answer = {};
	const struct ipoib_ns_query query = {
		.family = IPOIB_NS_FAMILY,
		.version = IPOIB_NS_VERSION,
		.question = aimed ? IPOIB_NS_BY_QPN : IPOIB_NS_BY_ADDRESS,
		.answer = &answer,
		.qpn = ingress->wanted_qpn,
		.address = destination,
	};
	struct net_device *netdev;

	netdev = ib_get_net_dev_by_params(device, ingress->port, ingress->pkey, gid,
					  (const struct sockaddr *)&query);
	if (!answer.given)
		return cma_ns_ask_stock(request, device, gid, destination, netdev);
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
	struct net_device *netdev = cma_ns_ask(request, device, gid, destination);

	if (!netdev)
		request->refusal = request->ingress.flags & RDMA_USER_CM_NS_WANTED_QPN ?
					   RDMA_USER_CM_NS_REASON_QPN_UNKNOWN :
					   RDMA_USER_CM_NS_REASON_UNRESOLVED;
	return netdev;
}
