/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The netdevs of one network namespace and their addresses, fed with rtnetlink messages. Not
 * locked: the owner of a table must do that. Lookups do not depend on the number of netdevs.
 */
#ifndef RDMA_NS_NETDEV_TABLE_H
#define RDMA_NS_NETDEV_TABLE_H

#include <stdbool.h>

#include "hash_index.h"
#include "netdev_message.h"

struct netdev;

struct netdev_address {
	struct hash_link by_ip, by_owner;
	struct netdev *netdev;
	struct netdev_address *next, *previous; /* of the same netdev */
	struct netdev_ip ip;
	uint32_t generation;
};

struct netdev {
	struct hash_link by_ifindex, by_name, by_qpn;
	struct netdev_link link;
	struct netdev_address *addresses, *last_address;
	uint32_t generation;
	bool watched, gained; /* for whoever owns the table; false at first */
};

struct netdev_table {
	struct hash_index by_ifindex, by_name, by_qpn, by_ip, by_owner;
	uint32_t generation; /* of the dump that confirmed an entry */
	uint64_t changes;
	bool incomplete; /* the last dump may have lacked something */
};

/* Change the table as the message says; other messages are ignored. Returns -1 for ENOMEM. */
int netdev_table_apply(struct netdev_table *table, const struct nlmsghdr *header);

/* Call these around a dump; entries that the dump has not mentioned are removed. */
void netdev_table_begin_dump(struct netdev_table *table);
void netdev_table_end_dump(struct netdev_table *table);

void netdev_table_release(struct netdev_table *table);

/* NULL if there is none; valid until the next message is applied. */
struct netdev *netdev_table_by_ifindex(const struct netdev_table *table, uint32_t ifindex);
struct netdev *netdev_table_by_name(const struct netdev_table *table, const char *name);

/*
 * Iterate over the IPoIB netdevs with this QPN, including a bond and its active port. Begin with
 * NULL.
 */
struct netdev *netdev_table_by_qpn(const struct netdev_table *table, uint32_t qpn,
				   const struct netdev *previous);

/*
 * Iterate over the netdevs that have this address, usable or not. Begin with NULL. @bytes has 4 or
 * 16 bytes.
 */
struct netdev_address *netdev_table_by_ip(const struct netdev_table *table, sa_family_t family,
					  const void *bytes, const struct netdev_address *previous);

/* Does the netdev have this address, and is it usable? */
bool netdev_has_ip(const struct netdev_table *table, const struct netdev *netdev,
		   sa_family_t family, const void *bytes);

/* Iterate over all netdevs, in no particular order. Begin with NULL. */
struct netdev *netdev_table_next(const struct netdev_table *table, const struct netdev *previous);

/*
 * Does the netdev have this P_Key and GID? Limited and full members of a partition talk to each
 * other.
 */
bool netdev_is_ipoib(const struct netdev *netdev, uint16_t pkey, const uint8_t gid[16]);
bool netdev_is_up(const struct netdev *netdev);

/* The bond or team that gets what arrives on this netdev, or the netdev itself. */
struct netdev *netdev_aggregate(const struct netdev_table *table, struct netdev *netdev);
/* Is it a port of a bond that drops what arrives there? @netdev may be NULL. */
bool netdev_is_backup(const struct netdev_table *table, struct netdev *netdev);
/* The VRF to which it belongs, or NULL. */
struct netdev *netdev_vrf(const struct netdev_table *table, const struct netdev *netdev);

#endif
