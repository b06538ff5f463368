/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The verdict that a policy gives on the evidence of the three steps. */
#ifndef RDMA_NS_VERDICT_H
#define RDMA_NS_VERDICT_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>

struct verdict_evidence {
	enum rdma_ns_transport transport;
	bool af_ib;
	bool qpn_sent;
	bool handling_differs; /* from the ingress netdev */
	enum rdma_ns_decided_by decided_by;
	enum rdma_ns_route route;
	enum rdma_ns_rule rule;
};

enum rdma_ns_verdict verdict_give(enum rdma_ns_policy policy,
				  const struct verdict_evidence *evidence,
				  enum rdma_ns_reason *reason);

#endif
