/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef RDMA_NS_SYSFS_H
#define RDMA_NS_SYSFS_H

/*
 * Open the root of a sysfs that shows the devices of a network namespace and is mounted nowhere:
 * /sys shows those of whoever mounted it. This requires CAP_SYS_ADMIN. Returns an open file, or -1
 * and sets errno.
 */
int sysfs_open(int netns_fd);

#endif
