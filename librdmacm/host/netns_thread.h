/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What the kernel or a library does in the namespace of the thread that calls it: a thread over
 * there.
 */
#ifndef RDMA_NS_NETNS_THREAD_H
#define RDMA_NS_NETNS_THREAD_H

/*
 * Call @function in the namespace of @netns_fd, in a thread that takes no signals and ends with it;
 * in the caller's own thread if @netns_fd is -1. -1 and errno: it was not called.
 */
int netns_thread_run(int netns_fd, void (*function)(void *data), void *data);

#endif
