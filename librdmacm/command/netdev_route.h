/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Routes through a netdev, in any network namespace. -1 and errno say what failed. */
#ifndef RDMA_NS_NETDEV_ROUTE_H
#define RDMA_NS_NETDEV_ROUTE_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>

struct netdev_route {
	struct rdma_ns_address destination; /* 0.0.0.0/0 for the default route */
	bool has_gateway;
	uint8_t gateway[16]; /* of the same family */
};

/* A route that is there already is no error. */
int netdev_route_add(int netns_fd, uint32_t ifindex, const struct netdev_route *route);
/* Is there a route to exactly this destination, through any netdev? Returns 1 or 0. */
int netdev_route_find(int netns_fd, const struct rdma_ns_address *destination);

#endif
