/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The QPN record that a peer gets in the reply if it has asked for one. */
#ifndef CMA_REPLY_H
#define CMA_REPLY_H

#include <linux/types.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"

/* Private data of a REP or a SIDR REP that has a trailer. */
struct cma_ns_reply {
	u8 data[IB_CM_REP_PRIVATE_DATA_SIZE];
};

void cma_ns_put_reply(struct rdma_id_private *id, struct cma_ns_reply *reply, const void **data,
		      u8 *length);

#endif
