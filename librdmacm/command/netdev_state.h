/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Is a netdev up, and does it send? If not, why? */
#ifndef RDMA_NS_NETDEV_STATE_H
#define RDMA_NS_NETDEV_STATE_H

#include <net/if.h>

#include "device_files.h"

struct netdev_state {
	uint32_t ifindex;
	const struct sockaddr_storage *address; /* or by this */
	char name[IF_NAMESIZE];			/* whatever its owner chose */
	unsigned int flags;			/* IFF_*, as in the answers of getifaddrs(3) */
	bool dormant; /* it has a carrier, but sends nothing until it is told to */
};

/*
 * Look up the netdev that has the ifindex or the address in the namespace of @netns_fd (-1: the
 * caller's). Without one, the ifindex is 0. Returns -1 and sets errno if nobody could look.
 */
int netdev_state_look_up(int netns_fd, struct netdev_state *netdev);

/* Commands are copied to a shell, which would run a tenant's name. ip takes a number, too. */
const char *netdev_word(const char *name, uint32_t ifindex, char text[IF_NAMESIZE]);

/*
 * If it is down or has no carrier, describe that in @text. @ip is the command that is ip in its
 * namespace. @known is what is known of it as an RDMA device's netdev, or NULL, and @sysfs shows
 * its port. Returns a word for the cause, or NULL.
 */
const char *cause_of_state(const struct netdev_state *netdev, const char *ip,
			   const struct rdma_ns_netdev *known, const char *sysfs,
			   char text[CAUSE_MAX]);

#endif
