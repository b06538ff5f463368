/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Network namespaces that bind mounts hold, in any mount namespace. */
#ifndef RDMA_NS_NAMESPACE_MOUNTS_H
#define RDMA_NS_NAMESPACE_MOUNTS_H

#include <sys/types.h>

#include "namespaces.h"

struct search;
struct mounts;

struct seen_mounts {
	struct mounts *list; /* those that have been examined */
	size_t count;
	unsigned int reads; /* how often the same task's mounts have been read once more */
};

/* Look at the mounts that the task sees. Returns -1 for ENOMEM. */
int namespace_mounts_look(struct search *search);
void namespace_mounts_release(struct seen_mounts *seen);

#endif
