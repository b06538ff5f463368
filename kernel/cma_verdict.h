/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Policy: is what the steps found good enough? And what a refused peer is told. */
#ifndef CMA_VERDICT_H
#define CMA_VERDICT_H

#include <linux/netdevice.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>
#include <rdma/rdma_cm_ns_wire.h>

#include "cma_priv.h"
#include "cma_request.h"

bool cma_ns_acceptable(struct cma_ns_request *request, enum rdma_user_cm_ns_policy policy);
enum rdma_user_cm_ns_policy cma_ns_policy_of(const struct rdma_id_private *listener);
void cma_ns_name_rule(struct rdma_user_cm_ns_ingress *ingress,
		      const struct rdma_id_private *listener);
struct rdma_id_private *cma_ns_judge(struct cma_ns_request *request, struct net_device *netdev,
				     struct rdma_id_private *listener);
struct rdma_cm_ns_refusal cma_ns_refusal_of(const struct cma_ns_request *request);
int cma_ns_refuse(struct ib_cm_id *cm_id, const struct ib_cm_event *event,
		  struct cma_ns_request *request);
void cma_ns_accepted(struct rdma_id_private *id, struct rdma_id_private *listener,
		     struct cma_ns_request *request);

#endif
