/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What "rdma-ns audit" does, in a thread of its own: a tenant can make it take long, and meanwhile
 * notifications are to be told of.
 */
#ifndef RDMA_NS_MONITOR_LOOK_H
#define RDMA_NS_MONITOR_LOOK_H

#include <pthread.h>

#include "looks.h"

struct monitor_look {
	bool all; /* namespaces */
	int done; /* an eventfd: readable when it has been done */
	bool running;
	pthread_t thread;
	/* what it has found, once it has been done */
	struct namespaces namespaces;
	struct looks looks;
	int error;
};

/* These return -1 and set errno. */
int monitor_look_open(struct monitor_look *look, bool all);
int monitor_look_start(struct monitor_look *look);
/* Wait for it, although it is done. Then release what it has found. */
int monitor_look_finish(struct monitor_look *look);
void monitor_look_release(struct monitor_look *look);

#endif
