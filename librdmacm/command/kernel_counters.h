/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the extended rdma_cm has counted; see its module's parameters in rdma-ns-kernel(8). */
#ifndef RDMA_NS_KERNEL_COUNTERS_H
#define RDMA_NS_KERNEL_COUNTERS_H

#include <stdbool.h>
#include <stdio.h>

/* Where this kernel's are, to which one of the names below is added. */
#define KERNEL_COUNTERS_FOLDER "/sys/module/rdma_cm/parameters/"

#define KERNEL_WORD_MAX 32

/* The host's policy, in the kernel's word. False with the stock rdma_cm, which has none. */
bool kernel_policy(char word[KERNEL_WORD_MAX]);
/* A setting that is on or off, such as own_qp. False: it cannot be read, as on a stock kernel. */
bool kernel_setting(const char *name, bool *on);

/*
 * Print the level, the policy, and the counters of all namespaces as OpenMetrics text. A stock
 * kernel has no policy and no counters, and only the administrator of the host may read those of an
 * extended one: nothing is printed then.
 */
void kernel_counters_print(FILE *file);

#endif
