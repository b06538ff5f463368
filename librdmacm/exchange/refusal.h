/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The reason of a refusal in the private data of a REJ or SIDR REP: rdma/rdma_cm_ns_wire.h. */
#ifndef RDMA_NS_REFUSAL_H
#define RDMA_NS_REFUSAL_H

#include <stdbool.h>

#include <rdma/rdma_cm_ns_wire.h>
#include <rdma/rdma_ns.h>

void refusal_encode(enum rdma_ns_reason reason, struct rdma_cm_ns_refusal *refusal);

/*
 * Returns false if the data are not a refusal but the application's. Unknown reasons are kept.
 */
bool refusal_decode(const void *data, size_t length, enum rdma_ns_reason *reason);

/* Can a stale neighbour entry on this side be the cause of this refusal? */
bool refusal_may_be_stale(enum rdma_ns_reason reason);

#endif
