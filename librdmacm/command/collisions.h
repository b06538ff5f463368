/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Which IP addresses does a connection request find on several IPoIB netdevs of one port and P_Key?
 */
#ifndef RDMA_NS_COLLISIONS_H
#define RDMA_NS_COLLISIONS_H

#include "command.h"

struct holder {
	const struct rdma_ns_netdev *netdev;
	const struct rdma_ns_address *address;
	size_t namespace; /* a number that the caller gave */
	uint64_t created; /* the lower, the earlier; 0: not known. Set by the caller. */
};

struct holders {
	/* holders of one address follow each other, those in one place as well */
	struct holder *list;
	size_t count, room;
};

/* Add the usable addresses of a namespace's IPoIB netdevs; -1: ENOMEM. */
int holders_add(struct holders *holders, struct rdma_ns_netdev *const *netdevs, size_t namespace);

/* After all have been added. */
void holders_sort(struct holders *holders);

/* What several holders of one address mean for each other. */
enum harm {
	HARM_NONE, /* there is but one */
	HARM_COLLISION, /* several namespaces, one port and P_Key */
	HARM_SAME_PORT, /* the link-local address that all netdevs of a port make of its GUID */
	HARM_SAME_NAMESPACE, /* nobody gets what is another's */
	HARM_OTHER_PKEY, /* several namespaces, but requests tell their P_Keys apart */
	HARM_OTHER_PORT, /* or their ports */
	HARM_COUNT,
};

const char *harm_str(enum harm harm);

/*
 * How many from @first on hold the same address in the same place (port, P_Key), and what that
 * means.
 */
size_t holders_group(const struct holders *holders, size_t first, enum harm *harm);

/*
 * Which of a group gets the requests without a QPN, at a kernel that takes the first netdev that
 * has the address: the parent, then its children in the order of their creation. *certain: by
 * "created"; otherwise by the QPNs, which are given out in that order until they have all been
 * used.
 */
size_t holders_winner(const struct holder *group, size_t count, bool *certain);

void holders_release(struct holders *holders);

#endif
