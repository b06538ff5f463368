/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Which container does a control group belong to? Whoever may make control groups chooses their
 * names, so this is a hint and no proof.
 */
#ifndef RDMA_NS_CONTAINER_H
#define RDMA_NS_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CONTAINER_ID_MAX 64
#define CONTAINER_NAME_MAX 112

struct container {
	const char *engine; /* NULL: none is known */
	/* Digits, or a name of letters, digits, '.', '_' and '-'. */
	char id[CONTAINER_ID_MAX + 1];
	char pod[CONTAINER_ID_MAX + 1]; /* of Kubernetes or podman, or "" */
	uint32_t user; /* in whose part of the tree it is; 0: the system's */
};

/*
 * Parse the path of a control group, as it is seen from the host's root. The outermost container
 * counts, since whoever is in it may have made the groups below. Returns false if there is none.
 */
bool container_parse(const char *path, struct container *container);

/* The same for a file such as /proc/PID/cgroup, whose lines must not contradict each other. */
void container_read(FILE *file, struct container *container);

/*
 * "ENGINE:ID", with the first 12 digits of an ID that has 64, or "uid:USER/ENGINE:ID". Returns
 * @text.
 */
const char *container_name(const struct container *container, char text[CONTAINER_NAME_MAX]);

#endif
