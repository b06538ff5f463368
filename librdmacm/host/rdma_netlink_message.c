// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <netlink/msg.h>
#include <rdma/rdma_netlink.h>
#include <string.h>

#include "rdma_netlink_message.h"

void rdma_netlink_request_init(struct rdma_netlink_request *request, unsigned int command,
			       uint16_t flags)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = sizeof(request->header);
	request->header.nlmsg_type = (uint16_t)RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, command);
	request->header.nlmsg_flags = flags;
}

void rdma_netlink_request_add(struct rdma_netlink_request *request, uint16_t type, uint32_t value)
{
	const size_t i = (request->header.nlmsg_len - sizeof(request->header)) /
			 sizeof(request->attributes[0]);

	request->attributes[i].header.nla_type = type;
	request->attributes[i].header.nla_len = sizeof(request->attributes[0]);
	request->attributes[i].value = value;
	request->header.nlmsg_len += sizeof(request->attributes[0]);
}

struct nlattr *rdma_netlink_find(const struct nlmsghdr *header, int type, size_t length)
{
	struct nlattr *attribute = nlmsg_find_attr((struct nlmsghdr *)header, 0, type);

	return attribute && (size_t)nla_len(attribute) >= length ? attribute : NULL;
}
