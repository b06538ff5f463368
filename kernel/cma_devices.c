// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* iWARP: the netdev below a device's port, and the devices on which an id listens. */
#include <linux/netdevice.h>
#ifdef RDMA_NS_WITH_OPTIONS
#include <linux/nsproxy.h>
#include <linux/sched.h>
#endif
#include <rdma/ib_verbs.h>

#include "cma_devices.h"

/* The netdev below a port, if the provider has named one. Called under rcu_read_lock. */
struct net_device *cma_ns_port_netdev(struct ib_device *device, u32 port)
{
	if (!rdma_is_port_valid(device, port))
		return NULL;
	return rcu_dereference(device->port_data[port].netdev);
}

#ifdef RDMA_NS_WITH_OPTIONS
/*
 * The provider opens an id's sockets in the namespace of the calling process. Is that the id's own?
 */
bool cma_ns_iwarp_is_home(const struct rdma_id_private *id)
{
	return !id->ns.netns_set ||
	       net_eq(id->id.route.addr.dev_addr.net, current->nsproxy->net_ns);
}
#endif

static int cma_ns_is_it(struct net_device *upper, struct netdev_nested_priv *nested)
{
	return upper == nested->data;
}

/*
 * An iWARP provider opens a socket for each listener, so a second listener on the same port fails.
 * A listener that is bound to a netdev is of no use on a device that is not below that netdev. If
 * the device's netdev is unknown, the id listens. Listeners of other transports share what they
 * listen on.
 */
bool cma_ns_listens_on(struct rdma_id_private *id, struct ib_device *device)
{
	struct netdev_nested_priv nested = {};
	struct net_device *netdev, *bound;
	int ifindex = READ_ONCE(id->ns.ifindex);
	bool listens = true;

	if (!rdma_cap_iw_cm(device, rdma_start_port(device)))
		return true;
#ifdef RDMA_NS_WITH_OPTIONS
	if (!cma_ns_iwarp_is_home(id))
		return false;
#endif
	if (!ifindex)
		return true;
	rcu_read_lock();
	netdev = cma_ns_port_netdev(device, rdma_start_port(device));
	if (netdev) {
		bound = dev_get_by_index_rcu(id->id.route.addr.dev_addr.net, ifindex);
		nested.data = bound;
		listens = bound && (netdev == bound ||
				    netdev_walk_all_upper_dev_rcu(netdev, cma_ns_is_it, &nested));
	}
	rcu_read_unlock();
	return listens;
}
