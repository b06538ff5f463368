// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <rdma/rdma_netlink.h>
#include <stdbool.h>
#include <string.h>

#include "netlink.h"
#include "rdma_netlink.h"

struct request {
	struct nlmsghdr header;
	struct {
		struct nlattr header;
		uint32_t value;
	} attributes[2];
};

static void add_u32(struct request *request, uint16_t type, uint32_t value)
{
	size_t i = (request->header.nlmsg_len - sizeof(request->header)) /
		   sizeof(request->attributes[0]);

	request->attributes[i].header.nla_type = type;
	request->attributes[i].header.nla_len = sizeof(request->attributes[0]);
	request->attributes[i].value = value;
	request->header.nlmsg_len += sizeof(request->attributes[0]);
}

static struct request make_request(unsigned int command, uint16_t flags)
{
	struct request request = {
		.header = {
			.nlmsg_len = sizeof(request.header),
			.nlmsg_type = (uint16_t)RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, command),
			.nlmsg_flags = flags,
		},
	};

	return request;
}

static struct nlattr *find(const struct nlmsghdr *header, int type, size_t length)
{
	struct nlattr *attribute = nlmsg_find_attr((struct nlmsghdr *)header, 0, type);

	return attribute && (size_t)nla_len(attribute) >= length ? attribute : NULL;
}

static int take_mode(const struct nlmsghdr *header, void *data)
{
	enum rdma_ns_netns_mode *mode = data;
	const struct nlattr *attribute = find(header, RDMA_NLDEV_SYS_ATTR_NETNS_MODE, 1);

	if (attribute)
		*mode = nla_get_u8(attribute) ? RDMA_NS_NETNS_SHARED : RDMA_NS_NETNS_EXCLUSIVE;
	return 0;
}

enum rdma_ns_netns_mode rdma_netlink_netns_mode(void)
{
	struct request request = make_request(RDMA_NLDEV_CMD_SYS_GET, 0);
	enum rdma_ns_netns_mode mode = RDMA_NS_NETNS_UNKNOWN;
	struct netlink netlink;

	if (netlink_open(&netlink, NETLINK_RDMA, -1, NULL))
		return mode;
	if (netlink_request(&netlink, &request.header, take_mode, &mode))
		mode = RDMA_NS_NETNS_UNKNOWN;
	netlink_close(&netlink);
	return mode;
}

struct device_index {
	const char *name;
	uint32_t index;
	bool found;
};

static int take_device(const struct nlmsghdr *header, void *data)
{
	struct device_index *device = data;
	const struct nlattr *name = find(header, RDMA_NLDEV_ATTR_DEV_NAME, 1);
	const struct nlattr *index = find(header, RDMA_NLDEV_ATTR_DEV_INDEX, 4);

	if (name && index && !nla_strcmp(name, device->name)) {
		device->index = nla_get_u32(index);
		device->found = true;
	}
	return 0;
}

static int take_netdev(const struct nlmsghdr *header, void *data)
{
	const struct nlattr *index = find(header, RDMA_NLDEV_ATTR_NDEV_INDEX, 4);

	if (index)
		*(uint32_t *)data = nla_get_u32(index);
	return 0;
}

static uint32_t port_netdev(struct netlink *netlink, const struct port *port)
{
	struct device_index wanted = { .name = port->device };
	struct request devices = make_request(RDMA_NLDEV_CMD_GET, NLM_F_DUMP);
	struct request request = make_request(RDMA_NLDEV_CMD_PORT_GET, 0);
	uint32_t ifindex = 0;

	if (netlink_request(netlink, &devices.header, take_device, &wanted) || !wanted.found)
		return 0;
	add_u32(&request, RDMA_NLDEV_ATTR_DEV_INDEX, wanted.index);
	add_u32(&request, RDMA_NLDEV_ATTR_PORT_INDEX, port->number);
	return netlink_request(netlink, &request.header, take_netdev, &ifindex) ? 0 : ifindex;
}

int rdma_netlink_read_ports(struct ports *ports, int netns_fd)
{
	struct netlink netlink = { .fd = -1 };

	if (ports_read(ports, PORTS_SYSFS))
		return -1;
	for (size_t i = 0; i < ports->count; i++) {
		struct port *port = &ports->list[i];

		if (port->transport != RDMA_NS_TRANSPORT_IWARP)
			continue;
		if (netlink.fd < 0 && netlink_open(&netlink, NETLINK_RDMA, netns_fd, NULL))
			return 0;
		port->netdev = port_netdev(&netlink, port);
	}
	netlink_close(&netlink);
	return 0;
}
