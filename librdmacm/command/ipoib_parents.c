// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ipoib_parents.h"

int ipoib_parents_add(struct ipoib_parents *parents, const struct rdma_ns_netdev *netdev,
		      size_t namespace)
{
	if (parents->count == parents->room) {
		size_t room = parents->room ? 2 * parents->room : 8;
		void *list = reallocarray(parents->list, room, sizeof(*parents->list));

		if (!list)
			return -1;
		parents->list = list;
		parents->room = room;
	}
	parents->list[parents->count++] = (struct ipoib_parent){ netdev, namespace };
	return 0;
}

static bool is_same_port(const struct rdma_ns_netdev *one, const struct rdma_ns_netdev *other)
{
	return one->port == other->port && !strcmp(one->device, other->device);
}

const struct rdma_ns_netdev *ipoib_parents_port(const struct ipoib_parents *parents,
						const struct rdma_ns_netdev *netdev,
						uint32_t parent)
{
	const struct rdma_ns_netdev *believed = NULL;
	bool others = false;

	for (size_t i = 0; parent && i < parents->count; i++) {
		const struct ipoib_parent *at = &parents->list[i];

		if (at->netdev->ifindex != parent)
			continue;
		if (at->namespace)
			others = true;
		else if (at->netdev->port)
			believed = at->netdev;
	}
	if (!believed || is_same_port(believed, netdev))
		return netdev->port ? netdev : NULL;
	/* The kernel does not say in which namespace the parent is. */
	return others ? NULL : believed;
}

void ipoib_parents_release(struct ipoib_parents *parents)
{
	free(parents->list);
	memset(parents, 0, sizeof(*parents));
}
