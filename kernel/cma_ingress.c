// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Step 1: on which netdev did the request arrive? */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/bonding.h>
#include <net/l3mdev.h>
#include <rdma/ib_cache.h>
#include <rdma/rdma_cm_ns_wire.h>

#include "cma_address.h"
#include "cma_qpn_record.h"
#include "cma_request.h"
#include "cma_settings.h"
#include "cma_verdict.h"

/*
 * A record from the peer's kernel takes precedence over one from its application. A trailer is
 * removed from the private data in any case.
 */
static bool cma_ns_find_record(struct cma_ns_request *request, const struct ib_cm_event *event,
			       const struct sockaddr *source, const struct sockaddr *destination,
			       struct cma_ns_record *record)
{
	struct cma_ns_record trailer;
	bool header, look = destination->sa_family == AF_INET6;

#ifdef RDMA_NS_VERSION
	/* That of librdma-ns is there over IPv4, too. */
	look = true;
#endif

	header = destination->sa_family == AF_INET &&
		 cma_ns_find_header(event->private_data, record);
	if (look && cma_ns_find_trailer(event->private_data,
					event->event == IB_CM_SIDR_REQ_RECEIVED, source,
					destination, &trailer)) {
		request->ingress.flags |= RDMA_USER_CM_NS_IN_TRAILER;
		if (header)
			record->flags |= trailer.flags & RDMA_CM_NS_REPLY;
		else
			*record = trailer;
	} else if (!header) {
		return false;
	}
	if (header)
		request->ingress.flags |= RDMA_USER_CM_NS_IN_HEADER;
	return true;
}

static void cma_ns_keep_record(struct rdma_user_cm_ns_ingress *ingress,
			       const struct cma_ns_record *record)
{
	if (record->flags & RDMA_CM_NS_SOURCE_QPN) {
		ingress->flags |= RDMA_USER_CM_NS_PEER_QPN;
		ingress->peer_qpn = record->source_qpn;
	}
	if (record->flags & RDMA_CM_NS_DESTINATION_QPN && cma_ns_heeding()) {
		ingress->flags |= RDMA_USER_CM_NS_WANTED_QPN;
		ingress->wanted_qpn = record->destination_qpn;
	}
	if (record->flags & RDMA_CM_NS_REPLY)
		ingress->flags |= RDMA_USER_CM_NS_REPLY;
}

/*
 * IPoIB bonds can only be active-backup. The backup ports of such a bond deliver nothing unless
 * all_slaves_active is set.
 */
static bool cma_ns_is_backup(struct net_device *bond, const struct net_device *port)
{
	const struct bonding *bonding = netdev_priv(bond);

	return BOND_MODE(bonding) == BOND_MODE_ACTIVEBACKUP &&
	       !READ_ONCE(bonding->params.all_slaves_active) &&
	       bond_option_active_slave_get_rcu(netdev_priv(bond)) != port;
}

/*
 * Packets that arrive through a port of a bond belong to the bond. Returns an error if no packet
 * can arrive through this port.
 */
static struct net_device *cma_ns_bond_of(struct cma_ns_request *request, struct net_device *netdev)
{
	struct net_device *bond;
	bool backup = false;

	rcu_read_lock();
	bond = netdev_master_upper_dev_get_rcu(netdev);
	if (bond && netif_is_bond_master(bond)) {
		backup = cma_ns_is_backup(bond, netdev);
		request->ingress.port_ifindex = netdev->ifindex;
		dev_hold(bond);
		dev_put(netdev);
		netdev = bond;
	}
	rcu_read_unlock();
	if (!backup)
		return netdev;
	request->refusal = RDMA_USER_CM_NS_REASON_ROUTE;
	request->route_error = -ENETDOWN;
	dev_put(netdev);
	return ERR_PTR(-EHOSTUNREACH);
}

/*
 * A request names a P_Key in its payload. It came in a packet with a P_Key of its own, by which the
 * port let it in. Only the packet's P_Key says which partition the sender belongs to.
 */
static u16 cma_ns_packet_pkey(const struct ib_cm_event *event)
{
	return event->event == IB_CM_SIDR_REQ_RECEIVED ? event->param.sidr_req_rcvd.bth_pkey :
							 event->param.req_rcvd.bth_pkey;
}

/*
 * Returns the netdev with a reference, or NULL or an error. It never returns another netdev than
 * the one that the peer aimed at.
 *
 * @pkey is the payload's. For a SIDR REQ, @port is the port that it arrived at. For a REQ, ib_cm
 * tells only the port that has the GID in the request's path: a sender can aim at another port of
 * the device if it knows a QPN there.
 */
struct net_device *cma_ns_ingress_ib(struct cma_ns_request *request,
				     const struct ib_cm_event *event, struct ib_device *device,
				     u32 port, u16 pkey, const union ib_gid *gid,
				     const struct sockaddr *source,
				     const struct sockaddr *destination)
{
	struct rdma_user_cm_ns_ingress *ingress = &request->ingress;
	struct cma_ns_record record;
	struct net_device *netdev;

	ingress->transport = RDMA_USER_CM_NS_TRANSPORT_IB;
	ingress->port = port;
	ingress->pkey = cma_ns_packet_pkey(event);
	request->pkey_differs = (ingress->pkey ^ pkey) & CMA_NS_PKEY_MASK;
	if (cma_ns_is_family_off(destination)) {
		request->refusal = RDMA_USER_CM_NS_REASON_UNRESOLVED;
		return NULL;
	}
	if (cma_ns_find_record(request, event, source, destination, &record))
		cma_ns_keep_record(ingress, &record);
	netdev = cma_ns_ipoib_netdev(request, device, gid, destination);
	if (!netdev)
		return NULL;
	/*
	 * The host's policy applies before a namespace is chosen, because that may be an
	 * intruder's.
	 */
	if (!cma_ns_acceptable(request, cma_ns_host_policy())) {
		dev_put(netdev);
		return ERR_PTR(-EACCES);
	}
	return cma_ns_bond_of(request, netdev);
}

/* Called under rcu_read_lock while @netdev is up, so that it stays in its namespace. */
void cma_ns_describe_ingress(struct cma_ns_request *request, struct net_device *netdev)
{
	struct rdma_user_cm_ns_ingress *ingress = &request->ingress;

	ingress->ifindex = netdev->ifindex;
	ingress->netns = dev_net(netdev)->ns.inum;
	ingress->vrf_ifindex = l3mdev_master_ifindex_rcu(netdev);
	if (ingress->vrf_ifindex == ingress->ifindex)
		ingress->vrf_ifindex = 0;
	if (is_vlan_dev(netdev))
		ingress->vlan = vlan_dev_vlan_id(netdev);
}
