/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Step 3: which listener accepts? Listeners are scored as TCP scores its own. */
#ifndef RDMA_NS_LISTENER_H
#define RDMA_NS_LISTENER_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>

struct listener_request {
	const struct sockaddr_storage *destination; /* with its port */
	enum rdma_port_space port_space;
	uint32_t ingress; /* ifindex, 0: unresolved */
	uint32_t vrf; /* that the ingress netdev belongs to, or 0 */
};

/*
 * 0: it does not fit; -1: only the netdev to which it is bound does not fit; a higher score is
 * better.
 */
int listener_score(const struct rdma_ns_listener *listener, const struct listener_request *request,
		   enum rdma_ns_rule *rule);

/* Copy one of them. @size is that of each, which is the caller's. */
void listener_copy(const struct rdma_ns_listener *listeners, size_t size, size_t index,
		   struct rdma_ns_listener *listener);

/* Returns the index of the best listener (the first of equals), or -1. @size is that of each. */
int listener_find(const struct rdma_ns_listener *listeners, size_t count, size_t size,
		  const struct listener_request *request, enum rdma_ns_rule *rule);

#endif
