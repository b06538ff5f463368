/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef RDMA_NS_SYSFS_H
#define RDMA_NS_SYSFS_H

/*
 * The root of a sysfs that shows the devices of a network namespace, mounted nowhere: /sys shows
 * those of whoever mounted it. It needs CAP_SYS_ADMIN. An open file, or -1.
 */
int sysfs_open(int netns_fd);

#endif
