/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef FUZZ_RESOLUTION_CHECK_H
#define FUZZ_RESOLUTION_CHECK_H

#include <rdma/rdma_ns.h>

/* Print what came from outside in every way that there is, and check the texts. */
void check_resolution(const struct rdma_ns_resolution *resolution);
void check_exchange(const struct rdma_ns_exchange *exchange);

#endif
