// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The public list of netdevs that belong to RDMA devices. */
#include <errno.h>
#include <limits.h>
#include <linux/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "ingress.h"
#include "netdev_follow.h"
#include "netdevs.h"
#include "netns.h"
#include "rdma_netlink.h"
#include "uverbs_netdevs.h"

struct listing {
	struct rdma_ns_netdev **list;
	size_t count, room;
	size_t size; /* of the caller's structure */
	uint64_t netns;
};

/* A netdev and its addresses in one piece of memory. */
static struct rdma_ns_netdev *make(const struct listing *listing, const struct netdev *netdev,
				   const struct port *port)
{
	const size_t alignment = _Alignof(max_align_t);
	size_t size = listing->size > sizeof(struct rdma_ns_netdev) ? listing->size :
								      sizeof(struct rdma_ns_netdev);
	const struct netdev_address *address;
	struct rdma_ns_address *addresses;
	struct rdma_ns_netdev *entry;
	size_t count = 0, i = 0;

	for (address = netdev->addresses; address; address = address->next)
		count++;
	size = (size + alignment - 1) / alignment * alignment;
	entry = calloc(1, size + count * sizeof(*addresses));
	if (!entry)
		return NULL;
	addresses = (void *)((char *)entry + size);
	for (address = netdev->addresses; address; address = address->next, i++) {
		addresses[i].family = address->ip.family;
		addresses[i].prefix_length = address->ip.prefix_length;
		addresses[i].unusable = address->ip.unusable;
		memcpy(addresses[i].bytes, address->ip.bytes, sizeof(addresses[i].bytes));
	}
	if (port) {
		memcpy(entry->device, port->device, sizeof(entry->device));
		entry->port = port->number;
		entry->transport = port->transport;
	}
	entry->ifindex = netdev->link.ifindex;
	memcpy(entry->name, netdev->link.name, sizeof(entry->name));
	memcpy(entry->kind, netdev->link.kind, sizeof(entry->kind));
	entry->netns = listing->netns;
	entry->master = netdev->link.master;
	entry->qpn = netdev->link.qpn;
	entry->pkey = netdev->link.pkey;
	entry->vlan = netdev->link.vlan;
	entry->up = netdev_is_up(netdev);
	entry->addresses_count = count;
	entry->addresses = addresses;
	return entry;
}

/* Make room for one more netdev and the NULL at the end. */
static int reserve(struct listing *listing)
{
	size_t room = listing->room ? 2 * listing->room : 16;
	void *list;

	if (listing->count + 1 < listing->room)
		return 0;
	list = reallocarray(listing->list, room, sizeof(*listing->list));
	if (!list)
		return -1;
	listing->list = list;
	listing->room = room;
	return 0;
}

static int add(struct listing *listing, const struct netdev *netdev, const struct port *port,
	       const uint8_t *gid)
{
	struct rdma_ns_netdev *entry;

	if (reserve(listing))
		return -1;
	entry = make(listing, netdev, port);
	if (!entry)
		return -1;
	if (gid)
		memcpy(entry->gid.raw, gid, sizeof(entry->gid.raw));
	listing->list[listing->count++] = entry;
	return 0;
}

static const struct port *port_of_ipoib(const struct ports *ports, const struct netdev_link *link)
{
	for (size_t i = 0; i < ports->count; i++) {
		if (ports->list[i].transport == RDMA_NS_TRANSPORT_IB &&
		    port_has_gid(&ports->list[i], link->gid) &&
		    port_has_netdev(&ports->list[i], link->ifindex))
			return &ports->list[i];
	}
	return NULL;
}

static int add_ipoib(struct listing *listing, const struct netdev_table *table,
		     const struct ports *ports)
{
	const struct netdev *netdev = NULL;

	while ((netdev = netdev_table_next(table, netdev))) {
		if (netdev->link.type != ARPHRD_INFINIBAND || !netdev->link.qpn)
			continue;
		if (add(listing, netdev, port_of_ipoib(ports, &netdev->link), netdev->link.gid))
			return -1;
		listing->list[listing->count - 1]->transport = RDMA_NS_TRANSPORT_IB;
	}
	return 0;
}

/* A netdev has a GID for each address, but is listed only once for a port. */
static int add_roce(struct listing *listing, const struct netdev_table *table,
		    const struct port *port)
{
	const size_t first = listing->count;

	for (size_t i = 0; i < port->gids_count; i++) {
		const struct port_gid *gid = &port->gids[i];
		const struct netdev *netdev = netdev_table_by_name(table, gid->netdev);
		size_t j = first;

		if (!netdev || !ingress_gid_is_of(table, netdev, gid->gid) ||
		    !port_has_netdev(port, netdev->link.ifindex))
			continue;
		while (j < listing->count && listing->list[j]->ifindex != netdev->link.ifindex)
			j++;
		if (j == listing->count && add(listing, netdev, port, gid->gid))
			return -1;
	}
	return 0;
}

