// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Lists the netdevs of a port in a network namespace.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/bonding.h>
#include <net/net_namespace.h>
#include <rdma/ib_cache.h>
#include <rdma/ib_verbs.h>

#include "port_netdevs.h"
#ifdef RDMA_NS_VERSION
#include <ipoib_ns_query.h>
#endif

static void rdma_ns_add(struct rdma_ns_port_netdevs *netdevs, const struct net_device *netdev,
			u32 qpn, u16 pkey)
{
	struct rdma_ns_port_netdev *entry = &netdevs->entries[netdevs->count];

	if (netdevs->count++ >= netdevs->room)
		return;
	*entry = (struct rdma_ns_port_netdev){
		.ifindex = netdev->ifindex,
		.qpn = qpn,
		.pkey = pkey,
	};
	if (is_vlan_dev(netdev))
		entry->vlan = vlan_dev_vlan_id(netdev);
}

static bool rdma_ns_has(const struct rdma_ns_port_netdevs *netdevs, const struct net_device *netdev)
{
	u32 i;

	for (i = 0; i < min(netdevs->count, netdevs->room); i++)
		if (netdevs->entries[i].ifindex == netdev->ifindex)
			return true;
	return false;
}

/* A bond is reached through the QPN of its active port. */
static void rdma_ns_add_ipoib(void *context, struct net_device *netdev, u32 qpn, u16 pkey)
{
	struct rdma_ns_port_netdevs *netdevs = context;
	struct net_device *master;

	if (!net_eq(dev_net(netdev), netdevs->net))
		return;
	rdma_ns_add(netdevs, netdev, qpn, pkey);
	master = netdev_master_upper_dev_get_rcu(netdev);
	if (master && netif_is_bond_master(master) &&
	    bond_option_active_slave_get_rcu(netdev_priv(master)) == netdev)
		rdma_ns_add(netdevs, master, qpn, pkey);
}

/* The owner of a netdev can write its type and addresses, so ib_ipoib is asked. */
static int rdma_ns_list_ipoib(struct rdma_ns_port_netdevs *netdevs, struct ib_device *device,
			      u32 port)
{
#ifdef RDMA_NS_VERSION
	struct ipoib_ns_answer answer = {};
	const struct ipoib_ns_query query = {
		.family = IPOIB_NS_FAMILY,
		.version = IPOIB_NS_VERSION,
		.question = IPOIB_NS_LIST,
		.answer = &answer,
		.each = rdma_ns_add_ipoib,
		.context = netdevs,
	};

	dev_put(ib_get_net_dev_by_params(device, port, 0, NULL, (const struct sockaddr *)&query));
	/* The stock ib_ipoib does not answer. */
	return answer.given ? 0 : -EOPNOTSUPP;
#else
	ib_each_net_dev(device, port, rdma_ns_add_ipoib, netdevs);
	return 0;
#endif
}

/* A netdev has a GID for each of its addresses, but it is listed only once. */
static void rdma_ns_list_roce(struct rdma_ns_port_netdevs *netdevs, struct ib_device *device,
			      u32 port)
{
	const struct ib_gid_attr *attribute;
	struct net_device *netdev;
	int i;

	for (i = 0; i < device->port_data[port].immutable.gid_tbl_len; i++) {
		attribute = rdma_get_gid_attr(device, port, i);
		if (IS_ERR(attribute))
			continue;
		rcu_read_lock();
		netdev = rdma_read_gid_attr_ndev_rcu(attribute);
		if (!IS_ERR(netdev) && net_eq(dev_net(netdev), netdevs->net) &&
		    !rdma_ns_has(netdevs, netdev))
			rdma_ns_add(netdevs, netdev, 0, 0);
		rcu_read_unlock();
		rdma_put_gid_attr(attribute);
	}
}

/*
 * The driver has said which netdev the port is on. The VLANs of that netdev count too. Devices of
 * several drivers may be on one.
 */
static void rdma_ns_list_iwarp(struct rdma_ns_port_netdevs *netdevs, struct ib_device *device,
			       u32 port, struct net *net)
{
	struct net_device *netdev, *lower, *below;

	rcu_read_lock();
	below = rcu_dereference(device->port_data[port].netdev);
	for_each_netdev_rcu (net, netdev) {
		lower = is_vlan_dev(netdev) ? vlan_dev_real_dev(netdev) : netdev;
		if (lower == below)
			rdma_ns_add(netdevs, netdev, 0, 0);
	}
	rcu_read_unlock();
}

static int rdma_ns_list_once(struct rdma_ns_port_netdevs *netdevs, struct ib_device *device,
			     u32 port, struct net *net)
{
	if (rdma_protocol_roce(device, port))
		rdma_ns_list_roce(netdevs, device, port);
	else if (rdma_protocol_iwarp(device, port))
		rdma_ns_list_iwarp(netdevs, device, port, net);
	else
		return rdma_ns_list_ipoib(netdevs, device, port);
	return 0;
}

/* Netdevs may appear between two passes, so this goes on until all of them fit. */
int rdma_ns_list_port_netdevs(struct rdma_ns_port_netdevs *netdevs, struct ib_device *device,
			      u32 port, struct net *net)
{
	int ret;

	/*
	 * A RoCE port has at most one netdev for each entry of its GID table. For other ports this
	 * is usually enough.
	 */
	netdevs->room = max(16, device->port_data[port].immutable.gid_tbl_len);
	netdevs->net = net;
	for (;;) {
		netdevs->count = 0;
		netdevs->entries = kvmalloc_array(netdevs->room, sizeof(*netdevs->entries),
						  GFP_KERNEL_ACCOUNT);
		if (!netdevs->entries)
			return -ENOMEM;
		ret = rdma_ns_list_once(netdevs, device, port, net);
		if (!ret && netdevs->count <= netdevs->room)
			return 0;
		kvfree(netdevs->entries);
		if (ret)
			return ret;
		netdevs->room = netdevs->count + netdevs->count / 8;
	}
}
