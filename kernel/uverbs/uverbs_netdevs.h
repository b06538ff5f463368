/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef UVERBS_NETDEVS_H
#define UVERBS_NETDEVS_H

#include <rdma/uverbs_ioctl.h>

/* ib_uverbs chains this table to its table of objects and methods. */
extern const struct uapi_definition rdma_ns_uverbs_netdevs[];

#endif
