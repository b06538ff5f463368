// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Step 1 over RoCE: a frame identifies its netdev by GID and VLAN, and the port's GID table knows
 * which netdevs have both.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <rdma/ib_cache.h>

#include "cma_address.h"
#include "cma_settings.h"
#include "cma_verdict.h"

/*
 * Could another netdev than @netdev, that of @entry, have received a frame that was sent to the GID
 * of @attr with @vlan? Its owner may take it up at any moment, so it counts while it is down, too.
 * If a netdev's GID is also its default GID, the table has it twice, and only the first entry
 * counts. Called under rcu_read_lock.
 */
static bool cma_ns_shares_gid(struct ib_device *device, u32 port, const struct ib_gid_attr *entry,
			      const struct ib_gid_attr *attr, u16 vlan,
			      const struct net_device *netdev)
{
	const struct ib_gid_attr *first;
	struct net_device *other;
	u16 own_vlan;
	bool shares;

	if (entry->gid_type != attr->gid_type ||
	    memcmp(&entry->gid, &attr->gid, sizeof(entry->gid)))
		return false;
	other = rdma_read_gid_attr_ndev_rcu(entry);
	if (IS_ERR(other) || other == netdev || rdma_read_gid_l2_fields(entry, &own_vlan, NULL) ||
	    own_vlan != vlan)
		return false;
	first = rdma_find_gid_by_port(device, &entry->gid, entry->gid_type, port, other);
	if (IS_ERR(first))
		return false;
	shares = first->index == entry->index;
	rdma_put_gid_attr(first);
	return shares;
}

/*
 * Counts @netdev, which is the one of @attr, and the others that have the GID and the VLAN of
 * @attr, whatever is above or below them.
 */
static unsigned int cma_ns_count_sharing(struct ib_device *device, u32 port,
					 const struct ib_gid_attr *attr,
					 const struct net_device *netdev)
{
	int length = device->port_data[port].immutable.gid_tbl_len;
	const struct ib_gid_attr *entry;
	unsigned int count = 1;
	u16 vlan;
	int i;

	/* The GID has just gone. Who else has it cannot be said any more. */
	if (rdma_read_gid_l2_fields(attr, &vlan, NULL))
		return 2;
	for (i = 0; i < length; i++) {
		entry = rdma_get_gid_attr(device, port, i);
		if (IS_ERR(entry))
			continue;
		rcu_read_lock();
		if (cma_ns_shares_gid(device, port, entry, attr, vlan, netdev))
			count++;
		rcu_read_unlock();
		rdma_put_gid_attr(entry);
	}
	return count;
}

/*
 * Returns @netdev, with its reference, or NULL or an error. It is the netdev of the GID that the
 * request was sent to, found with the frame's VLAN. If several netdevs have both, as macvlans can,
 * it is merely the first one in the GID table.
 */
struct net_device *cma_ns_ingress_roce(struct cma_ns_request *request,
				       const struct ib_cm_event *event, struct ib_device *device,
				       u32 port, struct net_device *netdev,
				       const struct sockaddr *destination)
{
	struct rdma_user_cm_ns_ingress *ingress = &request->ingress;
	const struct ib_gid_attr *attr = event->event == IB_CM_SIDR_REQ_RECEIVED ?
						 event->param.sidr_req_rcvd.sgid_attr :
						 event->param.req_rcvd.ppath_sgid_attr;

	ingress->transport = RDMA_USER_CM_NS_TRANSPORT_ROCE;
	ingress->port = port;
	if (netdev && cma_ns_is_family_off(destination)) {
		dev_put(netdev);
		netdev = NULL;
	}
	if (!netdev) {
		request->refusal = RDMA_USER_CM_NS_REASON_UNRESOLVED;
		return NULL;
	}
	ingress->candidates = cma_ns_count_sharing(device, port, attr, netdev);
	if (ingress->candidates > 1)
		ingress->decided_by = RDMA_USER_CM_NS_BY_AMBIGUOUS;
	else if (is_vlan_dev(netdev))
		ingress->decided_by = RDMA_USER_CM_NS_BY_VLAN;
	else
		ingress->decided_by = RDMA_USER_CM_NS_BY_GID;
	if (!cma_ns_acceptable(request, cma_ns_host_policy())) {
		dev_put(netdev);
		return ERR_PTR(-EACCES);
	}
	return netdev;
}
