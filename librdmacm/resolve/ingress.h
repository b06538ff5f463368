/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Step 1: on which netdev did the request arrive? */
#ifndef RDMA_NS_INGRESS_H
#define RDMA_NS_INGRESS_H

#include "netdev_table.h"
#include "ports.h"

struct ingress {
	struct netdev *netdev; /* NULL: unresolved */
	struct netdev *port; /* of the bond that netdev is, or NULL */
	uint32_t candidates;
	enum rdma_ns_decided_by decided_by;
};

void ingress_find(const struct netdev_table *table, const struct port *port,
		  const struct rdma_ns_request *request, struct ingress *ingress);

/* Does the netdev have the address from which a RoCE GID is made? */
bool ingress_gid_is_of(const struct netdev_table *table, const struct netdev *netdev,
		       const uint8_t gid[16]);

/* iWARP: is it the port's own netdev @lower, a VLAN netdev on it, or the bond over it? */
bool ingress_is_over(const struct netdev_table *table, struct netdev *netdev, struct netdev *lower);

#endif
