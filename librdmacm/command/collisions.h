/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Which IP addresses does a connection request find on several IPoIB netdevs of one port and P_Key? */
#ifndef RDMA_NS_COLLISIONS_H
#define RDMA_NS_COLLISIONS_H

#include "command.h"

struct holder {
	const struct rdma_ns_netdev *netdev;
	const struct rdma_ns_address *address;
	size_t namespace; /* a number that the caller gave */
};

struct holders {
	struct holder *list; /* holders of one address follow each other */
	size_t count, room;
};

/* Add the usable addresses of a namespace's IPoIB netdevs; -1: ENOMEM. */
int holders_add(struct holders *holders, struct rdma_ns_netdev *const *netdevs, size_t namespace);

/* After all have been added. */
void holders_sort(struct holders *holders);

/* How many from @first on hold the same address; *namespaces: in how many namespaces. */
size_t holders_group(const struct holders *holders, size_t first, size_t *namespaces);

/* Is it the link-local address that all netdevs of a port make of the port's GUID? */
bool holder_is_inherent(const struct holder *holder);

void holders_release(struct holders *holders);

#endif
