/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A line of /proc/PID/mountinfo. Whoever may mount chooses its paths, and how long they are. */
#ifndef RDMA_NS_MOUNTINFO_H
#define RDMA_NS_MOUNTINFO_H

#include <stdbool.h>
#include <stdint.h>

struct mountinfo {
	uint64_t id;
	char *root; /* what of the filesystem is mounted */
	char *path; /* where */
	char *rest; /* options and more, as they are in the line */
};

/* Parse a line, which is changed and holds the result. Returns false if fields are missing. */
bool mountinfo_parse(char *line, struct mountinfo *mount);

/* The inode of the network namespace that is mounted, or 0 if it is something else. */
uint64_t mountinfo_netns(const struct mountinfo *mount);

/*
 * Is the filesystem one that only waits for this host's own memory and disks? Others may wait for a
 * server, and an overlay may lie over one that does.
 */
bool mountinfo_is_local(const struct mountinfo *mount);

#endif
