// SPDX-License-Identifier: GPL-2.0
/* Step 3: which listener accepts? Scored as TCP scores. */
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/addrconf.h>
#include <net/l3mdev.h>

#include "cma_ns.h"

/* Does this very netdev have the address? Under rcu_read_lock. */
bool cma_netdev_has_address(const struct net_device *netdev, const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct in_ifaddr *ifa;
	struct in_device *device;

	switch (address->sa_family) {
	case AF_INET:
		device = __in_dev_get_rcu(netdev);
		if (!device)
			return false;
		in_dev_for_each_ifa_rcu(ifa, device)
		{
			if (ifa->ifa_local == in->sin_addr.s_addr)
				return true;
		}
		return false;
	case AF_INET6:
		return IS_ENABLED(CONFIG_IPV6) &&
		       ipv6_chk_addr(dev_net(netdev), &in6->sin6_addr, netdev, 1);
	default:
		return false;
	}
}

/*
 * Is what arrived on @netdev for ids bound to @ifindex, as SO_BINDTODEVICE has it: the netdev, or the VRF
 * that it is a port of? A bond has taken its ports' place already. Under rcu_read_lock.
 */
bool cma_ns_arrived_on(int ifindex, struct net_device *netdev)
{
	return ifindex == netdev->ifindex || ifindex == l3mdev_master_ifindex_rcu(netdev);
}

/* A listener for all devices has a listener of its own on each: what was set is the first one's. */
struct rdma_id_private *cma_ns_listener(struct rdma_id_private *id)
{
	return id->internal_id ? id->id.context : id;
}

/* Loopback addresses are wildcards to rdma_cm. */
bool cma_ns_is_wildcard(const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;

	switch (address->sa_family) {
	case AF_INET:
		return ipv4_is_zeronet(in->sin_addr.s_addr) ||
		       ipv4_is_loopback(in->sin_addr.s_addr);
	case AF_INET6:
		return ipv6_addr_any(&in6->sin6_addr) || ipv6_addr_loopback(&in6->sin6_addr);
	default:
		return false;
	}
}

/*
 * An address before the wildcard, then a netdev before none, then a socket of the family before one of
 * both. The bits are in this order.
 */
static int score(const struct rdma_id_private *listener)
{
	const struct sockaddr *address = (const struct sockaddr *)&listener->id.route.addr.src_addr;

	return 1 + (cma_ns_is_wildcard(address) ? 0 : 4) +
	       (READ_ONCE(listener->ns.ifindex) ? 2 : 0) + (listener->afonly ? 1 : 0);
}

/*
 * @id matches by port, address and device. Ids with a port that do not listen, such as connecting ones,
 * must not stand before those that do. @netdev is NULL for AF_IB. Under rcu_read_lock and cma.c's lock.
 */
void cma_ns_consider(struct cma_ns_choice *choice, struct rdma_id_private *id,
		     struct net_device *netdev)
{
	struct rdma_id_private *listener = cma_ns_listener(id);
	int ifindex = READ_ONCE(listener->ns.ifindex);
	int points;

	if (READ_ONCE(id->state) != RDMA_CM_LISTEN || READ_ONCE(listener->state) != RDMA_CM_LISTEN)
		return;
	if (ifindex && (!netdev || !cma_ns_arrived_on(ifindex, netdev))) {
		choice->elsewhere = true;
		return;
	}
	points = score(listener);
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

/* The netdev below a port, where the provider has told of it. Under rcu_read_lock. */
struct net_device *cma_port_netdev(struct ib_device *device, u32 port)
{
	if (!rdma_is_port_valid(device, port))
		return NULL;
	return rcu_dereference(device->port_data[port].netdev);
}

/* Its sockets are the calling process's, and so is their namespace. */
bool cma_ns_iwarp_is_home(const struct rdma_id_private *id)
{
	return !id->ns.netns_set ||
	       net_eq(id->id.route.addr.dev_addr.net, current->nsproxy->net_ns);
}

static int is_it(struct net_device *upper, struct netdev_nested_priv *nested)
{
	return upper == nested->data;
}

/*
 * iWARP providers open a socket for each listener, so that a second one on the port fails. A listener
 * bound to a netdev is of no use on a device that is not below it; where nobody knows, it listens.
 * Other transports share what they listen on.
 */
bool cma_ns_listens_on(struct rdma_id_private *id, struct ib_device *device)
{
	struct netdev_nested_priv nested = {};
	struct net_device *netdev, *bound;
	int ifindex = READ_ONCE(id->ns.ifindex);
	bool listens = true;

	if (!rdma_cap_iw_cm(device, rdma_start_port(device)))
		return true;
	if (!cma_ns_iwarp_is_home(id))
		return false;
	if (!ifindex)
		return true;
	rcu_read_lock();
	netdev = cma_port_netdev(device, rdma_start_port(device));
	if (netdev) {
		bound = dev_get_by_index_rcu(id->id.route.addr.dev_addr.net, ifindex);
		nested.data = bound;
		listens = bound && (netdev == bound ||
				    netdev_walk_all_upper_dev_rcu(netdev, is_it, &nested));
	}
	rcu_read_unlock();
	return listens;
}
