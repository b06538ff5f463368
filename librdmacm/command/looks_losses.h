/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* For looks.c: what those have lost who had an address until they were looked at. */
#ifndef RDMA_NS_LOOKS_LOSSES_H
#define RDMA_NS_LOOKS_LOSSES_H

#include "looks.h"
#include "netdev_follow.h"

/* A namespace, and its netdevs as they were listed last. */
struct place {
	struct netdev_follow follow;
	struct rdma_ns_netdev **list; /* NULL: not yet */
	size_t namespace;
	int netns_fd, sysfs;
	bool entered; /* sysfs has been opened, or cannot be */
	int unopened; /* why there are no notifications, or 0 */
	/* What got an address, was not listed, and may have been above an IPoIB netdev. */
	struct netdev_ip *strangers;
	size_t strangers_count;
	struct let_go_list let_go;
	bool changed; /* a netdev may not be above another one any more */
	int error; /* what could not be seen, or 0 */
};

/* A look at all of them. */
struct search {
	struct looks *looks;
	struct namespaces *namespaces;
	bool enter;
	struct timespec deadline;
	struct timespec began; /* to listen */
	bool moved; /* an IPoIB netdev has gone from one namespace to another */
};

/* Has a look found it? */
bool place_is_held(const struct holders *holders, const struct place *place,
		   const struct netdev_ip *ip);
bool place_lists(const struct place *place, uint32_t ifindex);

/* Netdevs of hardware are above no others, and veths neither. */
bool may_be_above(const struct netdev_link *link);

/*
 * Judge what a namespace has let go, when all have been looked at: whoever had an address together
 * with another namespace is a holder still. Where that cannot be told, nobody is, and the place has
 * an error. Returns -1 for ENOMEM.
 */
int losses_judge(struct search *search, struct place *places, struct place *place);

#endif
