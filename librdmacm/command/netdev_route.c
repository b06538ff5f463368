// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "netdev_route.h"
#include "netlink.h"
#include "rtnetlink_message.h"

#define TRIES_MAX 10 /* what comes or goes disturbs a dump */

/* The kernel wants zeros behind the prefix. */
static void mask(const struct rdma_ns_address *destination, uint8_t bytes[16])
{
	const size_t whole = destination->prefix_length / 8, rest = destination->prefix_length % 8;

	memset(bytes, 0, 16);
	memcpy(bytes, destination->bytes, whole);
	if (rest)
		bytes[whole] = (uint8_t)(destination->bytes[whole] & (0xff << (8 - rest)));
}

static int no_answer(const struct nlmsghdr *header, void *data)
{
	(void)header, (void)data;
	return 0;
}

int netdev_route_add(int netns_fd, uint32_t ifindex, const struct netdev_route *route)
{
	const sa_family_t family = (sa_family_t)route->destination.family;
	struct rtnetlink_request request;
	struct netlink netlink;
	struct rtmsg *message;
	uint8_t bytes[16];
	int result, error;

	mask(&route->destination, bytes);
	message = rtnetlink_request_init(&request, RTM_NEWROUTE, sizeof(*message));
	message->rtm_family = (unsigned char)family;
	message->rtm_dst_len = route->destination.prefix_length;
	message->rtm_table = RT_TABLE_MAIN;
	message->rtm_protocol = RTPROT_STATIC;
	message->rtm_scope = route->has_gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	message->rtm_type = RTN_UNICAST;
	request.header.nlmsg_flags = NLM_F_CREATE | NLM_F_ACK;
	rtnetlink_request_add_ip(&request, RTA_DST, family, bytes);
	if (route->has_gateway)
		rtnetlink_request_add_ip(&request, RTA_GATEWAY, family, route->gateway);
	rtnetlink_request_add(&request, RTA_OIF, &ifindex, sizeof(ifindex));
	if (netlink_open(&netlink, NETLINK_ROUTE, netns_fd, NULL))
		return -1;
	result = netlink_request(&netlink, &request.header, no_answer, NULL);
	error = errno;
	netlink_close(&netlink);
	errno = error;
	return result && errno == EEXIST ? 0 : result;
}

struct search {
	const struct rdma_ns_address *destination;
	uint8_t bytes[16];
};

static int take(const struct nlmsghdr *header, void *data)
{
	const struct search *search = data;
	const struct rtmsg *message = nlmsg_data(header);
	const size_t length = search->destination->family == AF_INET ? 4 : 16;
	const uint8_t zeros[16] = { 0 };
	const struct nlattr *found;

	if (header->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr(header, sizeof(*message)) ||
	    message->rtm_table != RT_TABLE_MAIN || message->rtm_type != RTN_UNICAST ||
	    message->rtm_flags & RTM_F_CLONED ||
	    message->rtm_family != search->destination->family ||
	    message->rtm_dst_len != search->destination->prefix_length)
		return 0;
	found = nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*message), RTA_DST);
	if (found && nla_len(found) != (int)length)
		return 0;
	return !memcmp(found ? nla_data(found) : zeros, search->bytes, length);
}

int netdev_route_find(int netns_fd, const struct rdma_ns_address *destination)
{
	struct search search = { .destination = destination };
	struct netlink netlink;
	int result = -1, error;

	mask(destination, search.bytes);
	if (netlink_open(&netlink, NETLINK_ROUTE, netns_fd, NULL))
		return -1;
	errno = EINTR;
	for (int i = 0; i < TRIES_MAX && result < 0 && errno == EINTR; i++) {
		struct rtnetlink_request request;
		struct rtmsg *message =
			rtnetlink_request_init(&request, RTM_GETROUTE, sizeof(*message));

		message->rtm_family = (unsigned char)destination->family;
		request.header.nlmsg_flags = NLM_F_DUMP;
		result = netlink_request(&netlink, &request.header, take, &search);
	}
	error = errno;
	netlink_close(&netlink);
	errno = error;
	return result;
}
