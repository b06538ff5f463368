/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The RDMA devices that a network namespace has. */
#ifndef RDMA_NS_RDMA_DEVICES_H
#define RDMA_NS_RDMA_DEVICES_H

#include "command.h"

struct rdma_devices {
	char (*names)[RDMA_NS_DEVICE_NAME_MAX];
	size_t count;
};

/*
 * List those of the namespace of @netns_fd (-1: the caller's). Returns -1 and sets errno, to
 * EPROTONOSUPPORT if the kernel has no RDMA, or EPERM where the namespace may not be entered.
 */
int rdma_devices_list(struct rdma_devices *devices, int netns_fd);
bool rdma_devices_have(const struct rdma_devices *devices, const char *name);
void rdma_devices_release(struct rdma_devices *devices);

#endif
