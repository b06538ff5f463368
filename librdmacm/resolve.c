// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The public dry run: check the request, and pass it to the resolver of the caller's namespace. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "address.h"
#include "netns.h"
#include "sized.h"

#define REQUEST_FLAGS (RDMA_NS_REQUEST_GID | RDMA_NS_REQUEST_QPN | RDMA_NS_REQUEST_VLAN)

static bool policy_exists(enum rdma_ns_policy policy)
{
	return (unsigned int)policy <= RDMA_NS_POLICY_LAST;
}

static bool listeners_valid(const struct rdma_ns_request *request)
{
	if (!request->listeners)
		return !request->listeners_count;
	if (request->listeners_count > INT32_MAX)
		return false;
	for (size_t i = 0; i < request->listeners_count; i++) {
		const void *given = (const char *)request->listeners + i * request->listener_size;
		struct rdma_ns_listener listener;

		if (!sized_take(&listener, sizeof(listener), given, request->listener_size,
				SIZED_LISTENER_MIN) ||
		    !address_ip(&listener.address) || !policy_exists(listener.policy))
			return false;
	}
	return true;
}

static bool request_valid(const struct rdma_ns_request *request)
{
	if (request->flags & ~REQUEST_FLAGS || !policy_exists(request->policy))
		return false;
	if (strnlen(request->device, sizeof(request->device)) == sizeof(request->device))
		return false;
	if (request->flags & RDMA_NS_REQUEST_QPN && (request->qpn < 2 || request->qpn >= 0xffffff))
		return false;
	if (request->flags & RDMA_NS_REQUEST_VLAN && request->vlan > 4094)
		return false;
	if (request->peer_qpn > 0xffffff)
		return false;
	switch (request->port_space) {
	case RDMA_PS_TCP:
	case RDMA_PS_UDP:
	case RDMA_PS_IPOIB:
	case RDMA_PS_IB:
		break;
	default:
		return false;
	}
	if (request->source.ss_family != request->destination.ss_family)
		return false;
	if (request->destination.ss_family != AF_IB && !address_ip(&request->destination))
		return false;
	return listeners_valid(request);
}

int rdma_ns_resolve(const struct rdma_ns_request *given, struct rdma_ns_resolution *resolution,
		    size_t size)
{
	struct rdma_ns_resolution result;
	struct rdma_ns_request request;
	struct netns *netns;
	int status;

	if (!resolution || !size || !given ||
	    !sized_take(&request, sizeof(request), given, given->size, SIZED_REQUEST_MIN) ||
	    !request_valid(&request)) {
		errno = EINVAL;
		return -1;
	}
	netns = netns_get(-1);
	if (!netns)
		return -1;
	status = netns_resolve(netns, &request, &result);
	netns_put(netns);
	if (status)
		return -1;
	sized_copy(resolution, size, &result, sizeof(result));
	return 0;
}
