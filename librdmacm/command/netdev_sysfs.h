/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What only sysfs says about the netdevs of a network namespace. */
#ifndef RDMA_NS_NETDEV_SYSFS_H
#define RDMA_NS_NETDEV_SYSFS_H

#include <stdint.h>

/* @root: from sysfs_open(). Netdevs with a lower number are older; 0: not known. */
uint64_t netdev_sysfs_created(int root, const char *name);

/*
 * Call the function with the name of each netdev directly above this one. Returns -1 if that is
 * what the function returned.
 */
int netdev_sysfs_uppers(int root, const char *name, int (*take)(void *context, const char *upper),
			void *context);

#endif
