/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Would IP deliver a packet with the addresses of a request? */
#ifndef CMA_ROUTE_H
#define CMA_ROUTE_H

#include <linux/netdevice.h>
#include <linux/socket.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"

int cma_ns_route_input(struct net_device *netdev, __be64 service_id,
		       const struct ib_cm_event *event, const struct sockaddr *source,
		       const struct sockaddr *destination, bool *self);

/* Beside the ports: the ids of @net with @port in the port space of @service_id, or NULL. */
const struct hlist_head *cma_ns_find_owners(struct net *net, __be64 service_id, u16 port);

#endif
