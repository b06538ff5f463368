// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <string.h>

#include "address.h"
#include "listener.h"
#include "sized.h"

/* Compare two addresses of one family. */
static bool same_address(const struct sockaddr_storage *one, const struct sockaddr_storage *other)
{
	return !memcmp(address_ip(one), address_ip(other), one->ss_family == AF_INET ? 4 : 16);
}

/* A link-local address means nothing without its netdev. */
static bool right_scope(const struct sockaddr_storage *address,
			const struct listener_request *request)
{
	const uint32_t scope = address_scope(address);

	return !scope || scope == request->ingress;
}

int listener_score(const struct rdma_ns_listener *listener, const struct listener_request *request,
		   enum rdma_ns_rule *rule)
{
	const bool wildcard = address_is_wildcard(&listener->address);
	const sa_family_t family = listener->address.ss_family;
	int score = 1;

	if (listener->port_space != request->port_space ||
	    address_port(&listener->address) != address_port(request->destination))
		return 0;
	if (family != request->destination->ss_family &&
	    !(wildcard && family == AF_INET6 && !listener->afonly))
		return 0;
	if (!wildcard && !same_address(&listener->address, request->destination))
		return 0;
	if (listener->ifindex && listener->ifindex != request->ingress &&
	    listener->ifindex != request->vrf)
		return -1;
	if (!wildcard && !right_scope(&listener->address, request))
		return -1;
	/* As in TCP, a listener for IPv4 alone comes before one for both families. */
	score += family == AF_INET;
	score += listener->ifindex ? 2 : 0;
	score += wildcard ? 0 : 4;
	if (wildcard)
		*rule = listener->ifindex ? RDMA_NS_RULE_WILDCARD_NETDEV : RDMA_NS_RULE_WILDCARD;
	else
		*rule = listener->ifindex ? RDMA_NS_RULE_ADDRESS_NETDEV : RDMA_NS_RULE_ADDRESS;
	return score;
}

void listener_copy(const struct rdma_ns_listener *listeners, size_t size, size_t index,
		   struct rdma_ns_listener *listener)
{
	sized_copy(listener, sizeof(*listener), (const char *)listeners + index * size, size);
}

int listener_find(const struct rdma_ns_listener *listeners, size_t count, size_t size,
		  const struct listener_request *request, enum rdma_ns_rule *rule)
{
	int best = -1, best_score = 0;

	*rule = RDMA_NS_RULE_NONE;
	for (size_t i = 0; i < count; i++) {
		struct rdma_ns_listener listener;
		enum rdma_ns_rule this_rule;
		int score;

		listener_copy(listeners, size, i, &listener);
		score = listener_score(&listener, request, &this_rule);
		if (score < 0 && best < 0)
			*rule = RDMA_NS_RULE_BOUND_ELSEWHERE;
		if (score <= best_score)
			continue;
		best = (int)i;
		best_score = score;
		*rule = this_rule;
	}
	return best;
}
