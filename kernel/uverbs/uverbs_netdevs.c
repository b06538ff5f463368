// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A method of the device object that lists the netdevs of a port in the caller's network namespace.
 */
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <net/bonding.h>
#include <net/net_namespace.h>
#include <rdma/ib_cache.h>
#include <rdma/rdma_user_ioctl_ns.h>
#include <rdma/uverbs_std_types.h>

#include "rdma_core.h"
#include "uverbs.h"

#define UVERBS_MODULE_NAME ib_uverbs
#include <rdma/uverbs_named_ioctl.h>

#include "uverbs_netdevs.h"
#include <ipoib_ns_query.h>

/* If the method's number were too high, no device would get its file. */
static_assert(RDMA_NS_METHOD_QUERY_NETDEVS + 1 < UVERBS_API_METHOD_KEY_NUM_CORE);

struct listing {
	const struct net *net;
	struct rdma_ns_netdev_entry *entries;
	u32 room, count;
};

static void rdma_ns_add(struct listing *listing, const struct net_device *netdev, u32 qpn, u16 pkey)
{
	struct rdma_ns_netdev_entry *entry = &listing->entries[listing->count];

	if (listing->count++ >= listing->room)
		return;
	memset(entry, 0, sizeof(*entry));
	entry->ifindex = netdev->ifindex;
	entry->qpn = qpn;
	entry->pkey = pkey;
	if (is_vlan_dev(netdev))
		entry->vlan = vlan_dev_vlan_id(netdev);
}

static bool rdma_ns_has(const struct listing *listing, const struct net_device *netdev)
{
	u32 i;

	for (i = 0; i < min(listing->count, listing->room); i++)
		if (listing->entries[i].ifindex == netdev->ifindex)
			return true;
	return false;
}

/* A bond is reached through the QPN of its active port. */
static void rdma_ns_add_ipoib(void *context, struct net_device *netdev, u32 qpn, u16 pkey)
{
	struct listing *listing = context;
	struct net_device *master;

	if (!net_eq(dev_net(netdev), listing->net))
		return;
	rdma_ns_add(listing, netdev, qpn, pkey);
	master = netdev_master_upper_dev_get_rcu(netdev);
	if (master && netif_is_bond_master(master) &&
	    bond_option_active_slave_get_rcu(netdev_priv(master)) == netdev)
		rdma_ns_add(listing, master, qpn, pkey);
}

/*
 * The owner of a netdev can write its type and addresses, so ib_ipoib is asked. The stock ib_ipoib
 * does not answer.
 */
static int rdma_ns_list_ipoib(struct listing *listing, struct ib_device *device, u32 port)
{
	struct ipoib_ns_answer answer = {};
	const struct ipoib_ns_query query = {
		.family = IPOIB_NS_FAMILY,
		.version = IPOIB_NS_VERSION,
		.question = IPOIB_NS_LIST,
		.answer = &answer,
		.each = rdma_ns_add_ipoib,
		.context = listing,
	};

	dev_put(ib_get_net_dev_by_params(device, port, 0, NULL, (const struct sockaddr *)&query));
	return answer.given ? 0 : -EOPNOTSUPP;
}

/* A netdev has a GID for each of its addresses, but it is listed only once. */
static void rdma_ns_list_roce(struct listing *listing, struct ib_device *device, u32 port)
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
		if (!IS_ERR(netdev) && net_eq(dev_net(netdev), listing->net) &&
		    !rdma_ns_has(listing, netdev))
			rdma_ns_add(listing, netdev, 0, 0);
		rcu_read_unlock();
		rdma_put_gid_attr(attribute);
	}
}

/*
 * The driver has said which netdev the port is on. The VLANs of that netdev count too. Devices of
 * several drivers may be on one.
 */
static void rdma_ns_list_iwarp(struct listing *listing, struct ib_device *device, u32 port,
			       struct net *net)
{
	struct net_device *netdev, *lower, *below;

	rcu_read_lock();
	below = rcu_dereference(device->port_data[port].netdev);
	for_each_netdev_rcu (net, netdev) {
		lower = is_vlan_dev(netdev) ? vlan_dev_real_dev(netdev) : netdev;
		if (lower == below)
			rdma_ns_add(listing, netdev, 0, 0);
	}
	rcu_read_unlock();
}

