// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <netlink/attr.h>
#include <rdma/ib_user_ioctl_cmds.h>
#include <rdma/rdma_netlink.h>
#include <rdma/rdma_user_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "descriptor.h"
#include "netns_thread.h"
#include "rdma_netlink.h"
#include "rdma_netlink_message.h"
#include "uverbs_netdevs.h"

#define CHARDEV_TYPE "uverbs"

struct chardev {
	char name[32];
	uint32_t driver_id;
	bool found;
};

static int take_chardev(const struct nlmsghdr *header, void *data)
{
	const struct nlattr *name = rdma_netlink_find(header, RDMA_NLDEV_ATTR_CHARDEV_NAME, 1);
	const struct nlattr *driver =
		rdma_netlink_find(header, RDMA_NLDEV_ATTR_UVERBS_DRIVER_ID, 4);
	struct chardev *chardev = data;

	if (!name || !driver)
		return 0;
	nla_strlcpy(chardev->name, name, sizeof(chardev->name));
	chardev->driver_id = nla_get_u32(driver);
	chardev->found = true;
	return 0;
}

static int find_chardev(const char *device, struct chardev *chardev)
{
	struct {
		struct nlmsghdr header;
		struct nlattr index_header;
		uint32_t index;
		struct nlattr type_header;
		char type[NLA_ALIGN(sizeof(CHARDEV_TYPE))];
	} request = {
		.header.nlmsg_len = sizeof(request),
		.header.nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_GET_CHARDEV),
		.index_header.nla_type = RDMA_NLDEV_ATTR_DEV_INDEX,
		.index_header.nla_len = NLA_HDRLEN + sizeof(request.index),
		.type_header.nla_type = RDMA_NLDEV_ATTR_CHARDEV_TYPE,
		.type_header.nla_len = NLA_HDRLEN + sizeof(CHARDEV_TYPE),
		.type = CHARDEV_TYPE,
	};
	struct netlink netlink;
	int result;

	if (netlink_open(&netlink, NETLINK_RDMA, -1, NULL))
		return -1;
	result = rdma_netlink_device_index(&netlink, device, &request.index);
	if (!result)
		result = netlink_request(&netlink, &request.header, take_chardev, chardev);
	netlink_close(&netlink);
	return result;
}

int uverbs_open(struct uverbs *uverbs, const char *device)
{
	struct chardev chardev = { .found = false };
	char path[sizeof("/dev/infiniband/") + sizeof(chardev.name)];

	uverbs->fd = -1;
	if (find_chardev(device, &chardev))
		return -1;
	if (!chardev.found || strchr(chardev.name, '/')) {
		errno = ENODEV;
		return -1;
	}
	snprintf(path, sizeof(path), "/dev/infiniband/%s", chardev.name);
	uverbs->driver_id = chardev.driver_id;
	uverbs->fd = descriptor_keep(open(path, O_RDWR | O_CLOEXEC));
	return uverbs->fd < 0 ? -1 : 0;
}

void uverbs_close(struct uverbs *uverbs)
{
	if (uverbs->fd >= 0)
		close(uverbs->fd);
	uverbs->fd = -1;
}

int uverbs_query_netdevs(const struct uverbs *uverbs, const struct rdma_ns_query_netdevs *request,
			 size_t size, uint32_t *total)
{
	union {
		struct ib_uverbs_ioctl_hdr header;
		uint8_t room[sizeof(struct ib_uverbs_ioctl_hdr) +
			     2 * sizeof(struct ib_uverbs_attr)];
	} command = { .room = { 0 } };

	command.header.length = sizeof(command.room);
	command.header.object_id = UVERBS_OBJECT_DEVICE;
	command.header.method_id = RDMA_NS_METHOD_QUERY_NETDEVS;
	command.header.num_attrs = 2;
	command.header.driver_id = uverbs->driver_id;
	command.header.attrs[0] = (struct ib_uverbs_attr){
		.attr_id = RDMA_NS_ATTR_QUERY_NETDEVS_REQUEST,
		.len = (uint16_t)size,
		.flags = UVERBS_ATTR_F_MANDATORY,
		.data = (uintptr_t)request,
	};
	command.header.attrs[1] = (struct ib_uverbs_attr){
		.attr_id = RDMA_NS_ATTR_QUERY_NETDEVS_TOTAL,
		.len = sizeof(*total),
		.flags = UVERBS_ATTR_F_MANDATORY,
		.data = (uintptr_t)total,
	};
	return ioctl(uverbs->fd, RDMA_VERBS_IOCTL, &command);
}

/* Returns -1 for ENOMEM. Netdevs may be added between one question and the next. */
static int read_port(const struct uverbs *uverbs, struct port *port)
{
	struct rdma_ns_query_netdevs request = {
		.entry_size = sizeof(*port->netdevs),
		.port = port->number,
		.room = 16,
	};
	struct rdma_ns_netdev_entry *list = NULL, *longer;
	uint32_t total;

	for (;;) {
		longer = reallocarray(list, request.room, sizeof(*list));
		if (!longer) {
			free(list);
			return -1;
		}
		list = longer;
		request.entries = (uintptr_t)list;
		if (uverbs_query_netdevs(uverbs, &request, sizeof(request), &total)) {
			free(list);
			return 0;
		}
		if (total <= request.room)
			break;
		request.room = total + total / 8;
	}
	port->netdevs = list;
	port->netdevs_count = total;
	return 0;
}

struct reading {
	struct ports *ports;
	int result;
};

static void read_all(void *data)
{
	struct reading *reading = data;
	struct uverbs uverbs = { .fd = -1 };
	const char *device = "";

	/* Sorted by device. */
	for (size_t i = 0; i < reading->ports->count && !reading->result; i++) {
		struct port *port = &reading->ports->list[i];

		if (strcmp(device, port->device)) {
			uverbs_close(&uverbs);
			device = port->device;
			uverbs_open(&uverbs, device);
		}
		if (uverbs.fd >= 0)
			reading->result = read_port(&uverbs, port);
	}
	uverbs_close(&uverbs);
}

int uverbs_netdevs_read(struct ports *ports, int netns_fd)
{
	struct reading reading = { .ports = ports };

	/* If no thread could be created in that namespace, what is known without it still holds. */
	if (netns_thread_run(netns_fd, read_all, &reading))
		return 0;
	if (reading.result)
		errno = ENOMEM;
	return reading.result;
}
