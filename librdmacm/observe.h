/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Count what happened to a request or connection, and tell the observer. */
#ifndef RDMA_NS_OBSERVE_H
#define RDMA_NS_OBSERVE_H

#include <rdma/rdma_ns.h>

/* The sizes are set here; the caller sets everything else. */
void observe(struct rdma_ns_observation *observation);

#endif
