/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The netdevs of one network namespace and their addresses, fed with rtnetlink messages. Not
 * locked: whoever holds a table sees to that. Lookups do not depend on the number of netdevs.
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
};

struct netdev_table {
	struct hash_index by_ifindex, by_name, by_qpn, by_ip, by_owner;
	uint32_t generation; /* of the dump that confirmed an entry */
	uint64_t changes;
};

/* Change the table as the message says; others are ignored. -1: ENOMEM. */
int netdev_table_apply(struct netdev_table *table, const struct nlmsghdr *header);

/* Around a dump: what it has not mentioned is gone. */
void netdev_table_begin_dump(struct netdev_table *table);
void netdev_table_end_dump(struct netdev_table *table);

void netdev_table_release(struct netdev_table *table);

/* NULL if there is none; valid until the next message is applied. */
struct netdev *netdev_table_by_ifindex(const struct netdev_table *table, uint32_t ifindex);
struct netdev *netdev_table_by_name(const struct netdev_table *table, const char *name);

/* The IPoIB netdevs (a bond and its active port alike) with this QPN: begin with NULL. */
struct netdev *netdev_table_by_qpn(const struct netdev_table *table, uint32_t qpn,
				   const struct netdev *previous);

/* The netdevs that have this address, usable or not: begin with NULL. @bytes: 4 or 16 of them. */
struct netdev_address *netdev_table_by_ip(const struct netdev_table *table, sa_family_t family,
					  const void *bytes, const struct netdev_address *previous);

/* Has it this address, and may use it? */
bool netdev_has_ip(const struct netdev_table *table, const struct netdev *netdev,
		   sa_family_t family, const void *bytes);

/* All, in no order; begin with NULL. */
struct netdev *netdev_table_next(const struct netdev_table *table, const struct netdev *previous);

/* The same P_Key, GID: limited and full members of a partition talk to each other. */
bool netdev_is_ipoib(const struct netdev *netdev, uint16_t pkey, const uint8_t gid[16]);
bool netdev_is_up(const struct netdev *netdev);

/* The bond or team that gets what arrives on this netdev; itself if it is no port of one. */
struct netdev *netdev_aggregate(const struct netdev_table *table, struct netdev *netdev);
/* The VRF that it belongs to, or NULL. */
struct netdev *netdev_vrf(const struct netdev_table *table, const struct netdev *netdev);

#endif
