/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the parts of "rdma-ns monitor" share. */
#ifndef RDMA_NS_MONITOR_H
#define RDMA_NS_MONITOR_H

#include "monitor_collisions.h"
#include "monitor_watch.h"

/* Which lines are wanted; NULL, AF_UNSPEC and 0 mean any. */
struct monitor_filter {
	bool netdevs, collisions, resolutions;
	const char *netns; /* a name, or an inode in digits */
	const char *netdev;
	struct sockaddr_storage address;
	int verdict; /* enum rdma_ns_verdict, and 1 */
};

bool monitor_wants_netns(const struct monitor_filter *filter, const struct namespace *namespace);
bool monitor_wants_netdev(const struct monitor_filter *filter, const char *netdev);
bool monitor_wants_address(const struct monitor_filter *filter, sa_family_t family,
			   const void *bytes);

/* The port that a GID belongs to, as far as looks have told. */
struct monitor_port {
	uint8_t gid[16];
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t number;
};

/* A netdev that has gone to another namespace, where it may turn up. */
#define DEPARTURES_MAX 256
struct monitor_departure {
	uint8_t lladdr[NETDEV_LLADDR_MAX];
	uint64_t netns; /* 0: none */
};

struct monitor {
	struct monitor_output output;
	struct monitor_filter filter;
	struct monitor_watches watches;
	struct netlink notifications, queries;
	struct monitor_port *ports;
	size_t ports_count;
	struct monitor_departure departures[DEPARTURES_MAX];
	size_t departures_next;
	struct monitor_collisions collisions;
	/* of lines that are about no namespace */
	struct monitor_bucket buckets[MONITOR_SUBJECTS];
	bool all; /* namespaces are followed, not only the caller's */
	bool started; /* what is there at first is no event */
	bool changed; /* so that another look is due */
	uint32_t lost; /* notifications, as told */
	bool overrun; /* more of them have been lost since */
};

#endif
