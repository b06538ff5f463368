// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What tells the extended rdma_ucm from the stock one. */
#include <linux/module.h>

MODULE_VERSION("rdma-ns-" RDMA_NS_VERSION);
