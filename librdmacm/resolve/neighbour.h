/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* At which QPN does a packet to an address aim? The active side's half of step 1. */
#ifndef RDMA_NS_NEIGHBOUR_H
#define RDMA_NS_NEIGHBOUR_H

#include "netdev_table.h"
#include "netlink.h"
#include "rtnetlink_message.h"

/* RTM_GETROUTE as for output, and the parts of its answer that are needed. */
struct neighbour_route {
	uint8_t type; /* RTN_*; 0: no answer */
	uint32_t oif;
	bool gateway;
};

/* @oif: the netdev by which the packet must leave, or 0. */
void neighbour_build_route(sa_family_t family, const void *source, const void *destination,
			   uint32_t oif, struct rtnetlink_request *request);
void neighbour_parse_route(const struct nlmsghdr *header, struct neighbour_route *route);

void neighbour_build(sa_family_t family, const void *destination, uint32_t ifindex,
		     struct rtnetlink_request *request);
/* The QPN in the entry, or 0 if it has none, as before ARP is answered. */
uint32_t neighbour_parse(const struct nlmsghdr *header);

struct probe;

/*
 * Find the QPN at which packets from @source, an address of @netdev, to @destination aim, and the
 * neighbour entry that has it, if one does. Returns 0 if it is not known, or if the destination is
 * behind a gateway, so that the next hop is not the destination.
 */
uint32_t neighbour_qpn(struct netlink *netlink, const struct netdev_table *table,
		       const struct netdev *netdev, const struct sockaddr_storage *source,
		       const struct sockaddr_storage *destination, struct probe *entry);

#endif
