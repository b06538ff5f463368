/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The namespaces that "rdma-ns monitor" follows. It keeps none of them open, or they would not end
 * with their containers: the kernel numbers them, and one socket hears of all that have a number.
 */
#ifndef RDMA_NS_MONITOR_WATCH_H
#define RDMA_NS_MONITOR_WATCH_H

#include "monitor_line.h"
#include "netdev_table.h"
#include "netlink.h"

#define OWN_NUMBER (-1) /* of the namespace that the socket is in */

struct monitor_watch {
	struct hash_link by_number, by_inode;
	struct monitor_watch *next;
	int32_t number;
	struct namespace namespace; /* without a descriptor */
	struct netdev_table table; /* the netdevs of RDMA devices that lines have told of */
	/* Ethernet netdevs that belong to RDMA devices, as the last look has found them */
	uint32_t *others;
	size_t others_count, others_room;
	struct monitor_bucket buckets[MONITOR_SUBJECTS];
	bool listed; /* once */
	bool stale; /* the table is to be listed again */
	bool gone; /* its number is no longer valid */
	bool unseen; /* the last look did not see all of it */
};

struct monitor_watches {
	struct hash_index by_number, by_inode;
	struct monitor_watch *first;
};

struct monitor_watch *monitor_watch_by_number(const struct monitor_watches *watches,
					      int32_t number);
/* One that has gone is not found. */
struct monitor_watch *monitor_watch_by_inode(const struct monitor_watches *watches, uint64_t inode);
/* Also of one that has gone, until it is swept; NULL if it is not known. */
const struct namespace *monitor_watches_namespace(const struct monitor_watches *watches,
						  uint64_t inode);

/*
 * Follow the namespaces that have been found, and keep their names up to date; the first one is the
 * socket's own. Returns -1 for ENOMEM. One that gets no number is marked as unseen in @namespaces.
 */
int monitor_watches_update(struct monitor_watches *watches, struct netlink *queries,
			   struct namespaces *namespaces);
/* A namespace has ended; it is still listed, but not found. */
void monitor_watch_end(struct monitor_watches *watches, struct monitor_watch *watch);
/* Free what has ended. */
void monitor_watches_sweep(struct monitor_watches *watches);
void monitor_watches_release(struct monitor_watches *watches);

#endif
