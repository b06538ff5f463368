/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* How much of an RDMA device a control group may use, by the files of the controller "rdma". */
#ifndef RDMA_NS_RDMA_LIMITS_H
#define RDMA_NS_RDMA_LIMITS_H

#include <stdbool.h>
#include <stdio.h>

#include <rdma/rdma_ns.h>

#define RDMA_NO_LIMIT UINT32_MAX

/* A line of rdma.max or rdma.current. What it does not name is RDMA_NO_LIMIT. */
struct rdma_limit {
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t handles, objects;
};

/* Returns false if it is no such line. */
bool rdma_limit_parse(const char *line, struct rdma_limit *limit);

/* Where the groups of one hierarchy are mounted, and what of it. */
struct group_mount {
	char path[256], root[256];
	bool unified; /* version 2 */
};

/*
 * Find where the groups that have the controller are, in what reads like /proc/self/mountinfo.
 * Version 1 counts if it has the controller. Returns false if they are nowhere.
 */
bool group_mount_find(FILE *mountinfo, struct group_mount *mount);

/*
 * Find this process's group there, in what reads like /proc/self/cgroup, as a folder. Returns false
 * if the group is not in what is mounted.
 */
bool group_folder(FILE *groups, const struct group_mount *mount, char *folder, size_t size);

#endif
