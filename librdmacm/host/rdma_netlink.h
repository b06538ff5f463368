/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What RDMA netlink (iproute2's rdma command) says, namespace by namespace. */
#ifndef RDMA_NS_RDMA_NETLINK_H
#define RDMA_NS_RDMA_NETLINK_H

#include <rdma/rdma_ns.h>

#include "netlink.h"
#include "ports.h"

/* RDMA_NS_NETNS_UNKNOWN if the kernel has no RDMA netlink. */
enum rdma_ns_netns_mode rdma_netlink_netns_mode(void);

/*
 * Read the list of ports again as the namespace of @netns_fd (-1: the caller's) sees them, with the
 * netdevs under iWARP's ports if these are in that namespace; the kernel does not report netdevs of
 * other namespaces. Where each device belongs to one namespace, those of another namespace require
 * CAP_SYS_ADMIN over it. Returns -1 for ENOMEM.
 */
int rdma_netlink_read_ports(struct ports *ports, int netns_fd);

/* Find RDMA netlink's number of a device. Returns -1 and sets errno, to ENODEV if there is none. */
int rdma_netlink_device_index(struct netlink *netlink, const char *device, uint32_t *index);

#endif
