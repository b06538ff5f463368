// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <rdma/rdma_netlink.h>
#include <stdlib.h>
#include <string.h>

#include "rdma_devices.h"
#include "rdma_netlink_message.h"

static int take(const struct nlmsghdr *header, void *data)
{
	const struct nlattr *name = rdma_netlink_find(header, RDMA_NLDEV_ATTR_DEV_NAME, 1);
	struct rdma_devices *devices = data;
	char(*names)[RDMA_NS_DEVICE_NAME_MAX];

	if (!name)
		return 0;
	names = reallocarray(devices->names, devices->count + 1, sizeof(*names));
	if (!names) {
		errno = ENOMEM;
		return -1;
	}
	devices->names = names;
	nla_strlcpy(names[devices->count++], name, sizeof(*names));
	return 0;
}

int rdma_devices_list(struct rdma_devices *devices, int netns_fd)
{
	struct rdma_netlink_request request;
	struct netlink netlink;
	int error;

	memset(devices, 0, sizeof(*devices));
	if (netlink_open(&netlink, NETLINK_RDMA, netns_fd, NULL))
		return -1;
	rdma_netlink_request_init(&request, RDMA_NLDEV_CMD_GET, NLM_F_DUMP);
	error = netlink_request(&netlink, &request.header, take, devices) ? errno : 0;
	netlink_close(&netlink);
	if (!error)
		return 0;
	rdma_devices_release(devices);
	errno = error;
	return -1;
}

bool rdma_devices_have(const struct rdma_devices *devices, const char *name)
{
	for (size_t i = 0; i < devices->count; i++) {
		if (!strcmp(devices->names[i], name))
			return true;
	}
	return false;
}

void rdma_devices_release(struct rdma_devices *devices)
{
	free(devices->names);
	memset(devices, 0, sizeof(*devices));
}
