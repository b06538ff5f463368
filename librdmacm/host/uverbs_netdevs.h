/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The netdevs of RDMA devices' ports, asked of an extended ib_uverbs: rdma_user_ioctl_ns.h. */
#ifndef RDMA_NS_UVERBS_NETDEVS_H
#define RDMA_NS_UVERBS_NETDEVS_H

#include "ports.h"

/*
 * Set the netdevs of each port that the kernel reports for the namespace of @netns_fd (-1: the
 * caller's). They stay NULL if the kernel lacks the extension or the device may not be opened.
 * Returns -1 for ENOMEM.
 */
int uverbs_netdevs_read(struct ports *ports, int netns_fd);

/* A device's file, and the number that each ioctl on it must have. */
struct uverbs {
	int fd; /* -1: not open */
	uint32_t driver_id;
};

/* -1 and errno. */
int uverbs_open(struct uverbs *uverbs, const char *device);
void uverbs_close(struct uverbs *uverbs);

/*
 * Ask in the namespace of the calling thread. @size is that of @request. Returns -1 and sets errno
 * on error; EPROTONOSUPPORT means that the kernel is not extended.
 */
int uverbs_query_netdevs(const struct uverbs *uverbs, const struct rdma_ns_query_netdevs *request,
			 size_t size, uint32_t *total);

#endif
