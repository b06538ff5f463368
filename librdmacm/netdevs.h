/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef RDMA_NS_NETDEVS_H
#define RDMA_NS_NETDEVS_H

#include "netdev_table.h"
#include "ports.h"

/*
 * The part of rdma_ns_get_netdevs() that makes a list of netdevs and ports, without asking the
 * kernel.
 */
int netdevs_list(const struct netdev_table *table, const struct ports *ports, uint64_t netns,
		 struct rdma_ns_netdev ***list, size_t size);

#endif
