// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <netlink/msg.h>
#include <rdma/rdma_netlink.h>
#include <stdlib.h>
#include <string.h>

#include "cm_ids.h"
#include "rdma_netlink_message.h"

struct devices {
	uint32_t *indices;
	size_t count;
};

static uint32_t u32_or_0(const struct nlattr *attribute)
{
	return attribute && nla_len(attribute) >= 4 ? nla_get_u32(attribute) : 0;
}

static void copy_address(const struct nlattr *attribute, struct sockaddr_storage *address)
{
	memset(address, 0, sizeof(*address));
	if (!attribute)
		return;
	nla_memcpy(address, attribute, sizeof(*address));
	if (address->ss_family != AF_INET && address->ss_family != AF_INET6)
		address->ss_family = AF_UNSPEC;
}

static int add(struct cm_ids *ids, const struct nlattr *device, struct nlattr *entry)
{
	struct nlattr *attributes[RDMA_NLDEV_ATTR_MAX];
	const struct nlattr *state;
	struct cm_id *id;

	if (nla_parse_nested(attributes, RDMA_NLDEV_ATTR_MAX - 1, entry, NULL))
		return 0;
	if (ids->count == ids->room) {
		size_t room = ids->room ? 2 * ids->room : 64;

		id = reallocarray(ids->list, room, sizeof(*id));
		if (!id) {
			errno = ENOMEM;
			return -1;
		}
		ids->list = id;
		ids->room = room;
	}
	id = &ids->list[ids->count++];
	memset(id, 0, sizeof(*id));
	nla_strlcpy(id->device, device, sizeof(id->device));
	id->port = u32_or_0(attributes[RDMA_NLDEV_ATTR_PORT_INDEX]);
	id->port_space = u32_or_0(attributes[RDMA_NLDEV_ATTR_RES_PS]);
	id->qpn = u32_or_0(attributes[RDMA_NLDEV_ATTR_RES_LQPN]);
	id->pid = u32_or_0(attributes[RDMA_NLDEV_ATTR_RES_PID]);
	state = attributes[RDMA_NLDEV_ATTR_RES_STATE];
	id->state = state && nla_len(state) >= 1 ? nla_get_u8(state) : -1;
	if (!id->pid && attributes[RDMA_NLDEV_ATTR_RES_KERN_NAME])
		nla_strlcpy(id->kernel_name, attributes[RDMA_NLDEV_ATTR_RES_KERN_NAME],
			    sizeof(id->kernel_name));
	copy_address(attributes[RDMA_NLDEV_ATTR_RES_SRC_ADDR], &id->source);
	copy_address(attributes[RDMA_NLDEV_ATTR_RES_DST_ADDR], &id->destination);
	return 0;
}

static int take_ids(const struct nlmsghdr *header, void *data)
{
	const struct nlattr *device = rdma_netlink_find(header, RDMA_NLDEV_ATTR_DEV_NAME, 1);
	struct nlattr *table = rdma_netlink_find(header, RDMA_NLDEV_ATTR_RES_CM_ID, 0);
	struct nlattr *entry;
	int left;

	if (!device || !table)
		return 0;
	nla_for_each_nested(entry, table, left) {
		if (add(data, device, entry))
			return -1;
	}
	return 0;
}

static int take_device(const struct nlmsghdr *header, void *data)
{
	const struct nlattr *index = rdma_netlink_find(header, RDMA_NLDEV_ATTR_DEV_INDEX, 4);
	struct devices *devices = data;
	uint32_t *indices;

	if (!index)
		return 0;
	indices = reallocarray(devices->indices, devices->count + 1, sizeof(*indices));
	if (!indices) {
		errno = ENOMEM;
		return -1;
	}
	indices[devices->count++] = nla_get_u32(index);
	devices->indices = indices;
	return 0;
}

int cm_ids_read(struct cm_ids *ids)
{
	struct rdma_netlink_request request;
	struct devices devices = { 0 };
	struct netlink netlink;
	int result, error;

	memset(ids, 0, sizeof(*ids));
	if (netlink_open(&netlink, NETLINK_RDMA, -1, NULL))
		return -1;
	rdma_netlink_request_init(&request, RDMA_NLDEV_CMD_GET, NLM_F_DUMP);
	result = netlink_request(&netlink, &request.header, take_device, &devices);
	for (size_t i = 0; i < devices.count && !result; i++) {
		rdma_netlink_request_init(&request, RDMA_NLDEV_CMD_RES_CM_ID_GET, NLM_F_DUMP);
		rdma_netlink_request_add(&request, RDMA_NLDEV_ATTR_DEV_INDEX, devices.indices[i]);
		result = netlink_request(&netlink, &request.header, take_ids, ids);
		/* It has gone since. */
		if (result && errno == EINVAL)
			result = 0;
	}
	error = errno;
	netlink_close(&netlink);
	free(devices.indices);
	if (result)
		cm_ids_release(ids);
	errno = error;
	return result;
}

void cm_ids_release(struct cm_ids *ids)
{
	free(ids->list);
	memset(ids, 0, sizeof(*ids));
}

/* The kernel's enum rdma_cm_state, in the rdma command's words. */
const char *cm_id_state(int state)
{
	static const char *const words[] = {
		"IDLE",	   "ADDR_QUERY", "ADDR_RESOLVED", "ROUTE_QUERY", "ROUTE_RESOLVED", "CONNECT",
		"DISCONNECT", "ADDR_BOUND", "LISTEN",	   "DEVICE_REMOVAL", "DESTROYING",
	};

	if (state < 0 || (size_t)state >= sizeof(words) / sizeof(words[0]))
		return "UNKNOWN";
	return words[state];
}
