// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "verdict.h"

#define POLICIES (RDMA_NS_POLICY_LAST + 1)
#define REASONS (RDMA_NS_REASON_LAST + 1)

#define ACCEPT RDMA_NS_ACCEPT
#define FLAG RDMA_NS_ACCEPT_FLAGGED
#define REJECT RDMA_NS_REJECT

/* What the library does about each finding; in the kernel some rows differ. */
static const enum rdma_ns_verdict table[REASONS][POLICIES] = {
	/* report, verify, strict */
	[RDMA_NS_REASON_NONE] = { ACCEPT, ACCEPT, ACCEPT },
	[RDMA_NS_REASON_AF_IB] = { ACCEPT, ACCEPT, ACCEPT },
	[RDMA_NS_REASON_QPN_UNKNOWN] = { FLAG, REJECT, REJECT },
	[RDMA_NS_REASON_UNRESOLVED] = { FLAG, REJECT, REJECT },
	[RDMA_NS_REASON_AMBIGUOUS] = { FLAG, REJECT, REJECT },
	[RDMA_NS_REASON_NO_QPN] = { ACCEPT, ACCEPT, REJECT },
	[RDMA_NS_REASON_ROUTE] = { FLAG, REJECT, REJECT },
	[RDMA_NS_REASON_HANDLING_DIFFERS] = { ACCEPT, ACCEPT, REJECT },
	[RDMA_NS_REASON_NO_LISTENER] = { REJECT, REJECT, REJECT },
	[RDMA_NS_REASON_BOUND_ELSEWHERE] = { REJECT, REJECT, REJECT },
	[RDMA_NS_REASON_PKEY_DIFFERS] = { FLAG, REJECT, REJECT },
	[RDMA_NS_REASON_NOT_DELIVERED] = { REJECT, REJECT, REJECT },
};

_Static_assert(POLICIES == 3, "each policy has a column in the table");

static bool found(const struct verdict_evidence *evidence, enum rdma_ns_reason reason)
{
	/* Where no netdev is known and the kernel could not be asked, nobody has looked for one. */
	const bool resolved = evidence->decided_by != RDMA_NS_BY_NOTHING ||
			      evidence->route == RDMA_NS_ROUTE_FAILED;

	switch (reason) {
	case RDMA_NS_REASON_QPN_UNKNOWN:
		return !evidence->af_ib && !resolved && evidence->qpn_sent;
	case RDMA_NS_REASON_UNRESOLVED:
		return !evidence->af_ib && !resolved && !evidence->qpn_sent;
	case RDMA_NS_REASON_AMBIGUOUS:
		return !evidence->af_ib && evidence->decided_by == RDMA_NS_BY_AMBIGUOUS;
	case RDMA_NS_REASON_NO_QPN:
		return !evidence->af_ib && !evidence->qpn_sent &&
		       evidence->transport == RDMA_NS_TRANSPORT_IB;
	case RDMA_NS_REASON_ROUTE:
		return !evidence->af_ib && evidence->route != RDMA_NS_ROUTE_NOT_ASKED &&
		       evidence->route != RDMA_NS_ROUTE_DELIVERED &&
		       evidence->route != RDMA_NS_ROUTE_SELF;
	case RDMA_NS_REASON_HANDLING_DIFFERS:
		return !evidence->af_ib && evidence->handling_differs;
	case RDMA_NS_REASON_NO_LISTENER:
		return evidence->rule == RDMA_NS_RULE_NONE;
	case RDMA_NS_REASON_BOUND_ELSEWHERE:
		return evidence->rule == RDMA_NS_RULE_BOUND_ELSEWHERE;
	/* The library itself never finds these. */
	case RDMA_NS_REASON_NONE:
	case RDMA_NS_REASON_AF_IB:
	case RDMA_NS_REASON_PKEY_DIFFERS:
	case RDMA_NS_REASON_NOT_DELIVERED:
		break;
	}
	return false;
}

enum rdma_ns_verdict verdict_give(enum rdma_ns_policy policy,
				  const struct verdict_evidence *evidence,
				  enum rdma_ns_reason *reason)
{
	enum rdma_ns_verdict verdict = RDMA_NS_ACCEPT;

	*reason = evidence->af_ib ? RDMA_NS_REASON_AF_IB : RDMA_NS_REASON_NONE;
	for (int i = RDMA_NS_REASON_QPN_UNKNOWN; i < REASONS; i++) {
		if (table[i][policy] > verdict && found(evidence, i)) {
			verdict = table[i][policy];
			*reason = i;
		}
	}
	return verdict;
}
