/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Lines about collisions that begin, change and end: what "rdma-ns audit" counts as one. */
#ifndef RDMA_NS_MONITOR_COLLISIONS_H
#define RDMA_NS_MONITOR_COLLISIONS_H

#include "collisions.h"

struct monitor;

/* One that has an address which collides. */
struct monitor_holder {
	struct rdma_ns_address address;
	uint16_t pkey;
	uint64_t netns;
	uint32_t ifindex, upper;
	char netdev[NETDEV_NAME_MAX], upper_name[NETDEV_NAME_MAX];
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t port, qpn;
	bool up;
	const char *wins;
};

/* Those that have been told of, sorted. */
struct monitor_collisions {
	struct monitor_holder *list;
	size_t count;
	bool known; /* there has been a look */
};

/* Tell of what has changed since the last look. Returns -1 for ENOMEM. */
int monitor_collisions_take(struct monitor *monitor, struct holders *holders);

void monitor_collisions_release(struct monitor_collisions *collisions);

#endif
