/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The RDMA CM ids of the host, as RDMA netlink reports them. */
#ifndef RDMA_NS_CM_IDS_H
#define RDMA_NS_CM_IDS_H

#include "command.h"

#define CM_ID_LISTEN 8 /* the kernel's RDMA_CM_LISTEN */

struct cm_id {
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t port; /* 0: unknown */
	uint32_t port_space; /* enum rdma_port_space */
	int state; /* -1: unknown */
	uint32_t qpn;
	uint32_t pid; /* 0 for the kernel, or for a process of another PID namespace */
	char kernel_name[32];
	struct sockaddr_storage source, destination; /* ss_family 0: none */
};

struct cm_ids {
	struct cm_id *list;
	size_t count, room;
};

/* Returns -1 and sets errno on error; EPROTONOSUPPORT means that there is no RDMA netlink. */
int cm_ids_read(struct cm_ids *ids);
void cm_ids_release(struct cm_ids *ids);

const char *cm_id_state(int state);

#endif
