// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Step 3: which listener accepts the request? Listeners are scored as TCP scores them. */
#include <linux/netdevice.h>
#include <net/l3mdev.h>
#include <net/net_namespace.h>
#include <rdma/restrack.h>

#include "cma_address.h"
#include "cma_choice.h"

/*
 * Do ids that are bound to @ifindex get what arrived on @netdev? As with SO_BINDTODEVICE, they do
 * if @ifindex is that netdev or its VRF. A bond has already replaced its port here. Called under
 * rcu_read_lock.
 */
bool cma_ns_arrived_on(int ifindex, struct net_device *netdev)
{
	return ifindex == netdev->ifindex || ifindex == l3mdev_master_ifindex_rcu(netdev);
}

/*
 * Do sockets outside VRFs get what arrives in one? The administrator decides this for TCP and UDP.
 */
bool cma_ns_vrfs_are_open(const struct rdma_id_private *id)
{
#ifdef CONFIG_NET_L3_MASTER_DEV
	const struct net *net = id->id.route.addr.dev_addr.net;
	bool datagram = id->id.ps == RDMA_PS_UDP || id->id.ps == RDMA_PS_IPOIB;

	return READ_ONCE(*(datagram ? &net->ipv4.sysctl_udp_l3mdev_accept :
				      &net->ipv4.sysctl_tcp_l3mdev_accept));
#else
	return true;
#endif
}

/*
 * The VRF that @id is in, or 0. An id that is bound to no netdev is in the VRF of its address's
 * netdev in two cases: the address is link-local, so that it has a scope, or the user is in the
 * kernel and cannot bind to a netdev. Other ids cannot have an address in a VRF. Called under
 * rcu_read_lock.
 */
int cma_ns_vrf(const struct rdma_id_private *id)
{
	const struct sockaddr *address = (const struct sockaddr *)&id->id.route.addr.src_addr;
	const struct rdma_dev_addr *dev_addr = &id->id.route.addr.dev_addr;
	int ifindex = READ_ONCE(id->ns.ifindex);
	struct net_device *netdev;

	if (!ifindex && !cma_ns_is_wildcard(address) &&
	    (cma_ns_is_link_local(address) || rdma_is_kernel_res(&id->res)))
		ifindex = dev_addr->bound_dev_if;
	netdev = ifindex ? dev_get_by_index_rcu(dev_addr->net, ifindex) : NULL;
	return netdev ? l3mdev_master_ifindex_rcu(netdev) : 0;
}

/*
 * Do the rules for netdevs and VRFs let @listener get what arrived on @netdev? Called under
 * rcu_read_lock.
 */
bool cma_ns_hears(const struct rdma_id_private *listener, struct net_device *netdev)
{
	int ifindex = READ_ONCE(listener->ns.ifindex), vrf;

	if (ifindex)
		return cma_ns_arrived_on(ifindex, netdev);
	vrf = l3mdev_master_ifindex_rcu(netdev);
	return !vrf || vrf == cma_ns_vrf(listener) || cma_ns_vrfs_are_open(listener);
}

/*
 * A listener for all devices has an internal listener on each of them. Options are set on the outer
 * one.
 */
struct rdma_id_private *cma_ns_listener(struct rdma_id_private *id)
{
	return id->internal_id ? id->id.context : id;
}

/*
 * An address beats the wildcard, then a netdev beats none, then a socket for one family beats one
 * for both. The bits of the score are in this order. A listener with AF_IB matches whatever IP
 * address is asked for, and can share the port with a stranger's, so it gets what nobody else does.
 */
static int cma_ns_score(const struct rdma_id_private *listener, bool by_ip)
{
	const struct sockaddr *address = (const struct sockaddr *)&listener->id.route.addr.src_addr;
	const bool is_ib = address->sa_family == AF_IB;

	if (is_ib == by_ip)
		return 1;
	return 2 + (cma_ns_is_wildcard(address) ? 0 : 4) +
	       (READ_ONCE(listener->ns.ifindex) ? 2 : 0) + (listener->afonly ? 1 : 0);
}

/*
 * @id matches by port, address and device. Ids that have the port but do not listen, such as
 * connecting ones, must not hide those that do. @netdev is NULL for AF_IB. Called under
 * rcu_read_lock and rdma_cm's global lock.
 */
void cma_ns_consider(struct cma_ns_choice *choice, struct rdma_id_private *id,
		     struct net_device *netdev)
{
	struct rdma_id_private *listener = cma_ns_listener(id);
	bool bound = READ_ONCE(listener->ns.ifindex);
	int points;

	if (READ_ONCE(id->state) != RDMA_CM_LISTEN || READ_ONCE(listener->state) != RDMA_CM_LISTEN)
		return;
	if (netdev ? !cma_ns_hears(listener, netdev) : bound) {
		choice->elsewhere |= bound;
		return;
	}
	points = cma_ns_score(listener, netdev);
	/* Of equals the newest, which the list has first, accepts: so it is in TCP. */
	if (points > choice->score) {
		choice->score = points;
		choice->id = id;
	}
}

struct rdma_id_private *cma_ns_chosen(const struct cma_ns_choice *choice)
{
	if (choice->id)
		return choice->id;
	return choice->elsewhere ? ERR_PTR(-EADDRNOTAVAIL) : ERR_PTR(-EINVAL);
}
