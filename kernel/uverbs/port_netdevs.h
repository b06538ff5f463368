/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The netdevs that a port of a device is reached through, in one network namespace. */
#ifndef PORT_NETDEVS_H
#define PORT_NETDEVS_H

#include <linux/types.h>

struct ib_device;
struct net;

struct rdma_ns_port_netdev {
	u32 ifindex;
	u32 qpn; /* IPoIB's, or 0 */
	u16 pkey; /* IPoIB's, with its membership bit, or 0 */
	u16 vlan; /* the id of a VLAN netdev, or 0 */
};

struct rdma_ns_port_netdevs {
	const struct net *net;
	struct rdma_ns_port_netdev *entries;
	u32 room, count;
};

/*
 * Returns 0, and the caller kvfree()s netdevs->entries, or -ENOMEM. Outside of the kernel's source
 * it may be -EOPNOTSUPP: the stock ib_ipoib does not tell.
 */
int rdma_ns_list_port_netdevs(struct rdma_ns_port_netdevs *netdevs, struct ib_device *device,
			      u32 port, struct net *net);

#endif
