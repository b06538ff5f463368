/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The three steps in a row, in one network namespace. Not locked. */
#ifndef RDMA_NS_RESOLVER_H
#define RDMA_NS_RESOLVER_H

#include <time.h>

#include "netdev_follow.h"
#include "ports.h"
#include "probe.h"

struct resolver {
	uint64_t netns; /* inode; 0: not open */
	int netns_fd; /* for what must be asked there; -1: the caller's */
	struct netdev_follow follow;
	struct ports ports;
	uint64_t changes; /* of the table, when last seen */
	struct timespec changed, ports_read;
};

/* Returns -1 and sets errno on error. */
int resolver_open(struct resolver *resolver, int netns_fd);
void resolver_close(struct resolver *resolver);

/* Process the notifications that have come. Returns -1 and sets errno on error. */
int resolver_update(struct resolver *resolver);

/* Read all that requests need, while there are descriptors. Returns -1 and sets errno on error. */
int resolver_prepare(struct resolver *resolver);

/* RDMA_NS_TRANSPORT_UNKNOWN if there is no such port. */
enum rdma_ns_transport resolver_transport(struct resolver *resolver, const char *device,
					  uint32_t port);

/* The netdev through which a connection leaves, and the QPN at which it aims. */
struct resolver_source {
	enum rdma_ns_transport transport;
	uint32_t ifindex; /* 0: it is unknown, or could be several */
	uint32_t vrf_ifindex; /* that it belongs to, or 0 */
	uint32_t qpn; /* InfiniBand; 0: unknown */
	uint32_t destination_qpn; /* InfiniBand; 0: unknown */
	struct probe neighbour; /* the neighbour entry that it comes from, if any */
};

/* @request is seen from this side: its destination is the local address, its source the peer's. */
int resolver_find_source(struct resolver *resolver, const struct rdma_ns_request *request,
			 struct resolver_source *source);

/*
 * Resolve with one route query. @request must be valid. -1 and ENODEV: there is no such device or
 * port.
 */
int resolver_resolve(struct resolver *resolver, const struct rdma_ns_request *request,
		     struct rdma_ns_resolution *resolution);

/*
 * Give the verdict on what the resolution says about the steps. A caller that knows better about a
 * step calls this again.
 */
void resolver_judge(const struct rdma_ns_request *request, struct rdma_ns_resolution *resolution);

/* Take step 1 alone, as if the peer had aimed at no QPN. Returns that of the netdev found, or 0. */
uint32_t resolver_answering_qpn(struct resolver *resolver, const struct rdma_ns_request *request);

#endif
