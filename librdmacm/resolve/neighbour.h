/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* At which QPN does a packet to an address aim? The active side's half of step 1. */
#ifndef RDMA_NS_NEIGHBOUR_H
#define RDMA_NS_NEIGHBOUR_H

#include "netdev_table.h"
#include "netlink.h"
#include "rtnetlink_message.h"

/* RTM_GETROUTE as for output, and what is needed of its answer. */
struct neighbour_route {
	uint8_t type; /* RTN_*; 0: no answer */
	uint32_t oif;
	bool gateway;
};

/* @oif: 0, or the netdev that the packet must leave by. */
void neighbour_build_route(sa_family_t family, const void *source, const void *destination,
			   uint32_t oif, struct rtnetlink_request *request);
void neighbour_parse_route(const struct nlmsghdr *header, struct neighbour_route *route);

void neighbour_build(sa_family_t family, const void *destination, uint32_t ifindex,
		     struct rtnetlink_request *request);
/* The QPN in the entry; 0 if it has none, as before an answer to ARP. */
uint32_t neighbour_parse(const struct nlmsghdr *header);

struct probe;

/*
 * The QPN that packets from @source, an address of @netdev, to @destination aim at, and the entry
 * that says so, if one does. 0: not known, or behind a gateway, where the next hop is not the
 * destination.
 */
uint32_t neighbour_qpn(struct netlink *netlink, const struct netdev_table *table,
		       const struct netdev *netdev, const struct sockaddr_storage *source,
		       const struct sockaddr_storage *destination, struct probe *entry);

#endif
