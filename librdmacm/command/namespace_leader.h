/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The process that led to a network namespace: its command, and the container that it is in. */
#ifndef RDMA_NS_NAMESPACE_LEADER_H
#define RDMA_NS_NAMESPACE_LEADER_H

#include <sys/types.h>

#include "container.h"

#define COMMAND_MAX 64 /* the kernel's own may be longer than a program's */

struct namespace_leader {
	pid_t pid; /* 0: none */
	char command[COMMAND_MAX]; /* whatever the process chose */
	struct container container;
};

/* @folder: the process's in /proc; @task: where its thread is in there, "" or "task/TID/". */
void namespace_leader_read(struct namespace_leader *leader, pid_t pid, int folder,
			   const char *task);

#endif
