/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Whose QP a process names to its peer. */
#ifndef CMA_OWNER_H
#define CMA_OWNER_H

#include <linux/types.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"

struct pid;

int cma_ns_send_as_owner(struct rdma_id_private *id, struct pid *process,
			 struct rdma_conn_param *param,
			 int (*send)(struct rdma_id_private *id, struct rdma_conn_param *param));

#endif
