/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Netdevs that have been moved away from the IPoIB netdev below them. */
#ifndef RDMA_NS_NETDEV_ELSEWHERE_H
#define RDMA_NS_NETDEV_ELSEWHERE_H

#include "netlink.h"

/*
 * Is no netdev in the namespace of @queries above an IPoIB netdev of another one? The kernel finds
 * its addresses there, but it is not listed there. Returns -1 and sets errno if there is one
 * (EXDEV, also for one that does not say what it is above), if there may be one (ETIME: there are
 * too many to ask for; EAGAIN: netdevs have changed all the time), or on error.
 */
int netdev_elsewhere_check(struct netlink *queries);

#endif
