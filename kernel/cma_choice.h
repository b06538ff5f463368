/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Which of the listeners on a port accepts a request? */
#ifndef CMA_CHOICE_H
#define CMA_CHOICE_H

#include <linux/netdevice.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"

/* The best listener so far. */
struct cma_ns_choice {
	struct rdma_id_private *id;
	int score;
	bool elsewhere; /* one was bound to another netdev */
};

bool cma_ns_arrived_on(int ifindex, struct net_device *netdev);
bool cma_ns_vrfs_are_open(const struct rdma_id_private *id);
int cma_ns_vrf(const struct rdma_id_private *id);
bool cma_ns_hears(const struct rdma_id_private *listener, struct net_device *netdev);
struct rdma_id_private *cma_ns_listener(struct rdma_id_private *id);
void cma_ns_consider(struct cma_ns_choice *choice, struct rdma_id_private *id,
		     struct net_device *netdev);
struct rdma_id_private *cma_ns_chosen(const struct cma_ns_choice *choice);

#endif
