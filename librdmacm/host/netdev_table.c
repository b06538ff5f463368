// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <linux/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "netdev_table.h"

#define PKEY_NUMBER 0x7fff /* without the membership bit */

#define netdev_of(link, member) HASH_OWNER(link, struct netdev, member)
#define address_of(link) HASH_OWNER(link, struct netdev_address, by_ip)

static size_t ip_length(sa_family_t family)
{
	return family == AF_INET ? 4 : 16;
}

static uint32_t hash_u32(uint32_t value)
{
	return hash_bytes(&value, sizeof(value));
}

/*
 * An address may be on very many netdevs, and a netdev may have very many addresses; this searches
 * neither.
 */
static uint32_t hash_owner(uint32_t ifindex, sa_family_t family, const void *bytes)
{
	return hash_bytes(bytes, ip_length(family)) ^ hash_u32(ifindex);
}

static uint32_t hash_name(const char *name)
{
	return hash_bytes(name, strnlen(name, NETDEV_NAME_MAX));
}

struct netdev *netdev_table_by_ifindex(const struct netdev_table *table, uint32_t ifindex)
{
	struct hash_link *at = hash_index_first(&table->by_ifindex, hash_u32(ifindex));

	while (at && netdev_of(at, by_ifindex)->link.ifindex != ifindex)
		at = hash_index_next(at);
	return at ? netdev_of(at, by_ifindex) : NULL;
}

struct netdev *netdev_table_by_name(const struct netdev_table *table, const char *name)
{
	struct hash_link *at = hash_index_first(&table->by_name, hash_name(name));

	while (at && strncmp(netdev_of(at, by_name)->link.name, name, NETDEV_NAME_MAX))
		at = hash_index_next(at);
	return at ? netdev_of(at, by_name) : NULL;
}

struct netdev *netdev_table_by_qpn(const struct netdev_table *table, uint32_t qpn,
				   const struct netdev *previous)
{
	struct hash_link *at = previous ? hash_index_next(&previous->by_qpn) :
					  hash_index_first(&table->by_qpn, hash_u32(qpn));

	while (at && netdev_of(at, by_qpn)->link.qpn != qpn)
		at = hash_index_next(at);
	return at ? netdev_of(at, by_qpn) : NULL;
}

static bool same_ip(const struct netdev_ip *ip, sa_family_t family, const void *bytes)
{
	return ip->family == family && !memcmp(ip->bytes, bytes, ip_length(family));
}

struct netdev_address *netdev_table_by_ip(const struct netdev_table *table, sa_family_t family,
					  const void *bytes, const struct netdev_address *previous)
{
	struct hash_link *at;

	if (previous)
		at = hash_index_next(&previous->by_ip);
	else
		at = hash_index_first(&table->by_ip, hash_bytes(bytes, ip_length(family)));
	while (at && !same_ip(&address_of(at)->ip, family, bytes))
		at = hash_index_next(at);
	return at ? address_of(at) : NULL;
}

struct netdev *netdev_table_next(const struct netdev_table *table, const struct netdev *previous)
{
	const struct hash_index *index = &table->by_ifindex;
	size_t bucket = 0;

	if (previous) {
		if (previous->by_ifindex.next)
			return netdev_of(previous->by_ifindex.next, by_ifindex);
		bucket = (previous->by_ifindex.hash & (index->size - 1)) + 1;
	}
	for (; bucket < index->size; bucket++) {
		if (index->buckets[bucket])
			return netdev_of(index->buckets[bucket], by_ifindex);
	}
	return NULL;
}

static void remove_address(struct netdev_table *table, struct netdev_address *address)
{
	struct netdev *netdev = address->netdev;

	if (address->previous)
		address->previous->next = address->next;
	else
		netdev->addresses = address->next;
	if (address->next)
		address->next->previous = address->previous;
	else
		netdev->last_address = address->previous;
	hash_index_remove(&table->by_ip, &address->by_ip);
	hash_index_remove(&table->by_owner, &address->by_owner);
	free(address);
}

