/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef RDMA_NS_FORK_LOCK_H
#define RDMA_NS_FORK_LOCK_H

#include <pthread.h>

/*
 * Have every fork() take this lock and release it on both sides, so that the child, in which the
 * other threads are gone, finds what the lock protects whole. No lock may be taken under another
 * one that is handed in here.
 */
void fork_lock(pthread_mutex_t *lock);

#endif
