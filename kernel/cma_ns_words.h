/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The enumerations of rdma_user_cm_ns.h in words. Each is a list of word(value, text), with
 * last(value, text) for its last item.
 */
#ifndef CMA_NS_WORDS_H
#define CMA_NS_WORDS_H

#include <rdma/rdma_user_cm_ns.h>

#define CMA_NS_POLICY_WORDS(word, last)         \
	word(RDMA_USER_CM_NS_REPORT, "report")  \
	word(RDMA_USER_CM_NS_VERIFY, "verify")  \
	last(RDMA_USER_CM_NS_STRICT, "strict")

#define CMA_NS_DECIDED_BY_WORDS(word, last)            \
	word(RDMA_USER_CM_NS_BY_NOTHING, "nothing")    \
	word(RDMA_USER_CM_NS_BY_QPN, "qpn")            \
	word(RDMA_USER_CM_NS_BY_GID, "gid")            \
	word(RDMA_USER_CM_NS_BY_VLAN, "vlan")          \
	word(RDMA_USER_CM_NS_BY_TCP, "tcp")            \
	word(RDMA_USER_CM_NS_BY_ADDRESS, "address")    \
	last(RDMA_USER_CM_NS_BY_AMBIGUOUS, "ambiguous")

#define CMA_NS_ROUTE_WORDS(word, last)                        \
	word(RDMA_USER_CM_NS_ROUTE_NOT_ASKED, "not_asked")    \
	word(RDMA_USER_CM_NS_ROUTE_DELIVERED, "delivered")    \
	last(RDMA_USER_CM_NS_ROUTE_SELF, "self")

#define CMA_NS_RULE_WORDS(word, last)                                  \
	word(RDMA_USER_CM_NS_RULE_NOT_ASKED, "not_asked")              \
	word(RDMA_USER_CM_NS_RULE_WILDCARD, "wildcard")                \
	word(RDMA_USER_CM_NS_RULE_WILDCARD_NETDEV, "wildcard_netdev")  \
	word(RDMA_USER_CM_NS_RULE_ADDRESS, "address")                  \
	last(RDMA_USER_CM_NS_RULE_ADDRESS_NETDEV, "address_netdev")

#define CMA_NS_REASON_WORDS(word, last)                                    \
	word(RDMA_USER_CM_NS_REASON_NONE, "none")                          \
	word(RDMA_USER_CM_NS_REASON_AF_IB, "af_ib")                        \
	word(RDMA_USER_CM_NS_REASON_QPN_UNKNOWN, "qpn_unknown")            \
	word(RDMA_USER_CM_NS_REASON_UNRESOLVED, "unresolved")              \
	word(RDMA_USER_CM_NS_REASON_AMBIGUOUS, "ambiguous")                \
	word(RDMA_USER_CM_NS_REASON_NO_QPN, "no_qpn")                      \
	word(RDMA_USER_CM_NS_REASON_ROUTE, "route")                        \
	word(RDMA_USER_CM_NS_REASON_HANDLING_DIFFERS, "handling_differs")  \
	word(RDMA_USER_CM_NS_REASON_NO_LISTENER, "no_listener")            \
	word(RDMA_USER_CM_NS_REASON_BOUND_ELSEWHERE, "bound_elsewhere")    \
	word(RDMA_USER_CM_NS_REASON_PKEY_DIFFERS, "pkey_differs")          \
	last(RDMA_USER_CM_NS_REASON_NOT_DELIVERED, "not_delivered")

/* What only the kernel tells apart: see enum cma_ns_refusal. */
#define CMA_NS_REFUSAL_WORDS(word, last)            \
	CMA_NS_REASON_WORDS(word, word)             \
	word(CMA_NS_REFUSAL_MALFORMED, "malformed") \
	last(CMA_NS_REFUSAL_NOT_TAKEN, "not_taken")

#endif
