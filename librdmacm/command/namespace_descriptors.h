/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Network namespaces that descriptors hold: of the namespaces themselves, and sockets. Many
 * processes may share a descriptor table, and many descriptors a socket: each is asked once.
 */
#ifndef RDMA_NS_NAMESPACE_DESCRIPTORS_H
#define RDMA_NS_NAMESPACE_DESCRIPTORS_H

#include <sys/types.h>

#include "examiner.h"
#include "hash_index.h"
#include "namespaces.h"

struct search;
struct socket;

struct seen_descriptors {
	pid_t *tables; /* tasks with different descriptor tables, in the order of kcmp(2) */
	size_t tables_count;
	struct hash_index sockets; /* those that have been asked, by inode */
	struct examiner examiner;
};

/* Look at the task's descriptors. Returns -1 for ENOMEM. */
int namespace_descriptors_look(struct search *search);
void namespace_descriptors_release(struct seen_descriptors *seen);

#endif
