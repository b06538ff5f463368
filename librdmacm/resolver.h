/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The three steps in a row, in one network namespace. Not locked. */
#ifndef RDMA_NS_RESOLVER_H
#define RDMA_NS_RESOLVER_H

#include <time.h>

#include "netdev_follow.h"
#include "ports.h"

struct resolver {
	uint64_t netns; /* inode; 0: not open */
	struct netdev_follow follow;
	struct ports ports;
	uint64_t changes; /* of the table, when last seen */
	struct timespec changed, ports_read;
};

/* -1 and errno. */
int resolver_open(struct resolver *resolver, int netns_fd);
void resolver_close(struct resolver *resolver);

/* @request is valid. -1 and ENODEV: no such device or port; or another errno. */
int resolver_resolve(struct resolver *resolver, const struct rdma_ns_request *request,
		     struct rdma_ns_resolution *resolution);

#endif
