/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * All netdevs of a namespace. A dump ends early, sometimes without an error, at a netdev that has
 * outgrown the kernel's buffer by its other names, which its owner may add at any moment.
 */
#ifndef RDMA_NS_LINK_LIST_H
#define RDMA_NS_LINK_LIST_H

#include "netlink.h"
#include "rtnetlink_message.h"

/*
 * The kernel's buffer fits each netdev as it is when a dump begins only if it is asked for more
 * than the default, or for less. Returns what follows the header, zeros.
 */
struct ifinfomsg *link_request_init(struct rtnetlink_request *request);

/*
 * Pass an RTM_NEWLINK of each netdev in the socket's namespace to the handler, of some more than
 * once. Returns the handler's result as soon as that is not 0, or -1 and errno: EINTR means that
 * netdevs come and go all the time, and all that were seen have been passed on.
 */
int link_list(struct netlink *netlink, netlink_handler handler, void *data);

#endif
