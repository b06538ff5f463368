/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Network namespaces: the caller's, those with names (ip netns), those of processes. */
#ifndef RDMA_NS_NAMESPACES_H
#define RDMA_NS_NAMESPACES_H

#include "command.h"

#define NETNS_FOLDER "/run/netns"

struct namespace {
	uint64_t inode;
	int fd;
	char name[TEXT_MAX]; /* of ip netns, or "pid:N" */
};

struct namespaces {
	struct namespace *list; /* the caller's is the first */
	size_t count, room;
	size_t refused; /* namespaces of others that may not be looked into */
};

/* -1: ENOMEM, or there is no /proc. */
int namespaces_find(struct namespaces *namespaces, bool all);
void namespaces_release(struct namespaces *namespaces);

/*
 * The netdevs of all of them, one list after the other; *lists has as many elements as there are
 * namespaces. A namespace that is not the caller's and refuses is counted; an exit status.
 */
int namespaces_netdevs(struct namespaces *namespaces, struct rdma_ns_netdev ****lists);
void namespaces_free_netdevs(const struct namespaces *namespaces, struct rdma_ns_netdev ***lists);

/* There can be no netdevs since the kernel has no RDMA: says so. */
bool namespaces_without_rdma(const char *command);

/* Say on standard error what could not be looked at. */
void namespaces_tell(const struct namespaces *namespaces);

#endif
