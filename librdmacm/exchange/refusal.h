/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The reason of a refusal in the private data of a REJ or SIDR REP: rdma/rdma_cm_ns_wire.h. */
#ifndef RDMA_NS_REFUSAL_H
#define RDMA_NS_REFUSAL_H

#include <stdbool.h>

#include <rdma/rdma_cm_ns_wire.h>
#include <rdma/rdma_ns.h>

void refusal_encode(enum rdma_ns_reason reason, struct rdma_cm_ns_refusal *refusal);

/*
 * False: no refusal, but the application's own data. A reason of a later version is kept as it is.
 */
bool refusal_decode(const void *data, size_t length, enum rdma_ns_reason *reason);

/* Is it what a peer says whose neighbour entry here is stale? */
bool refusal_may_be_stale(enum rdma_ns_reason reason);

#endif
