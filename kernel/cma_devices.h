/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* iWARP: the netdev below a device's port, and the devices on which an id listens. */
#ifndef CMA_DEVICES_H
#define CMA_DEVICES_H

#include <linux/netdevice.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"

struct net_device *cma_ns_port_netdev(struct ib_device *device, u32 port);
#ifdef RDMA_NS_WITH_OPTIONS
bool cma_ns_iwarp_is_home(const struct rdma_id_private *id);
#endif
bool cma_ns_listens_on(struct rdma_id_private *id, struct ib_device *device);

#endif
