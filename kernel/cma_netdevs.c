// SPDX-License-Identifier: GPL-2.0
/*
 * The host's IPoIB netdevs by QPN. Only the QPN is kept: P_Key, GID and network namespace of a netdev
 * change without an event and are read from it at each look.
 */
#include <linux/hashtable.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <rdma/ib_cache.h>

#include "cma_ns.h"

#define PKEY_WITHOUT_MEMBERSHIP 0x7fff

struct ipoib_netdev {
	struct hlist_node node;
	struct rcu_head rcu;
	struct net_device *netdev;
	u32 qpn;
};

/* Written under the RTNL, read under RCU. */
static DEFINE_HASHTABLE(ipoib_netdevs, 10);

u32 cma_ns_netdev_qpn(const struct net_device *netdev)
{
	return netdev->dev_addr[1] << 16 | netdev->dev_addr[2] << 8 | netdev->dev_addr[3];
}

/* IPoIB's broadcast address holds the P_Key. */
u16 cma_ns_netdev_pkey(const struct net_device *netdev)
{
	return netdev->broadcast[8] << 8 | netdev->broadcast[9];
}

static const union ib_gid *cma_ns_netdev_gid(const struct net_device *netdev)
{
	return (const union ib_gid *)(netdev->dev_addr + 4);
}

/* A bond has the address of its active port. */
static bool cma_ns_is_ipoib(const struct net_device *netdev)
{
	return netdev->type == ARPHRD_INFINIBAND && !netif_is_lag_master(netdev);
}

static void cma_ns_remove_netdev(const struct net_device *netdev, const struct ipoib_netdev *except)
{
	struct ipoib_netdev *entry;
	struct hlist_node *next;
	int bucket;

	hash_for_each_safe(ipoib_netdevs, bucket, next, entry, node)
	{
		if (entry->netdev != netdev || entry == except)
			continue;
		hash_del_rcu(&entry->node);
		kfree_rcu(entry, rcu);
	}
}

/* Also when the address has changed: the GUID may, a QPN does only with some accelerators. */
static int cma_ns_add_netdev(struct net_device *netdev)
{
	u32 qpn = cma_ns_netdev_qpn(netdev);
	struct ipoib_netdev *entry;

	hash_for_each_possible (ipoib_netdevs, entry, node, qpn) {
		if (entry->netdev == netdev && entry->qpn == qpn)
			return 0;
	}
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return -ENOMEM;
	entry->netdev = netdev;
	entry->qpn = qpn;
	hash_add_rcu(ipoib_netdevs, &entry->node, qpn);
	cma_ns_remove_netdev(netdev, entry);
	return 0;
}

/*
 * A netdev that moves to another namespace is unregistered and registered. Whoever finds it in between
 * two grace periods gets a reference before it can go: UNREGISTER comes before synchronize_net().
 */
static int cma_ns_netdev_event(struct notifier_block *block, unsigned long event, void *data)
{
	struct net_device *netdev = netdev_notifier_info_to_dev(data);

	if (event == NETDEV_UNREGISTER)
		cma_ns_netdev_gone(netdev);
	if (!cma_ns_is_ipoib(netdev))
		return NOTIFY_DONE;
	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_CHANGEADDR:
		return notifier_from_errno(cma_ns_add_netdev(netdev));
	case NETDEV_UNREGISTER:
		cma_ns_remove_netdev(netdev, NULL);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = { .notifier_call = cma_ns_netdev_event };

int cma_ns_netdevs_init(void)
{
	/* Tells of the netdevs that are there. */
	return register_netdevice_notifier(&netdev_notifier);
}

void cma_ns_netdevs_exit(void)
{
	unregister_netdevice_notifier(&netdev_notifier);
	rcu_barrier();
}

/* A SIDR REQ has no GID: then the netdev's own must be one of the port's. */
static bool cma_ns_is_of_port(const struct net_device *netdev, struct ib_device *device, u32 port,
			      const union ib_gid *gid)
{
	const struct ib_gid_attr *attribute;

	if (gid && memcmp(cma_ns_netdev_gid(netdev), gid, sizeof(*gid)))
		return false;
	attribute = rdma_find_gid_by_port(device, cma_ns_netdev_gid(netdev), IB_GID_TYPE_IB, port,
					  NULL);
	if (IS_ERR(attribute))
		return false;
	rdma_put_gid_attr(attribute);
	return true;
}

static bool cma_ns_has_pkey(const struct net_device *netdev, u16 pkey)
{
	return !((cma_ns_netdev_pkey(netdev) ^ pkey) & PKEY_WITHOUT_MEMBERSHIP);
}

/* With a reference, or NULL. */
struct net_device *cma_ns_netdev_by_qpn(struct ib_device *device, u32 port, u16 pkey,
					const union ib_gid *gid, u32 qpn)
{
	struct net_device *found = NULL;
	struct ipoib_netdev *entry;

	rcu_read_lock();
	hash_for_each_possible_rcu (ipoib_netdevs, entry, node, qpn) {
		if (entry->qpn != qpn || !cma_ns_has_pkey(entry->netdev, pkey) ||
		    !cma_ns_is_of_port(entry->netdev, device, port, gid))
			continue;
		found = entry->netdev;
		dev_hold(found);
		break;
	}
	rcu_read_unlock();
	return found;
}

struct address_walk {
	const struct sockaddr *address;
	bool found;
};

static int cma_ns_upper_has_address(struct net_device *upper, struct netdev_nested_priv *nested)
{
	struct address_walk *walk = nested->data;

	walk->found = cma_ns_netdev_has_address(upper, walk->address);
	return walk->found;
}

static bool cma_ns_it_or_upper_has_address(struct net_device *netdev,
					   const struct sockaddr *address)
{
	struct address_walk walk = { .address = address };
	struct netdev_nested_priv nested = { .data = &walk };

	if (cma_ns_netdev_has_address(netdev, address))
		return true;
	netdev_walk_all_upper_dev_rcu(netdev, cma_ns_upper_has_address, &nested);
	return walk.found;
}

/*
 * How many netdevs of the host a request without a QPN fits. As ever in rdma_cm the address counts only if
 * P_Key and GID do not suffice, and whether a netdev is up does not. Linear: only for such requests.
 */
unsigned int cma_ns_netdevs_by_address(struct ib_device *device, u32 port, u16 pkey,
				       const union ib_gid *gid, const struct sockaddr *address,
				       bool *by_gid)
{
	unsigned int fitting = 0, with_address = 0;
	struct ipoib_netdev *entry;
	int bucket;

	rcu_read_lock();
	hash_for_each_rcu(ipoib_netdevs, bucket, entry, node)
	{
		if (!cma_ns_has_pkey(entry->netdev, pkey) ||
		    !cma_ns_is_of_port(entry->netdev, device, port, gid))
			continue;
		fitting++;
		if (cma_ns_it_or_upper_has_address(entry->netdev, address))
			with_address++;
	}
	rcu_read_unlock();
	*by_gid = fitting == 1;
	return *by_gid ? 1 : with_address;
}
