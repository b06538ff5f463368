/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* iWARP, which has its own way through the steps. */
#ifndef CMA_IWARP_H
#define CMA_IWARP_H

#include <linux/socket.h>
#include <rdma/iw_cm.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"
#include "cma_request.h"

int cma_ns_accept_iwarp(struct rdma_id_private *id, struct rdma_id_private *listener,
			struct iw_cm_id *cm_id, const struct sockaddr *source,
			const struct sockaddr *destination, struct cma_ns_request *request);

#endif
