/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Whose QP a process names to its peer. */
#ifndef CMA_OWNER_H
#define CMA_OWNER_H

#include <linux/types.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"

struct pid;

bool cma_ns_still_own_qp(const struct rdma_id_private *id, struct pid *process);

#endif
