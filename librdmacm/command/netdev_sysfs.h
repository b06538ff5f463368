/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What only sysfs says about the netdevs of a network namespace. */
#ifndef RDMA_NS_NETDEV_SYSFS_H
#define RDMA_NS_NETDEV_SYSFS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Open the folder of a netdev. @root: from sysfs_open(). -1 and EAGAIN: the netdev no longer exists
 * or no longer has this name.
 */
int netdev_sysfs_open(int root, const char *name, uint32_t ifindex);

/* Netdevs with a lower number are older; 0: not known. */
uint64_t netdev_sysfs_created(int root, const char *name, uint32_t ifindex);

/*
 * Is it the IPoIB netdev of a port, from which children are made, and none of these? False if that
 * cannot be seen.
 */
bool netdev_sysfs_is_parent(int root, const char *name, uint32_t ifindex);

/*
 * Close the folder after calling the function with the ifindex of each netdev directly above; an
 * ifindex that cannot be read is 0, and errno says why: EAGAIN if that netdev has changed
 * meanwhile. Returns the function's result if that is not 0, or -1 for ENOMEM.
 */
int netdev_sysfs_uppers(int folder, int (*take)(void *context, uint32_t ifindex), void *context);

#endif
