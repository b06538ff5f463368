/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A netdev table that follows the kernel's. */
#ifndef RDMA_NS_NETDEV_FOLLOW_H
#define RDMA_NS_NETDEV_FOLLOW_H

#include "netdev_table.h"
#include "netlink.h"

/*
 * List all netdevs and addresses of the namespace that @netlink is in. If they change all the time,
 * the table may lack some, and says that it is incomplete.
 */
int netdev_dump(struct netlink *netlink, struct netdev_table *table);

/*
 * The same for the netdevs that are wanted in the namespace with this number, or in the socket's
 * own if it is -1. NETLINK_GET_STRICT_CHK must be set where it is not.
 */
struct netdev_choice {
	int32_t namespace_number;
	bool (*wanted)(const struct netdev_link *link, void *context);
	void *context;
};
int netdev_dump_chosen(struct netlink *netlink, struct netdev_table *table,
		       const struct netdev_choice *choice);

struct netdev_follow {
	struct netlink notifications, queries;
	struct netdev_table table;
	bool complete;
};

/* Nothing is listed yet after this. Both return -1 and set errno on error. */
int netdev_follow_open(struct netdev_follow *follow, int netns_fd);

/* Bring the table up to date without waiting. After losses, everything is listed again. */
int netdev_follow_update(struct netdev_follow *follow);

void netdev_follow_close(struct netdev_follow *follow);

#endif
