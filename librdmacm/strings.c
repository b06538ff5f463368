// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Every enumeration of the public header in words, and a policy from its word. */
#include <errno.h>
#include <string.h>

#include <rdma/rdma_ns.h>

#define WORDS(name, type, ...)                                                                     \
	const char *name(type value)                                                               \
	{                                                                                          \
		static const char *const words[] = { __VA_ARGS__ };                                \
                                                                                                   \
		if ((unsigned int)value >= sizeof(words) / sizeof(words[0]))                       \
			return "unknown";                                                          \
		return words[value];                                                               \
	}

WORDS(rdma_ns_policy_str, enum rdma_ns_policy,
      [RDMA_NS_POLICY_REPORT] = "report",
      [RDMA_NS_POLICY_VERIFY] = "verify",
      [RDMA_NS_POLICY_STRICT] = "strict")

WORDS(rdma_ns_transport_str, enum rdma_ns_transport,
      [RDMA_NS_TRANSPORT_UNKNOWN] = "unknown",
      [RDMA_NS_TRANSPORT_IB] = "ib",
      [RDMA_NS_TRANSPORT_ROCE] = "roce",
      [RDMA_NS_TRANSPORT_IWARP] = "iwarp")

WORDS(rdma_ns_decided_by_str, enum rdma_ns_decided_by,
      [RDMA_NS_BY_NOTHING] = "unresolved",
      [RDMA_NS_BY_QPN] = "qpn",
      [RDMA_NS_BY_GID] = "gid",
      [RDMA_NS_BY_VLAN] = "vlan",
      [RDMA_NS_BY_TCP] = "tcp",
      [RDMA_NS_BY_ADDRESS] = "address",
      [RDMA_NS_BY_AMBIGUOUS] = "ambiguous")

WORDS(rdma_ns_route_str, enum rdma_ns_route,
      [RDMA_NS_ROUTE_NOT_ASKED] = "not asked",
      [RDMA_NS_ROUTE_DELIVERED] = "delivered",
      [RDMA_NS_ROUTE_SELF] = "delivered to self",
      [RDMA_NS_ROUTE_INGRESS_DOWN] = "ingress netdev down",
      [RDMA_NS_ROUTE_OWNER_DOWN] = "owner down",
      [RDMA_NS_ROUTE_NONE] = "no route",
      [RDMA_NS_ROUTE_NOT_LOCAL] = "not local",
      [RDMA_NS_ROUTE_NOT_UNICAST] = "not unicast",
      [RDMA_NS_ROUTE_RP_FILTER] = "rp_filter",
      [RDMA_NS_ROUTE_MARTIAN] = "martian source",
      [RDMA_NS_ROUTE_UNREACHABLE] = "unreachable",
      [RDMA_NS_ROUTE_BACKUP_PORT] = "backup port of a bond",
      [RDMA_NS_ROUTE_FAILED] = "query failed")

WORDS(rdma_ns_rule_str, enum rdma_ns_rule,
      [RDMA_NS_RULE_NOT_ASKED] = "not asked",
      [RDMA_NS_RULE_NONE] = "no listener",
      [RDMA_NS_RULE_BOUND_ELSEWHERE] = "bound to another netdev",
      [RDMA_NS_RULE_WILDCARD] = "wildcard",
      [RDMA_NS_RULE_WILDCARD_NETDEV] = "wildcard, bound to the netdev",
      [RDMA_NS_RULE_ADDRESS] = "address",
      [RDMA_NS_RULE_ADDRESS_NETDEV] = "address, bound to the netdev")

WORDS(rdma_ns_verdict_str, enum rdma_ns_verdict,
      [RDMA_NS_ACCEPT] = "accept",
      [RDMA_NS_ACCEPT_FLAGGED] = "accept, flagged",
      [RDMA_NS_REJECT] = "reject")

WORDS(rdma_ns_reason_str, enum rdma_ns_reason,
      [RDMA_NS_REASON_NONE] = "none",
      [RDMA_NS_REASON_AF_IB] = "no IP addresses (AF_IB)",
      [RDMA_NS_REASON_QPN_UNKNOWN] = "the QPN names no netdev of this namespace",
      [RDMA_NS_REASON_UNRESOLVED] = "no netdev of this namespace fits",
      [RDMA_NS_REASON_AMBIGUOUS] = "several netdevs fit",
      [RDMA_NS_REASON_NO_QPN] = "the peer sent no QPN",
      [RDMA_NS_REASON_ROUTE] = "a packet would not be delivered",
      [RDMA_NS_REASON_HANDLING_DIFFERS] = "the address is on another netdev",
      [RDMA_NS_REASON_NO_LISTENER] = "no listener",
      [RDMA_NS_REASON_BOUND_ELSEWHERE] = "the listener is bound to another netdev",
      [RDMA_NS_REASON_PKEY_DIFFERS] = "the packet's P_Key is not the request's",
      [RDMA_NS_REASON_NOT_DELIVERED] = "not delivered")

WORDS(rdma_ns_sent_str, enum rdma_ns_sent,
      [RDMA_NS_SENT_NOT_ASKED] = "not asked for",
      [RDMA_NS_SENT] = "sent",
      [RDMA_NS_SENT_NOT_IB] = "not InfiniBand",
      [RDMA_NS_SENT_NO_ROOM] = "no room beside the private data",
      [RDMA_NS_SENT_NO_NETDEV] = "netdev not known",
      [RDMA_NS_SENT_AHEAD] = "sent ahead")

WORDS(rdma_ns_answer_str, enum rdma_ns_answer,
      [RDMA_NS_ANSWER_UNKNOWN] = "not known",
      [RDMA_NS_ANSWER_AS_AIMED] = "as aimed",
      [RDMA_NS_ANSWER_ELSEWHERE] = "another netdev")

WORDS(rdma_ns_decider_str, enum rdma_ns_decider,
      [RDMA_NS_DECIDER_LIBRARY] = "library",
      [RDMA_NS_DECIDER_KERNEL] = "kernel")

WORDS(rdma_ns_level_str, enum rdma_ns_level,
      [RDMA_NS_LEVEL_REPORT] = "report",
      [RDMA_NS_LEVEL_EXCHANGE] = "exchange",
      [RDMA_NS_LEVEL_KERNEL] = "kernel")

WORDS(rdma_ns_observed_str, enum rdma_ns_observed,
      [RDMA_NS_OBSERVED_REQUEST] = "request",
      [RDMA_NS_OBSERVED_ESTABLISHED] = "established",
      [RDMA_NS_OBSERVED_MISDELIVERED] = "misdelivered",
      [RDMA_NS_OBSERVED_REFUSED] = "refused",
      [RDMA_NS_OBSERVED_FAILED] = "failed")

WORDS(rdma_ns_netns_mode_str, enum rdma_ns_netns_mode,
      [RDMA_NS_NETNS_UNKNOWN] = "unknown",
      [RDMA_NS_NETNS_SHARED] = "shared",
      [RDMA_NS_NETNS_EXCLUSIVE] = "exclusive")

int rdma_ns_policy_parse(const char *word, enum rdma_ns_policy *policy)
{
	for (int i = 0; word && policy && i <= RDMA_NS_POLICY_LAST; i++) {
		if (!strcmp(word, rdma_ns_policy_str(i))) {
			*policy = i;
			return 0;
		}
	}
	errno = EINVAL;
	return -1;
}
