/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Requests to RDMA netlink, and what is in its answers. */
#ifndef RDMA_NS_RDMA_NETLINK_MESSAGE_H
#define RDMA_NS_RDMA_NETLINK_MESSAGE_H

#include <netlink/attr.h>

#include "netlink.h"

struct rdma_netlink_request {
	struct nlmsghdr header;
	struct {
		struct nlattr header;
		uint32_t value;
	} attributes[2];
};

/* @command: RDMA_NLDEV_CMD_* */
void rdma_netlink_request_init(struct rdma_netlink_request *request, unsigned int command,
			       uint16_t flags);
/* At most two. */
void rdma_netlink_request_add(struct rdma_netlink_request *request, uint16_t type, uint32_t value);

/* NULL if it is not there, or shorter than @length. */
struct nlattr *rdma_netlink_find(const struct nlmsghdr *header, int type, size_t length);

#endif
