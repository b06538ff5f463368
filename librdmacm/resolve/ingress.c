// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <string.h>

#include "address.h"
#include "ingress.h"

/* Enough to see that a bond and its ports are one candidate. */
#define SEEN_MAX 16

/* The prefix of an IPv4 address in an IPv6 address or a GID. */
static const uint8_t ipv4_prefix[12] = { [10] = 0xff, [11] = 0xff };

struct candidates {
	struct netdev *netdev, *port;
	const struct netdev *seen[SEEN_MAX];
	uint32_t count;
};

struct search {
	const struct netdev_table *table;
	const struct port *port;
	const struct rdma_ns_request *request;
	struct candidates live, dead; /* dead: nothing that arrives there is delivered */
};

static void add(struct search *search, struct netdev *netdev)
{
	struct netdev *aggregate = netdev_aggregate(search->table, netdev);
	const bool live = netdev_is_up(aggregate) && !netdev_is_backup(search->table, netdev);
	struct candidates *candidates = live ? &search->live : &search->dead;
	uint32_t scope = address_scope(&search->request->destination);

	if (scope && scope != aggregate->link.ifindex)
		return;
	for (uint32_t i = 0; i < candidates->count && i < SEEN_MAX; i++) {
		if (candidates->seen[i] != aggregate)
			continue;
		if (candidates->netdev == aggregate && aggregate != netdev)
			candidates->port = netdev;
		return;
	}
	if (candidates->count < SEEN_MAX)
		candidates->seen[candidates->count] = aggregate;
	/*
	 * If several fit, take the one that has existed longest, so that the answer does not
	 * change.
	 */
	if (!candidates->count++ || aggregate->link.ifindex < candidates->netdev->link.ifindex) {
		candidates->netdev = aggregate;
		candidates->port = aggregate == netdev ? NULL : netdev;
	}
}

static bool fits_ib(const struct search *search, const struct netdev *netdev)
{
	const struct rdma_ns_request *request = search->request;

	if (request->flags & RDMA_NS_REQUEST_GID)
		return netdev_is_ipoib(netdev, request->pkey, request->gid.raw);
	return netdev_is_ipoib(netdev, request->pkey, netdev->link.gid) &&
	       port_has_gid(search->port, netdev->link.gid);
}

static struct netdev_address *next_owner(const struct search *search,
					 const struct netdev_address *previous)
{
	const struct sockaddr_storage *destination = &search->request->destination;
	const void *ip = address_ip(destination);
	struct netdev_address *address = (struct netdev_address *)previous;

	do
		address = netdev_table_by_ip(search->table, destination->ss_family, ip, address);
	while (address && address->ip.unusable);
	return address;
}

static enum rdma_ns_decided_by find_ib(struct search *search)
{
	struct netdev_address *address = NULL;
	struct netdev *netdev = NULL;

	if (search->request->flags & RDMA_NS_REQUEST_QPN) {
		while ((netdev =
				netdev_table_by_qpn(search->table, search->request->qpn, netdev))) {
			if (fits_ib(search, netdev))
				add(search, netdev);
		}
		return RDMA_NS_BY_QPN;
	}
	while ((address = next_owner(search, address))) {
		if (fits_ib(search, address->netdev))
			add(search, address->netdev);
	}
	if (search->live.count || search->dead.count)
		return RDMA_NS_BY_ADDRESS;
	/* The kernel does not compare the address if only one netdev fits. */
	while ((netdev = netdev_table_next(search->table, netdev))) {
		if (fits_ib(search, netdev))
			add(search, netdev);
	}
	return RDMA_NS_BY_GID;
}

static bool is_mac_gid(const struct netdev *netdev, const uint8_t gid[16])
{
	static const uint8_t prefix[8] = { 0xfe, 0x80 };
	const uint8_t *mac = netdev->link.lladdr;
	const uint8_t expected[8] = {
		mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]
	};

	return netdev->link.lladdr_length == 6 && !memcmp(gid, prefix, sizeof(prefix)) &&
	       !memcmp(gid + 8, expected, sizeof(expected));
}

bool ingress_gid_is_of(const struct netdev_table *table, const struct netdev *netdev,
		       const uint8_t gid[16])
{
	if (!memcmp(gid, ipv4_prefix, sizeof(ipv4_prefix)))
		return netdev_has_ip(table, netdev, AF_INET, gid + 12);
	return netdev_has_ip(table, netdev, AF_INET6, gid) || is_mac_gid(netdev, gid);
}

