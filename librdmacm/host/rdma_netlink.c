// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <rdma/rdma_netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rdma_netlink.h"
#include "rdma_netlink_message.h"
#include "sysfs.h"

#define NODE_TYPE_IWARP 4 /* RDMA_NODE_RNIC of the kernel */

static int take_mode(const struct nlmsghdr *header, void *data)
{
	enum rdma_ns_netns_mode *mode = data;
	const struct nlattr *attribute =
		rdma_netlink_find(header, RDMA_NLDEV_SYS_ATTR_NETNS_MODE, 1);

	if (attribute)
		*mode = nla_get_u8(attribute) ? RDMA_NS_NETNS_SHARED : RDMA_NS_NETNS_EXCLUSIVE;
	return 0;
}

enum rdma_ns_netns_mode rdma_netlink_netns_mode(void)
{
	enum rdma_ns_netns_mode mode = RDMA_NS_NETNS_UNKNOWN;
	struct rdma_netlink_request request;
	struct netlink netlink;

	if (netlink_open(&netlink, NETLINK_RDMA, -1, NULL))
		return mode;
	rdma_netlink_request_init(&request, RDMA_NLDEV_CMD_SYS_GET, 0);
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
	const struct nlattr *name = rdma_netlink_find(header, RDMA_NLDEV_ATTR_DEV_NAME, 1);
	const struct nlattr *index = rdma_netlink_find(header, RDMA_NLDEV_ATTR_DEV_INDEX, 4);

	if (name && index && !nla_strcmp(name, device->name)) {
		device->index = nla_get_u32(index);
		device->found = true;
	}
	return 0;
}

int rdma_netlink_device_index(struct netlink *netlink, const char *device, uint32_t *index)
{
	struct device_index wanted = { .name = device };
	struct rdma_netlink_request request;

	rdma_netlink_request_init(&request, RDMA_NLDEV_CMD_GET, NLM_F_DUMP);
	if (netlink_request(netlink, &request.header, take_device, &wanted))
		return -1;
	if (!wanted.found) {
		errno = ENODEV;
		return -1;
	}
	*index = wanted.index;
	return 0;
}

/* Add a port for each; its transport is only known yet if it is iWARP. */
static int take_ports(const struct nlmsghdr *header, void *data)
{
	const struct nlattr *name = rdma_netlink_find(header, RDMA_NLDEV_ATTR_DEV_NAME, 1);
	const struct nlattr *last = rdma_netlink_find(header, RDMA_NLDEV_ATTR_PORT_INDEX, 4);
	const struct nlattr *type = rdma_netlink_find(header, RDMA_NLDEV_ATTR_DEV_NODE_TYPE, 1);
	struct ports *ports = data;

	for (uint32_t number = 1; name && last && number <= nla_get_u32(last); number++) {
		struct port *list = reallocarray(ports->list, ports->count + 1, sizeof(*list));

		if (!list) {
			errno = ENOMEM;
			return -1;
		}
		ports->list = list;
		list = &list[ports->count++];
		memset(list, 0, sizeof(*list));
		snprintf(list->device, sizeof(list->device), "%s", nla_get_string((struct nlattr *)name));
		list->number = number;
		if (type && nla_get_u8(type) == NODE_TYPE_IWARP)
			list->transport = RDMA_NS_TRANSPORT_IWARP;
	}
	return 0;
}

struct port_details {
	bool subnet; /* only InfiniBand's have one */
	uint32_t netdev;
};

static int take_details(const struct nlmsghdr *header, void *data)
{
	const struct nlattr *index = rdma_netlink_find(header, RDMA_NLDEV_ATTR_NDEV_INDEX, 4);
	struct port_details *details = data;

	details->subnet = rdma_netlink_find(header, RDMA_NLDEV_ATTR_SUBNET_PREFIX, 8);
	details->netdev = index ? nla_get_u32(index) : 0;
	return 0;
}

static struct port_details ask_port(struct netlink *netlink, const struct port *port)
{
	struct port_details details = { 0 };
	struct rdma_netlink_request request;
	uint32_t index;

	if (rdma_netlink_device_index(netlink, port->device, &index))
		return details;
	rdma_netlink_request_init(&request, RDMA_NLDEV_CMD_PORT_GET, 0);
	rdma_netlink_request_add(&request, RDMA_NLDEV_ATTR_DEV_INDEX, index);
	rdma_netlink_request_add(&request, RDMA_NLDEV_ATTR_PORT_INDEX, port->number);
	if (netlink_request(netlink, &request.header, take_details, &details))
		details = (struct port_details){ 0 };
	return details;
}

/*
 * Without /sys, everything is known except the GIDs, which InfiniBand's requests name themselves.
 */
static int read_ports_without_sysfs(struct netlink *netlink, struct ports *ports)
{
	struct rdma_netlink_request request;

	rdma_netlink_request_init(&request, RDMA_NLDEV_CMD_GET, NLM_F_DUMP);
	/* If the kernel has no RDMA, nobody answers. */
	if (netlink_request(netlink, &request.header, take_ports, ports))
		return errno == ENOMEM ? -1 : 0;
	for (size_t i = 0; i < ports->count; i++) {
		struct port *port = &ports->list[i];
		const struct port_details details = ask_port(netlink, port);

		port->netdev = details.netdev;
		if (port->transport == RDMA_NS_TRANSPORT_UNKNOWN)
			port->transport =
				details.subnet ? RDMA_NS_TRANSPORT_IB : RDMA_NS_TRANSPORT_ROCE;
	}
	return 0;
}

/*
 * /sys shows the devices in the namespace of whoever mounted it, and in exclusive mode no others.
 */
static int read_sysfs(struct ports *ports, int netns_fd)
{
	char path[64] = PORTS_SYSFS;
	int root = -1, status;

	if (netns_fd >= 0 && netlink_netns_inode(netns_fd) != netlink_netns_inode(-1) &&
	    rdma_netlink_netns_mode() == RDMA_NS_NETNS_EXCLUSIVE)
		root = sysfs_open(netns_fd);
	if (root >= 0)
		snprintf(path, sizeof(path), "/proc/self/fd/%d/class/infiniband", root);
	status = ports_read(ports, path);
	if (root >= 0)
		close(root);
	return status;
}

int rdma_netlink_read_ports(struct ports *ports, int netns_fd)
{
	struct netlink netlink = { .fd = -1 };
	int status = 0;

	if (read_sysfs(ports, netns_fd))
		return -1;
	if (!ports->count && !netlink_open(&netlink, NETLINK_RDMA, netns_fd, NULL))
		status = read_ports_without_sysfs(&netlink, ports);
	for (size_t i = 0; i < ports->count; i++) {
		struct port *port = &ports->list[i];

		if (port->transport != RDMA_NS_TRANSPORT_IWARP || port->netdev)
			continue;
		if (netlink.fd < 0 && netlink_open(&netlink, NETLINK_RDMA, netns_fd, NULL))
			return 0;
		port->netdev = ask_port(&netlink, port).netdev;
	}
	netlink_close(&netlink);
	return status;
}
