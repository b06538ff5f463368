/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UVERBS_NETDEVS_H
#define UVERBS_NETDEVS_H

#include <rdma/uverbs_ioctl.h>

/* What ib_uverbs's table of objects and methods is to be chained to. */
extern const struct uapi_definition rdma_ns_uverbs_netdevs[];

#endif
