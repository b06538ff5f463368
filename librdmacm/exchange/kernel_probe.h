/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef RDMA_NS_KERNEL_PROBE_H
#define RDMA_NS_KERNEL_PROBE_H

#include <stdint.h>

/*
 * Has the running rdma_cm all of @features? Returns 1 (yes), 0 (no) or -1 (it could not be asked).
 */
int kernel_probe(uint64_t features);

#endif
