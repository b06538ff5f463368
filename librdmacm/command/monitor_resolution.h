/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A line of the extended kernel's tracepoint, cma_ns:cma_ns_resolve. */
#ifndef RDMA_NS_MONITOR_RESOLUTION_H
#define RDMA_NS_MONITOR_RESOLUTION_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>

struct monitor_resolution {
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t port, pkey;
	struct sockaddr_storage peer, local; /* AF_UNSPEC: not known */
	uint32_t wanted_qpn, peer_qpn, candidates, ifindex, handling_ifindex;
	uint64_t netns; /* 0: none */
	int32_t route_error;
	enum rdma_ns_decided_by decided_by;
	enum rdma_ns_route route;
	enum rdma_ns_rule rule;
	enum rdma_ns_policy policy;
	enum rdma_ns_verdict verdict;
	const char *reason; /* in words, or "" */
};

/* Returns false if it is none that this program understands. Ends the line's words with zeros. */
bool monitor_resolution_parse(char *line, struct monitor_resolution *resolution);

/* "CPU:0 [LOST 5 EVENTS]": returns the number, or 0 if it is no such line. */
uint64_t monitor_resolution_lost(const char *line);

#endif