static int add_iwarp(struct listing *listing, const struct netdev_table *table,
		     const struct port *port)
{
	struct netdev *lower = netdev_table_by_ifindex(table, port->netdev), *netdev = NULL;
	const uint8_t *gid = port->gids_count ? port->gids[0].gid : NULL;

	if (!lower)
		return 0;
	while ((netdev = netdev_table_next(table, netdev))) {
		if (ingress_is_over(table, netdev, lower) &&
		    port_has_netdev(port, netdev->link.ifindex) && add(listing, netdev, port, gid))
			return -1;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct rdma_ns_netdev *one = *(struct rdma_ns_netdev *const *)a;
	const struct rdma_ns_netdev *other = *(struct rdma_ns_netdev *const *)b;
	int result = strcmp(one->device, other->device);

	if (result)
		return result;
	if (one->port != other->port)
		return one->port < other->port ? -1 : 1;
	return one->ifindex < other->ifindex ? -1 : one->ifindex > other->ifindex;
}

int netdevs_list(const struct netdev_table *table, const struct ports *ports, uint64_t netns,
		 struct rdma_ns_netdev ***list, size_t size)
{
	struct listing listing = { .size = size, .netns = netns };
	int result;

	result = reserve(&listing) || add_ipoib(&listing, table, ports);
	for (size_t i = 0; i < ports->count && !result; i++) {
		const struct port *port = &ports->list[i];

		if (port->transport == RDMA_NS_TRANSPORT_ROCE)
			result = add_roce(&listing, table, port);
		else if (port->transport == RDMA_NS_TRANSPORT_IWARP)
			result = add_iwarp(&listing, table, port);
	}
	if (listing.list)
		listing.list[listing.count] = NULL;
	if (result || listing.count > INT_MAX) {
		rdma_ns_free_netdevs(listing.list);
		errno = ENOMEM;
		return -1;
	}
	qsort(listing.list, listing.count, sizeof(*listing.list), compare);
	*list = listing.list;
	return (int)listing.count;
}

/*
 * The caller may bear with its own namespace, such as that of a busy host. The owner of another one
 * may want a netdev not to be seen.
 */
static int list_all(struct netlink *netlink, int netns_fd, struct netdev_table *table)
{
	if (netdev_dump(netlink, table))
		return -1;
	errno = EAGAIN;
	return netns_fd >= 0 && table->incomplete ? -1 : 0;
}

/* @netns_fd: -1: the caller's. */
static int get_netdevs(int netns_fd, struct rdma_ns_netdev ***list, size_t size)
{
	struct netdev_table table = { 0 };
	struct ports ports = { 0 };
	struct netlink netlink;
	int result = -1, error;
	uint64_t netns;

	if (!list || !size) {
		errno = EINVAL;
		return -1;
	}
	netns = netlink_netns_inode(netns_fd);
	if (!netns || netlink_open(&netlink, NETLINK_ROUTE, netns_fd, NULL))
		return -1;
	if (!list_all(&netlink, netns_fd, &table) && !rdma_netlink_read_ports(&ports, netns_fd) &&
	    !uverbs_netdevs_read(&ports, netns_fd))
		result = netdevs_list(&table, &ports, netns, list, size);
	error = errno;
	netlink_close(&netlink);
	netdev_table_release(&table);
	ports_release(&ports);
	errno = error;
	return result;
}

int rdma_ns_get_netdevs(struct rdma_ns_netdev ***list, size_t size)
{
	return get_netdevs(-1, list, size);
}

int rdma_ns_get_netdevs_in(int netns_fd, struct rdma_ns_netdev ***list, size_t size)
{
	if (netns_fd >= 0)
		return get_netdevs(netns_fd, list, size);
	errno = EBADF;
	return -1;
}

int rdma_ns_get_ifindex_in(int netns_fd, const char *netdev, uint32_t *ifindex)
{
	struct netns *netns;
	int status;

	if (!netdev || !ifindex) {
		errno = EINVAL;
		return -1;
	}
	if (netns_fd < 0) {
		errno = EBADF;
		return -1;
	}
	netns = netns_get(netns_fd);
	if (!netns)
		return -1;
	status = netns_netdev_index(netns, netdev, ifindex);
	netns_put(netns);
	return status;
}

void rdma_ns_free_netdevs(struct rdma_ns_netdev **list)
{
	if (!list)
		return;
	for (struct rdma_ns_netdev **entry = list; *entry; entry++)
		free(*entry);
	free(list);
}
