/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What happened to a request or connection is counted, and told to the observer. */
#ifndef RDMA_NS_OBSERVE_H
#define RDMA_NS_OBSERVE_H

#include <rdma/rdma_ns.h>

/* Its size is set here; everything else is the caller's. */
void observe(struct rdma_ns_observation *observation);

#endif
