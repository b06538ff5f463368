/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * A thread in another network namespace, for what the kernel or a library does in the namespace of
 * the calling thread.
 */
#ifndef RDMA_NS_NETNS_THREAD_H
#define RDMA_NS_NETNS_THREAD_H

/*
 * Call @function in the namespace of @netns_fd, in a thread that takes no signals and ends with it;
 * in the caller's own thread if @netns_fd is -1. Returns -1 and sets errno if it was not called.
 */
int netns_thread_run(int netns_fd, void (*function)(void *data), void *data);

#endif
