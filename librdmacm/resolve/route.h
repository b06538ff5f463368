/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Step 2: would a packet be delivered here, and which netdev handles it? */
#ifndef RDMA_NS_ROUTE_H
#define RDMA_NS_ROUTE_H

#include <rdma/rdma_ns.h>

#include "netdev_table.h"
#include "netlink.h"
#include "rtnetlink_message.h"

struct route_query {
	sa_family_t family;
	uint8_t source[16], destination[16]; /* IPv4 in the first 4 */
	uint16_t source_port, destination_port; /* in network byte order */
	uint32_t iif; /* 0: as if sent from here */
	uint32_t oif; /* only without iif: the VRF, or the netdev of a link-local address; or 0 */
};

struct route_reply {
	int error; /* errno, or 0 */
	uint8_t type; /* RTN_* */
	uint32_t oif;
};

struct route_answer {
	enum rdma_ns_route route;
	int error; /* errno where the kernel answered with one */
	struct netdev *handling; /* NULL unless delivered, or the owner is down */
};

/* Build RTM_GETROUTE for the kernel, and parse its answer; -1 if it is not one. */
void route_build(const struct route_query *query, struct rtnetlink_request *request);
int route_parse(const struct nlmsghdr *header, struct route_reply *reply);

/*
 * Determine what to ask about a packet that arrives on @ingress; *self: its source is our own
 * address.
 */
void route_ask(const struct netdev_table *table, const struct netdev *ingress,
	       const struct sockaddr_storage *source, const struct sockaddr_storage *destination,
	       struct route_query *query, bool *self);

/* Interpret the kernel's reply. */
void route_judge(const struct netdev_table *table, const struct netdev *ingress,
		 const struct route_query *query, bool self, const struct route_reply *reply,
		 struct route_answer *answer);

/* Do all of the above. */
void route_check(struct netlink *netlink, const struct netdev_table *table,
		 const struct netdev *ingress, const struct sockaddr_storage *source,
		 const struct sockaddr_storage *destination, struct route_answer *answer);

#endif
