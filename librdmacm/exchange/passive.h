/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A request that came in: the peer's record, the three steps, the verdict. */
#ifndef RDMA_NS_PASSIVE_H
#define RDMA_NS_PASSIVE_H

#include "id_table.h"

/*
 * Judge the request of a CONNECT_REQUEST event for @listener, and hide what the peer's library and
 * the kernel have put into it. A request that cannot be resolved is judged by policy, too: all of
 * *accepted except its namespace is always set.
 */
void passive_judge(struct rdma_cm_event *event, const struct id_state *listener,
		   struct id_state *accepted);

#endif
