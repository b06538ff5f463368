/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Requests that are sent again. */
#ifndef CMA_RETRY_H
#define CMA_RETRY_H

#include <linux/types.h>
#include <linux/workqueue.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"

int cma_ns_retry_init(void);
void cma_ns_retry_exit(void);
/* These are called under the handler's mutex. */
void cma_ns_keep_request(struct rdma_id_private *id, const struct rdma_conn_param *param);
bool cma_ns_take_refusal(struct rdma_id_private *id, const struct ib_cm_event *event);
struct ib_cm_id *cma_ns_idle_cm_id(const struct rdma_id_private *id);
void cma_ns_path_known(struct rdma_id_private *id, int status);
/* These are called without the mutex. */
void cma_ns_stop_retry(struct rdma_id_private *id);
void cma_ns_cancel_retry(struct rdma_id_private *id);
void cma_ns_free_retry(struct rdma_id_private *id);

/* In cma.c: sending again needs these, and they use what is private to that file. */
int cma_ns_send_request(struct rdma_id_private *id, struct rdma_conn_param *param);
int cma_ns_query_path(struct rdma_id_private *id, unsigned long timeout_ms);
void cma_ns_path_work(struct work_struct *work);
void cma_ns_cancel_path(struct rdma_id_private *id);
/* These two return with the mutex unlocked and the reference given back. */
void cma_ns_deliver(struct rdma_id_private *id, struct rdma_cm_event *event);
void cma_ns_leave(struct rdma_id_private *id);

#endif