static bool fits_vlan(const struct search *search, const struct netdev *netdev)
{
	return !(search->request->flags & RDMA_NS_REQUEST_VLAN) ||
	       netdev->link.vlan == search->request->vlan;
}

bool ingress_is_over(const struct netdev_table *table, struct netdev *netdev, struct netdev *lower)
{
	return netdev == lower || netdev == netdev_aggregate(table, lower) ||
	       netdev->link.lower == lower->link.ifindex;
}

static enum rdma_ns_decided_by find_iwarp(struct search *search)
{
	struct netdev *lower = netdev_table_by_ifindex(search->table, search->port->netdev);
	struct netdev *netdev = NULL;
	struct netdev_address *address = NULL;

	if (!lower)
		return RDMA_NS_BY_TCP;
	while ((address = next_owner(search, address))) {
		if (ingress_is_over(search->table, address->netdev, lower) &&
		    fits_vlan(search, address->netdev))
			add(search, address->netdev);
	}
	if (search->live.count || search->dead.count)
		return RDMA_NS_BY_TCP;
	/* Another netdev has the address, so the request may have arrived on any of these. */
	while ((netdev = netdev_table_next(search->table, netdev))) {
		if (ingress_is_over(search->table, netdev, lower) && fits_vlan(search, netdev))
			add(search, netdev);
	}
	return RDMA_NS_BY_TCP;
}

/* RoCE's GIDs are the addresses of its netdevs. */
static void wanted_gid(const struct rdma_ns_request *request, uint8_t gid[16])
{
	if (request->flags & RDMA_NS_REQUEST_GID) {
		memcpy(gid, request->gid.raw, 16);
	} else if (request->destination.ss_family == AF_INET) {
		memcpy(gid, ipv4_prefix, sizeof(ipv4_prefix));
		memcpy(gid + 12, address_ip(&request->destination), 4);
	} else {
		memcpy(gid, address_ip(&request->destination), 16);
	}
}

static enum rdma_ns_decided_by find_roce(struct search *search)
{
	const struct port *port = search->port;
	uint8_t gid[16];

	/*
	 * The GID table cannot be read without /sys. Its netdevs would be those above the port's
	 * own that have the address.
	 */
	if (!port->gids_count) {
		find_iwarp(search);
		return RDMA_NS_BY_GID;
	}
	wanted_gid(search->request, gid);
	for (size_t i = 0; i < port->gids_count; i++) {
		struct netdev *netdev;

		if (memcmp(port->gids[i].gid, gid, 16))
			continue;
		netdev = netdev_table_by_name(search->table, port->gids[i].netdev);
		if (netdev && ingress_gid_is_of(search->table, netdev, gid) &&
		    fits_vlan(search, netdev))
			add(search, netdev);
	}
	return RDMA_NS_BY_GID;
}

void ingress_find(const struct netdev_table *table, const struct port *port,
		  const struct rdma_ns_request *request, struct ingress *ingress)
{
	struct search search = { .table = table, .port = port, .request = request };
	const struct candidates *candidates;
	enum rdma_ns_decided_by decided_by;

	switch (port->transport) {
	case RDMA_NS_TRANSPORT_IB:
		decided_by = find_ib(&search);
		break;
	case RDMA_NS_TRANSPORT_ROCE:
		decided_by = find_roce(&search);
		break;
	case RDMA_NS_TRANSPORT_IWARP:
		decided_by = find_iwarp(&search);
		break;
	default:
		decided_by = RDMA_NS_BY_NOTHING;
	}
	/* What is dead is only reported if there is nothing else. */
	candidates = search.live.count ? &search.live : &search.dead;
	if (!candidates->count)
		decided_by = RDMA_NS_BY_NOTHING;
	else if (candidates->count > 1)
		decided_by = RDMA_NS_BY_AMBIGUOUS;
	else if (port->transport == RDMA_NS_TRANSPORT_ROCE && candidates->netdev->link.vlan)
		decided_by = RDMA_NS_BY_VLAN;
	ingress->netdev = candidates->netdev;
	ingress->port = candidates->port;
	ingress->candidates = candidates->count;
	ingress->decided_by = decided_by;
}
