/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Network namespaces: which there are, their netdevs, and what could not be looked at. */
#ifndef RDMA_NS_NAMESPACES_H
#define RDMA_NS_NAMESPACES_H

#include "command.h"

#define NETNS_FOLDER "/run/netns"

struct namespace {
	uint64_t inode;
	int fd;
	/*
	 * That of ip netns, or what holds it: "pid:N", "pid:N/tid:N", "pid:N/fd:N",
	 * "pid:N/mount:PATH".
	 */
	char *name;
};

/* The kinds of things that could not be looked at. */
enum unseen {
	UNSEEN_NAMES, /* in NETNS_FOLDER, that cannot be opened */
	UNSEEN_NETDEVS, /* namespaces whose netdevs cannot be listed */
	UNSEEN_PROCESSES, /* that may hold namespaces */
	UNSEEN_MOUNTS, /* of a namespace, out of reach */
	UNSEEN_HIDDEN, /* processes that /proc does not show; how many is not known */
	/* namespaces that the kernel has a number for, and nothing that was seen holds */
	UNSEEN_NUMBERS,
	NOT_NAMESPACES, /* strays in NETNS_FOLDER: worth a word, but nothing is missed */
	UNSEEN_COUNT,
};

struct namespaces {
	struct namespace *list; /* the caller's is the first */
	size_t count, room;
	size_t unseen[UNSEEN_COUNT];
	char *example[UNSEEN_COUNT]; /* the first one's name, or NULL */
	int error[UNSEEN_COUNT]; /* and what kept it from being seen */
};

enum namespaces_extent {
	NAMESPACES_OWN,
	NAMESPACES_OF_PROCESSES, /* and those with names */
	NAMESPACES_ALL, /* and those that only a thread, descriptor, mount or socket holds */
};

/* -1 and errno: memory has run out, or the caller's own one cannot be opened. */
int namespaces_find(struct namespaces *namespaces, enum namespaces_extent extent);
void namespaces_release(struct namespaces *namespaces);

/* For those who look: takes the file; 0 also if the namespace is known already, or it is none. */
int namespaces_add(struct namespaces *namespaces, int fd, const char *name);
struct namespace *namespaces_by_inode(const struct namespaces *namespaces, uint64_t inode);
/* @name: fit for printing. -1: ENOMEM. */
int namespaces_unseen(struct namespaces *namespaces, enum unseen kind, const char *name, int error);

/*
 * The netdevs of all of them, one list after the other; *lists has as many elements as there are
 * namespaces, NULL for one whose netdevs cannot be listed. -1: ENOMEM.
 */
int namespaces_netdevs(struct namespaces *namespaces, struct rdma_ns_netdev ****lists);
void namespaces_free_netdevs(const struct namespaces *namespaces, struct rdma_ns_netdev ***lists);

/* Of one namespace, the caller's if @netns_fd is -1. */
int netdevs_of(int netns_fd, struct rdma_ns_netdev ***list);
bool netdev_has_address(const struct rdma_ns_netdev *netdev,
			const struct sockaddr_storage *address);

/* There can be no netdevs since the kernel has no RDMA: says so. */
bool namespaces_without_rdma(const char *command);

/* Says on standard error what could not be looked at: STATUS_UNSEEN, or STATUS_OK. */
int namespaces_tell(const struct namespaces *namespaces);

/* A word for each kind, for OpenMetrics. */
const char *unseen_str(enum unseen kind);

#endif
