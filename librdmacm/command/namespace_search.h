/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the parts of the search for network namespaces in /proc share. */
#ifndef RDMA_NS_NAMESPACE_SEARCH_H
#define RDMA_NS_NAMESPACE_SEARCH_H

#include <sys/types.h>

#include "namespace_descriptors.h"
#include "namespace_mounts.h"

struct process {
	pid_t pid;
	bool refused, late; /* it has been counted as unseen */
	bool stuck; /* a question about its sockets has not been answered */
};

/* The functions that return int return -1 only for ENOMEM. */
struct search {
	struct namespaces *namespaces;
	dev_t nsfs; /* the device of all namespaces' files */
	dev_t own_root;
	struct process *processes;
	size_t processes_count, processes_room;
	struct seen_mounts mounts;
	struct seen_descriptors descriptors;
	int (*look)(struct search *search); /* at each thread */
	/* The task, a process or another thread of it, that is being looked at. */
	struct process *process;
	int folder; /* /proc/PID */
	pid_t tid;
	char task[32]; /* where it is in the folder: "", "task/TID/" */
	char holder[64]; /* "pid:PID", "pid:PID/tid:TID" */
};

/*
 * Count the process as one of which something may not be examined; one that no longer exists is not
 * counted.
 */
int search_refuse(struct search *search, int error);
/* Count the process as one about which a question has not been answered. */
int search_stuck(struct search *search, int error);
/* Has the time run out? If so, count the process as not examined in time. */
int search_late(struct search *search, bool *late);

/*
 * The file may be on a tenant's server that does not answer, such as FUSE's, and must not be waited
 * for. Attributes from a server may be stale, but a namespace's never are.
 */
int look_without_waiting(int at, const char *path, dev_t *device, ino_t *inode);

/* The same, and openat(), for a file of the task. */
int search_look(const struct search *search, const char *path, dev_t *device, ino_t *inode);
int search_open(const struct search *search, const char *path, int flags);

/* Call the function for each entry of the task's folder whose name is a number. */
int search_visit(struct search *search, const char *folder,
		 int (*visitor)(struct search *search, const char *name));

/*
 * Takes @at, opened with O_PATH: its owner may have put anything there, and opening a device may do
 * something. -1 and ENOENT: it is not a namespace.
 */
int search_open_namespace(const struct search *search, int at);
/* Look at the file of a namespace; the namespace may be known already. */
int search_look_at_file(struct search *search, const char *path, const char *name);
/* Takes @fd; @error if that is -1. */
int search_take(struct search *search, int fd, int error, const char *name);
/* Takes @fd. If the namespace is new, the task is its leader. */
int search_add(struct search *search, int fd, const char *name);
/* The task is in the namespace, and its leader if there was none. */
void search_lead(const struct search *search, struct namespace *namespace);

/* Has the leader ended, and left the process to its other threads? */
bool search_is_leader_gone(const struct search *search);

#endif