static void remove_netdev(struct netdev_table *table, struct netdev *netdev)
{
	while (netdev->addresses)
		remove_address(table, netdev->addresses);
	hash_index_remove(&table->by_ifindex, &netdev->by_ifindex);
	hash_index_remove(&table->by_name, &netdev->by_name);
	if (netdev->link.qpn)
		hash_index_remove(&table->by_qpn, &netdev->by_qpn);
	free(netdev);
}

static int insert_netdev(struct netdev_table *table, const struct netdev_link *link)
{
	struct netdev *netdev = calloc(1, sizeof(*netdev));

	if (!netdev)
		return -1;
	netdev->link = *link;
	netdev->generation = table->generation;
	if (hash_index_add(&table->by_ifindex, &netdev->by_ifindex, hash_u32(link->ifindex)))
		goto no_ifindex;
	if (hash_index_add(&table->by_name, &netdev->by_name, hash_name(link->name)))
		goto no_name;
	if (link->qpn && hash_index_add(&table->by_qpn, &netdev->by_qpn, hash_u32(link->qpn)))
		goto no_qpn;
	return 0;
no_qpn:
	hash_index_remove(&table->by_name, &netdev->by_name);
no_name:
	hash_index_remove(&table->by_ifindex, &netdev->by_ifindex);
no_ifindex:
	free(netdev);
	return -1;
}

static int apply_link(struct netdev_table *table, const struct netdev_link *link)
{
	struct netdev *netdev = netdev_table_by_ifindex(table, link->ifindex);

	if (!netdev)
		return insert_netdev(table, link);
	if (strncmp(netdev->link.name, link->name, NETDEV_NAME_MAX)) {
		hash_index_remove(&table->by_name, &netdev->by_name);
		hash_index_add(&table->by_name, &netdev->by_name, hash_name(link->name));
	}
	if (netdev->link.qpn != link->qpn) {
		/* A bond takes over the link-layer address of its active port. */
		if (netdev->link.qpn)
			hash_index_remove(&table->by_qpn, &netdev->by_qpn);
		netdev->link.qpn = 0;
		if (link->qpn &&
		    hash_index_add(&table->by_qpn, &netdev->by_qpn, hash_u32(link->qpn)))
			return -1;
	}
	netdev->link = *link;
	netdev->generation = table->generation;
	return 0;
}

static struct netdev_address *next_of_owner(const struct netdev_table *table,
					    const struct netdev *netdev, sa_family_t family,
					    const void *bytes,
					    const struct netdev_address *previous)
{
	struct hash_link *at;

	if (previous)
		at = hash_index_next(&previous->by_owner);
	else
		at = hash_index_first(&table->by_owner,
				      hash_owner(netdev->link.ifindex, family, bytes));
	while (at) {
		struct netdev_address *address = HASH_OWNER(at, struct netdev_address, by_owner);

		if (address->netdev == netdev && same_ip(&address->ip, family, bytes))
			return address;
		at = hash_index_next(at);
	}
	return NULL;
}

/* A netdev may have the same address once with each prefix length. */
static struct netdev_address *find_address(const struct netdev_table *table,
					   const struct netdev *netdev, const struct netdev_ip *ip)
{
	struct netdev_address *address = NULL;

	do
		address = next_of_owner(table, netdev, ip->family, ip->bytes, address);
	while (address && address->ip.prefix_length != ip->prefix_length);
	return address;
}

static int insert_address(struct netdev_table *table, struct netdev *netdev,
			  const struct netdev_ip *ip)
{
	struct netdev_address *address = calloc(1, sizeof(*address));

	if (!address)
		return -1;
	address->ip = *ip;
	address->netdev = netdev;
	address->generation = table->generation;
	if (hash_index_add(&table->by_ip, &address->by_ip,
			   hash_bytes(ip->bytes, ip_length(ip->family))))
		goto no_ip;
	if (hash_index_add(&table->by_owner, &address->by_owner,
			   hash_owner(ip->ifindex, ip->family, ip->bytes)))
		goto no_owner;
	address->previous = netdev->last_address;
	if (address->previous)
		address->previous->next = address;
	else
		netdev->addresses = address;
	netdev->last_address = address;
	return 0;
no_owner:
	hash_index_remove(&table->by_ip, &address->by_ip);
no_ip:
	free(address);
	return -1;
}

