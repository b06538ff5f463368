// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <netlink/attr.h>
#include <string.h>

#include "rtnetlink_message.h"

static size_t ip_length(sa_family_t family)
{
	return family == AF_INET ? 4 : 16;
}

void *rtnetlink_request_init(struct rtnetlink_request *request, uint16_t type, size_t length)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = type;
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(length);
	return NLMSG_DATA(&request->header);
}

void rtnetlink_request_add(struct rtnetlink_request *request, uint16_t type, const void *data,
			   size_t length)
{
	const size_t start = NLMSG_ALIGN(request->header.nlmsg_len);
	struct nlattr *attribute = (void *)((char *)request + start);

	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(NLA_HDRLEN + length);
	memcpy((char *)attribute + NLA_HDRLEN, data, length);
	request->header.nlmsg_len = (uint32_t)(start + NLA_ALIGN(attribute->nla_len));
}

void rtnetlink_request_add_ip(struct rtnetlink_request *request, uint16_t type, sa_family_t family,
			      const void *ip)
{
	rtnetlink_request_add(request, type, ip, ip_length(family));
}

struct rtmsg *rtnetlink_request_route(struct rtnetlink_request *request, sa_family_t family,
				      const void *source, const void *destination)
{
	struct rtmsg *route = rtnetlink_request_init(request, RTM_GETROUTE, sizeof(*route));

	route->rtm_family = (unsigned char)family;
	route->rtm_dst_len = route->rtm_src_len = (unsigned char)(8 * ip_length(family));
	rtnetlink_request_add_ip(request, RTA_DST, family, destination);
	rtnetlink_request_add_ip(request, RTA_SRC, family, source);
	return route;
}
