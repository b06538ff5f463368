/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Requests to rtnetlink. */
#ifndef RDMA_NS_RTNETLINK_MESSAGE_H
#define RDMA_NS_RTNETLINK_MESSAGE_H

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct rtnetlink_request {
	struct nlmsghdr header;
	char body[128];
};

/* @type: RTM_*; returns what follows the header, @length zeros. */
void *rtnetlink_request_init(struct rtnetlink_request *request, uint16_t type, size_t length);
void rtnetlink_request_add(struct rtnetlink_request *request, uint16_t type, const void *data,
			   size_t length);
/* An IP address; @family: AF_INET or AF_INET6. */
void rtnetlink_request_add_ip(struct rtnetlink_request *request, uint16_t type, sa_family_t family,
			      const void *ip);

/* RTM_GETROUTE without flags or netdev. */
struct rtmsg *rtnetlink_request_route(struct rtnetlink_request *request, sa_family_t family,
				      const void *source, const void *destination);

#endif
