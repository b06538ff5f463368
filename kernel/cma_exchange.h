/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The QPN records that this host sends in requests. */
#ifndef CMA_EXCHANGE_H
#define CMA_EXCHANGE_H

#include <linux/types.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"

u32 cma_ns_address_qpn(const unsigned char *address);
u32 cma_ns_aimed_qpn(struct rdma_id_private *id);
u8 cma_ns_room(struct rdma_id_private *id, u8 header, u8 length, bool datagram);
void cma_ns_put_record(struct rdma_id_private *id, void *header);
void cma_ns_put_trailer(struct rdma_id_private *id, void *header);

#endif
