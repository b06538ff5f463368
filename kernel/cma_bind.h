/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Ids bound to a netdev, and the ports that they share. */
#ifndef CMA_BIND_H
#define CMA_BIND_H

#include <linux/socket.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"

/* What an id is bound to. */
struct cma_ns_binding {
	int ifindex;
	int bound_dev_if;
};

int cma_ns_bind_init(void);
void cma_ns_bind_exit(void);
void cma_ns_check_port_begins(struct rdma_id_private *id);
bool cma_ns_ports_apart(const struct rdma_id_private *id, const struct rdma_id_private *other);
int cma_ns_bind_address(struct rdma_id_private *id, const struct sockaddr *address);
int cma_ns_set_netdev(struct rdma_id_private *id, int ifindex, struct cma_ns_binding *before);
void cma_ns_restore_netdev(struct rdma_id_private *id, const struct cma_ns_binding *before);
int cma_ns_resolve_begins(struct rdma_id_private *id);
void cma_ns_unbind(struct rdma_id_private *id);
/* In cma.c: binds @id, and checks that its port is free there. */
int cma_ns_rebind(struct rdma_id_private *id, int ifindex);

#endif