static int apply_ip(struct netdev_table *table, const struct netdev_ip *ip)
{
	struct netdev *netdev = netdev_table_by_ifindex(table, ip->ifindex);
	struct netdev_address *address;

	if (!netdev)
		return 0;
	address = find_address(table, netdev, ip);
	if (!address)
		return insert_address(table, netdev, ip);
	address->ip = *ip;
	address->generation = table->generation;
	return 0;
}

int netdev_table_apply(struct netdev_table *table, const struct nlmsghdr *header)
{
	struct netdev_message message;
	struct netdev_address *address;
	struct netdev *netdev;

	netdev_message_parse(header, &message);
	if (message.kind == NETDEV_MESSAGE_OTHER)
		return 0;
	table->changes++;
	switch (message.kind) {
	case NETDEV_MESSAGE_LINK:
		return apply_link(table, &message.link);
	case NETDEV_MESSAGE_LINK_GONE:
		netdev = netdev_table_by_ifindex(table, message.link.ifindex);
		if (netdev)
			remove_netdev(table, netdev);
		return 0;
	case NETDEV_MESSAGE_IP:
		return apply_ip(table, &message.ip);
	default:
		netdev = netdev_table_by_ifindex(table, message.ip.ifindex);
		if (!netdev)
			return 0;
		address = find_address(table, netdev, &message.ip);
		if (address)
			remove_address(table, address);
		return 0;
	}
}

void netdev_table_begin_dump(struct netdev_table *table)
{
	table->generation++;
	table->incomplete = false;
}

void netdev_table_end_dump(struct netdev_table *table)
{
	struct netdev *netdev, *next;

	for (netdev = netdev_table_next(table, NULL); netdev; netdev = next) {
		struct netdev_address *address, *following;

		next = netdev_table_next(table, netdev);
		if (netdev->generation != table->generation) {
			remove_netdev(table, netdev);
			continue;
		}
		for (address = netdev->addresses; address; address = following) {
			following = address->next;
			if (address->generation != table->generation)
				remove_address(table, address);
		}
	}
	table->changes++;
}

void netdev_table_release(struct netdev_table *table)
{
	struct netdev *netdev, *next;

	for (netdev = netdev_table_next(table, NULL); netdev; netdev = next) {
		next = netdev_table_next(table, netdev);
		remove_netdev(table, netdev);
	}
	hash_index_release(&table->by_ifindex);
	hash_index_release(&table->by_name);
	hash_index_release(&table->by_qpn);
	hash_index_release(&table->by_ip);
	hash_index_release(&table->by_owner);
}

bool netdev_is_ipoib(const struct netdev *netdev, uint16_t pkey, const uint8_t gid[16])
{
	return netdev->link.type == ARPHRD_INFINIBAND && netdev->link.qpn &&
	       !((netdev->link.pkey ^ pkey) & PKEY_NUMBER) && !memcmp(netdev->link.gid, gid, 16);
}

bool netdev_has_ip(const struct netdev_table *table, const struct netdev *netdev,
		   sa_family_t family, const void *bytes)
{
	const struct netdev_address *address = NULL;

	do
		address = next_of_owner(table, netdev, family, bytes, address);
	while (address && address->ip.unusable);
	return address != NULL;
}

bool netdev_is_up(const struct netdev *netdev)
{
	return netdev->link.flags & IFF_UP;
}

struct netdev *netdev_aggregate(const struct netdev_table *table, struct netdev *netdev)
{
	struct netdev *master;

	if (!netdev->link.master)
		return netdev;
	master = netdev_table_by_ifindex(table, netdev->link.master);
	if (master && (!strcmp(master->link.kind, "bond") || !strcmp(master->link.kind, "team")))
		return master;
	return netdev;
}

bool netdev_is_backup(const struct netdev_table *table, struct netdev *netdev)
{
	return netdev && netdev->link.backup && netdev_aggregate(table, netdev)->link.drops_backups;
}

struct netdev *netdev_vrf(const struct netdev_table *table, const struct netdev *netdev)
{
	struct netdev *master;

	if (!netdev->link.master)
		return NULL;
	master = netdev_table_by_ifindex(table, netdev->link.master);
	return master && !strcmp(master->link.kind, "vrf") ? master : NULL;
}
