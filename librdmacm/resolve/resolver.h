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

/* -1 and errno. */
int resolver_open(struct resolver *resolver, int netns_fd);
void resolver_close(struct resolver *resolver);

/* Follow what the kernel has notified since. -1 and errno. */
int resolver_update(struct resolver *resolver);

/* RDMA_NS_TRANSPORT_UNKNOWN without such a port. */
enum rdma_ns_transport resolver_transport(struct resolver *resolver, const char *device,
					  uint32_t port);

/* The netdev that a connection leaves through, and the QPN that it aims at. */
struct resolver_source {
	enum rdma_ns_transport transport;
	uint32_t ifindex; /* 0: unknown, or not one alone */
	uint32_t vrf_ifindex; /* that it belongs to, or 0 */
	uint32_t qpn; /* InfiniBand; 0: unknown */
	uint32_t destination_qpn; /* InfiniBand; 0: unknown */
	struct probe neighbour; /* where that is from, if from a neighbour entry */
};

/* @request is seen from here: its destination is the local address, its source the peer's. */
int resolver_find_source(struct resolver *resolver, const struct rdma_ns_request *request,
			 struct resolver_source *source);

/* One route query. @request is valid. -1 and ENODEV: no such device or port; or another errno. */
int resolver_resolve(struct resolver *resolver, const struct rdma_ns_request *request,
		     struct rdma_ns_resolution *resolution);

/*
 * The verdict on what the resolution says of the steps, again where the caller knows better of one.
 */
void resolver_judge(const struct rdma_ns_request *request, struct rdma_ns_resolution *resolution);

/* Step 1 alone, as if the peer had aimed at no QPN: that of the netdev found, or 0. */
uint32_t resolver_answering_qpn(struct resolver *resolver, const struct rdma_ns_request *request);

#endif
