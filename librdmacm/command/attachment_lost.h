/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Netdevs of containers that were found nowhere when they were to be taken back. One may have been
 * where nobody can look, such as in a namespace that is about to disappear, and come to the host
 * later, under a name that its container has chosen.
 */
#ifndef RDMA_NS_ATTACHMENT_LOST_H
#define RDMA_NS_ATTACHMENT_LOST_H

#include "ipoib_child.h"
#include "problem.h"

/* Each is an empty file of this folder, whose name tells the identity. */
#define LOST_FOLDER "/run/rdma-ns/lost"
/* Whoever loses netdevs on purpose must not fill the memory: the oldest ones are forgotten then. */
#define LOST_MAX 4096

struct lost {
	struct ipoib_identity *list;
	size_t count;
};

int lost_read(struct lost *lost, struct problem *problem);
void lost_release(struct lost *lost);

int lost_add(struct lost *lost, const struct ipoib_identity *identity, struct problem *problem);
bool lost_has(const struct lost *lost, const struct ipoib_netdev *netdev);
/* Remove those of the host's children that are lost ones. Standard error says what failed. */
void lost_remove(struct lost *lost, const struct ipoib_netdev *children, size_t count);

#endif