static int rdma_ns_list_port(struct listing *listing, struct ib_device *device, u32 port,
			     struct net *net)
{
	listing->net = net;
	if (rdma_protocol_roce(device, port))
		rdma_ns_list_roce(listing, device, port);
	else if (rdma_protocol_iwarp(device, port))
		rdma_ns_list_iwarp(listing, device, port, net);
	else
		return rdma_ns_list_ipoib(listing, device, port);
	return 0;
}

/* Netdevs may appear between two passes, so this goes on until all of them fit. */
static int rdma_ns_list_all(struct listing *listing, struct ib_device *device, u32 port)
{
	int ret;

	/*
	 * A RoCE port has at most one netdev for each entry of its GID table. For other ports this
	 * is usually enough.
	 */
	listing->room = max(16, device->port_data[port].immutable.gid_tbl_len);
	for (;;) {
		listing->count = 0;
		listing->entries = kvmalloc_array(listing->room, sizeof(*listing->entries),
						  GFP_KERNEL_ACCOUNT);
		if (!listing->entries)
			return -ENOMEM;
		ret = rdma_ns_list_port(listing, device, port, current->nsproxy->net_ns);
		if (!ret && listing->count <= listing->room)
			return 0;
		kvfree(listing->entries);
		if (ret)
			return ret;
		listing->room = listing->count + listing->count / 8;
	}
}

static int rdma_ns_copy_entries(const struct rdma_ns_query_netdevs *request,
				const struct listing *listing)
{
	u8 __user *to = u64_to_user_ptr(request->entries);
	size_t size = min_t(size_t, request->entry_size, sizeof(*listing->entries));
	u32 i;

	for (i = 0; i < min(request->room, listing->count); i++, to += request->entry_size) {
		if (copy_to_user(to, &listing->entries[i], size) ||
		    clear_user(to + size, request->entry_size - size))
			return -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int UVERBS_HANDLER(RDMA_NS_METHOD_QUERY_NETDEVS)(struct uverbs_attr_bundle *attrs)
{
	struct ib_uverbs_device *uverbs = attrs->ufile->device;
	struct rdma_ns_query_netdevs request;
	struct listing listing = {};
	struct ib_device *device;
	int ret;

	ret = uverbs_copy_from_or_zero(&request, attrs, RDMA_NS_ATTR_QUERY_NETDEVS_REQUEST);
	if (ret)
		return ret;
	/* The caller keeps the device as long as this function runs. */
	device = srcu_dereference(uverbs->ib_dev, &uverbs->disassociate_srcu);
	if (!device)
		return -EIO;
	if (request.reserved || !rdma_is_port_valid(device, request.port) ||
	    request.entry_size < RDMA_NS_NETDEV_ENTRY_MIN || request.entry_size > PAGE_SIZE)
		return -EINVAL;

	ret = rdma_ns_list_all(&listing, device, request.port);
	if (ret)
		return ret;
	ret = rdma_ns_copy_entries(&request, &listing);
	if (!ret)
		ret = uverbs_copy_to(attrs, RDMA_NS_ATTR_QUERY_NETDEVS_TOTAL, &listing.count,
				     sizeof(listing.count));
	kvfree(listing.entries);
	return ret;
}

DECLARE_UVERBS_NAMED_METHOD(
	RDMA_NS_METHOD_QUERY_NETDEVS,
	UVERBS_ATTR_PTR_IN(RDMA_NS_ATTR_QUERY_NETDEVS_REQUEST,
			   UVERBS_ATTR_STRUCT(struct rdma_ns_query_netdevs, reserved),
			   UA_MANDATORY),
	UVERBS_ATTR_PTR_OUT(RDMA_NS_ATTR_QUERY_NETDEVS_TOTAL, UVERBS_ATTR_TYPE(u32), UA_MANDATORY));

ADD_UVERBS_METHODS(netdevs_methods, UVERBS_OBJECT_DEVICE,
		   &UVERBS_METHOD(RDMA_NS_METHOD_QUERY_NETDEVS));

const struct uapi_definition rdma_ns_uverbs_netdevs[] = {
	UAPI_DEF_CHAIN_OBJ_TREE(UVERBS_OBJECT_DEVICE, &netdevs_methods),
	{},
};

MODULE_VERSION("rdma-ns-" RDMA_NS_VERSION);
