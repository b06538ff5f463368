// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The distribution's ib_core has no operation by which ib_ipoib could be asked for more than an
 * address, and its ib_ipoib knows no answer.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <net/rtnetlink.h>

#include "cma_ns.h"

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
struct net_device *cma_ns_ask_stock(struct cma_ns_request *request, struct ib_device *device,
				    const union ib_gid *gid, const struct sockaddr *destination,
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
	pr_notice_once("rdma_cm: the stock ib_ipoib is loaded, or that of another version: policy verify refuses what a QPN cannot confirm; load the one that was built with this rdma_cm\n");
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
 * Asks ib_ipoib in the place of an address: see ipoib_ns_query.h. @qpn is 0 if the peer aimed at
 * none.
 */
struct net_device *cma_ns_by_query(struct ib_device *device, u32 port, u16 pkey, u32 qpn,
				   const union ib_gid *gid, const struct sockaddr *destination,
				   struct ipoib_ns_answer *answer)
{
	const struct ipoib_ns_query query = {
		.family = IPOIB_NS_FAMILY,
		.version = IPOIB_NS_VERSION,
		.question = qpn ? IPOIB_NS_BY_QPN : IPOIB_NS_BY_ADDRESS,
		.answer = answer,
		.qpn = qpn,
		.address = destination,
	};

	return ib_get_net_dev_by_params(device, port, pkey, gid, (const struct sockaddr *)&query);
}
