/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The network namespaces that there are, their netdevs, and what could not be seen. */
#ifndef RDMA_NS_NAMESPACES_H
#define RDMA_NS_NAMESPACES_H

#include <time.h>

#include "command.h"
#include "namespace_leader.h"

#define NETNS_FOLDER "/run/netns"

struct namespace {
	uint64_t inode;
	int fd;
	/*
	 * The name of ip netns, or of what holds it: "pid:N", "pid:N/tid:N", "pid:N/fd:N",
	 * "pid:N/mount:PATH", the last two also behind "pid:N/tid:N". A name that another
	 * namespace has taken over ends with "\\...INODE". After the search, the name of a
	 * container may stand for it or in front of it.
	 */
	char *name;
	char *found_name; /* what the container's name stands for, or NULL */
	bool named; /* by ip netns */
	bool unseen; /* its netdevs cannot be listed, or not all of what they have was seen */
	struct namespace_leader leader;
};

/* The kinds of things that could not be seen. */
enum unseen {
	UNSEEN_NAMES, /* files in NETNS_FOLDER that cannot be opened */
	UNSEEN_NETDEVS, /* namespaces whose netdevs cannot be listed */
	UNSEEN_PROCESSES, /* processes that may hold namespaces */
	UNSEEN_MOUNTS, /* mounts of a namespace that cannot be reached */
	UNSEEN_LATE, /* processes that were not examined in time */
	UNSEEN_HIDDEN, /* processes that /proc does not show; their number is not known */
	/* namespaces that have a number, but were not found */
	UNSEEN_NUMBERS,
	NOT_NAMESPACES, /* strays in NETNS_FOLDER: reported, but nothing is missed */
	UNSEEN_COUNT,
};

/*
 * A tenant may hold so much that it takes hours to examine. rdma-ns-audit.service allows more than
 * both, so that what has been found is told.
 */
#define SEARCH_SECONDS 60 /* for the search */
#define LIST_SECONDS 90 /* for that and what is listed then */
/* Where the start of a container waits for it, all has so much less time. */
#define HURRY 3

struct namespaces {
	struct timespec start;
	struct namespace *list; /* the caller's is the first */
	size_t count, room;
	size_t unseen[UNSEEN_COUNT];
	char *example[UNSEEN_COUNT]; /* the first one's name, or NULL */
	int error[UNSEEN_COUNT]; /* and what kept it from being seen */
	unsigned int examiners_lost; /* in all looks of the search */
};

enum namespaces_extent {
	NAMESPACES_OWN,
	NAMESPACES_OF_PROCESSES, /* of processes, and those with names */
	NAMESPACES_ALL, /* also those that only a thread, descriptor, mount or socket holds */
};

/* Returns -1 and sets errno if memory has run out or the caller's own cannot be opened. */
int namespaces_find(struct namespaces *namespaces, enum namespaces_extent extent);
void namespaces_release(struct namespaces *namespaces);

/*
 * For the search: takes over the file. Returns 0 even if the namespace is known, or the file is
 * none.
 */
int namespaces_add(struct namespaces *namespaces, int fd, const char *name);
/* No two namespaces have one name. Returns -1 for ENOMEM. */
int namespaces_rename(struct namespaces *namespaces, struct namespace *known, const char *name);
struct namespace *namespaces_by_inode(const struct namespaces *namespaces, uint64_t inode);
/* From now on, a second counts as HURRY seconds in this process. */
void namespaces_hurry(void);
/* Have so many seconds passed since the beginning of the search? */
bool namespaces_late(const struct namespaces *namespaces, unsigned int seconds);
/* When will they have passed, by CLOCK_MONOTONIC? */
struct timespec namespaces_deadline(const struct namespaces *namespaces, unsigned int seconds);
/* @name must be fit for printing. Returns -1 for ENOMEM. */
int namespaces_unseen(struct namespaces *namespaces, enum unseen kind, const char *name, int error);

/*
 * List the netdevs of all namespaces. *lists has an element for each namespace, which is NULL if
 * its netdevs cannot be listed. Returns -1 for ENOMEM.
 */
int namespaces_netdevs(struct namespaces *namespaces, struct rdma_ns_netdev ****lists);
void namespaces_free_netdevs(const struct namespaces *namespaces, struct rdma_ns_netdev ***lists);

/* In messages that have more to say, and not room for everything. */
#define NAME_SHOWN_MAX 160

/* List those of one namespace, the caller's if @netns_fd is -1. */
int netdevs_of(int netns_fd, struct rdma_ns_netdev ***list);
bool netdev_has_address(const struct rdma_ns_netdev *netdev,
			const struct sockaddr_storage *address);

/* Returns true, and says so, if there can be no netdevs because the kernel has no RDMA. */
bool namespaces_without_rdma(const char *command);

/*
 * What of this kind could not be seen, and the remedy. No more of a namespace's name is shown than
 * @name_max, since a tenant chooses paths. Returns NULL, or memory for free().
 */
char *namespaces_unseen_text(const struct namespaces *namespaces, enum unseen kind, int name_max);
/* Say on standard error what could not be seen; returns STATUS_UNSEEN or STATUS_OK. */
int namespaces_tell(const struct namespaces *namespaces);

/* A word for each kind, for OpenMetrics. */
const char *unseen_str(enum unseen kind);

#endif
