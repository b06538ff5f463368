/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Functions of rdma_cm that rdma_ucm calls. */
#ifndef CMA_NS_USER_H
#define CMA_NS_USER_H

#include <linux/types.h>

#include <rdma/rdma_user_cm_ns.h>

struct rdma_cm_id;
struct rdma_conn_param;
struct rdma_ucm_ece;
struct rdma_ucm_event_resp;

int rdma_bind_as_sockets(struct rdma_cm_id *id);
int rdma_ns_created(struct rdma_cm_id *id);
int rdma_ns_set_option(struct rdma_cm_id *id, int option, const void *value, size_t length);
int rdma_ns_connect(struct rdma_cm_id *id, struct rdma_conn_param *param, struct rdma_ucm_ece *ece);
int rdma_ns_accept(struct rdma_cm_id *id, struct rdma_conn_param *param, struct rdma_ucm_ece *ece);
void rdma_ns_append_ingress(struct rdma_cm_id *id, struct rdma_ucm_event_resp *event,
			    bool datagram);

#endif
