/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Where a request arrived, whichever way the kernel tells it: extended modules by a record behind
 * the private data, those of kernel/series by RDMA_USER_CM_QUERY_INGRESS, asked of the new id.
 */
#ifndef INGRESS_H
#define INGRESS_H

#include <stdbool.h>

#include <rdma/rdma_cma.h>
#include <rdma/rdma_user_cm_ns.h>

/* Before @listener listens; all of a program's have the same @cookie. 0, or -1 and errno. */
int ingress_want(struct rdma_cm_id *listener, uint64_t cookie);
/* Of @event, a request at a listener that wanted it. It must be the last event that has come. */
bool ingress_take(const struct rdma_cm_event *event, uint64_t cookie,
		  struct rdma_user_cm_ns_ingress *found);

#endif
