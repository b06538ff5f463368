/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Socket addresses as rdma_cm sees them, and whether a netdev has one. */
#ifndef CMA_ADDRESS_H
#define CMA_ADDRESS_H

#include <linux/netdevice.h>
#include <linux/socket.h>

bool cma_ns_is_family_off(const struct sockaddr *address);
u16 cma_ns_port(const struct sockaddr *address);
bool cma_ns_same_end(const struct sockaddr *one, const struct sockaddr *two);
bool cma_ns_netdev_has_address(const struct net_device *netdev, const struct sockaddr *address);
bool cma_ns_is_local(struct net_device *netdev, const struct sockaddr *address);
bool cma_ns_is_wildcard(const struct sockaddr *address);
bool cma_ns_is_link_local(const struct sockaddr *address);

#endif
