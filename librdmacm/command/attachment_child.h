/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Make the IPoIB children that records are about; for those who hold the lock of the records. */
#ifndef RDMA_NS_ATTACHMENT_CHILD_H
#define RDMA_NS_ATTACHMENT_CHILD_H

#include "attachment_record.h"

/*
 * Make a child on the host, with this name or, if that is NULL, one that says who made it. The
 * record is written before, with the child's ifindex, and after, with its QPN. Returns -1 and the
 * problem, or 1 and errno if the kernel refused it.
 */
int record_make_child(struct record *record, const char *name, struct problem *problem);

/*
 * Make the host's netdev that the record is about anew, with the settings that it had there.
 * Nothing is left then of what a container has set or attached, known or not, which to remove one
 * by one would be an endless list.
 */
int record_make_anew(struct record *record, struct problem *problem);

#endif
