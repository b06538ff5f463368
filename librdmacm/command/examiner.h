/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Asks other processes' sockets in a process of its own. Their owner can make each
 * question wait, and even SIGKILL need not end that: what was a socket may have become a file of a
 * FUSE server, which close(2) asks.
 */
#ifndef RDMA_NS_EXAMINER_H
#define RDMA_NS_EXAMINER_H

#include <stdbool.h>
#include <sys/types.h>

struct examiner {
	pid_t pid; /* 0: not yet started, or given up because it did not answer */
	int socket;
	unsigned int *lost; /* counts processes that were given up, and may never end */
};

/* After so many no question is put any more, or those that never end would use up all processes. */
#define EXAMINERS_LOST_MAX 4

/* One of a task's descriptors. */
struct task_descriptor {
	pid_t tid;
	bool is_thread; /* the task is not its process's leader */
	int fd;
};

/*
 * Open the network namespace of a socket. Returns -1 on error; ENOTSOCK: it is none. The question
 * has not been answered: EBUSY: two processes, one after the other, got no answer in time, or too
 * many did not before; ECANCELED: the process that asked was killed; EAGAIN: there can be no
 * process.
 */
int examiner_netns(struct examiner *examiner, const struct task_descriptor *socket);

/* Begin with one of which only "lost" is set. */
void examiner_release(struct examiner *examiner);

#endif
