/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The tracepoint for each connection request that was resolved: what the three steps found, and
 * what became of the request.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cma_ns

#if !defined(CMA_NS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define CMA_NS_TRACE_H

#include <linux/tracepoint.h>

#include "cma_ns.h"
#include "cma_ns_words.h"

/* Programs that read the format know an enumeration's numbers only if they are defined for them. */
#define CMA_NS_TELL(value, text) TRACE_DEFINE_ENUM(value);
CMA_NS_POLICY_WORDS(CMA_NS_TELL, CMA_NS_TELL)
CMA_NS_DECIDED_BY_WORDS(CMA_NS_TELL, CMA_NS_TELL)
CMA_NS_ROUTE_WORDS(CMA_NS_TELL, CMA_NS_TELL)
CMA_NS_RULE_WORDS(CMA_NS_TELL, CMA_NS_TELL)
CMA_NS_REFUSAL_WORDS(CMA_NS_TELL, CMA_NS_TELL)

#define CMA_NS_PAIR(value, text) { value, text },
#define CMA_NS_LAST_PAIR(value, text) { value, text }
#define cma_ns_show(value, words) __print_symbolic(value, words(CMA_NS_PAIR, CMA_NS_LAST_PAIR))

TRACE_EVENT(cma_ns_resolve,
	TP_PROTO(const struct cma_ns_request *request),
	TP_ARGS(request),
	TP_STRUCT__entry(
		__array(char, device, IB_DEVICE_NAME_MAX)
		__array(unsigned char, source, sizeof(struct sockaddr_in6))
		__array(unsigned char, destination, sizeof(struct sockaddr_in6))
		__field(u64, netns)
		__field(u32, ifindex)
		__field(u32, handling_ifindex)
		__field(u32, peer_qpn)
		__field(u32, wanted_qpn)
		__field(u32, candidates)
		__field(int, route_error)
		__field(u16, pkey)
		__field(u8, port)
		__field(u8, decided_by)
		__field(u8, route)
		__field(u8, rule)
		__field(u8, reason)
		__field(u8, refusal)
		__field(u8, policy)
	),
	TP_fast_assign(
		strscpy(__entry->device, request->device, IB_DEVICE_NAME_MAX);
		memcpy(__entry->source, &request->source, sizeof(request->source));
		memcpy(__entry->destination, &request->destination, sizeof(request->destination));
		__entry->netns = request->ingress.netns;
		__entry->ifindex = request->ingress.ifindex;
		__entry->handling_ifindex = request->ingress.handling_ifindex;
		__entry->peer_qpn = request->ingress.peer_qpn;
		__entry->wanted_qpn = request->ingress.wanted_qpn;
		__entry->candidates = request->ingress.candidates;
		__entry->route_error = request->route_error;
		__entry->pkey = request->ingress.pkey;
		__entry->port = request->ingress.port;
		__entry->decided_by = request->ingress.decided_by;
		__entry->route = request->ingress.route;
		__entry->rule = request->ingress.rule;
		__entry->reason = request->ingress.reason;
		__entry->refusal = request->refusal;
		__entry->policy = request->ingress.policy;
	),
	TP_printk("%s/%u source=%pISpc destination=%pISpc pkey=%#06x wanted_qpn=%#08x "
		  "peer_qpn=%#08x decided_by=%s candidates=%u "
		  "netns=%llu ifindex=%u handling=%u route=%s error=%d rule=%s policy=%s reason=%s refusal=%s",
		  __entry->device, __entry->port, __entry->source, __entry->destination,
		  __entry->pkey, __entry->wanted_qpn, __entry->peer_qpn,
		  cma_ns_show(__entry->decided_by, CMA_NS_DECIDED_BY_WORDS),
		  __entry->candidates, __entry->netns, __entry->ifindex, __entry->handling_ifindex,
		  cma_ns_show(__entry->route, CMA_NS_ROUTE_WORDS), __entry->route_error,
		  cma_ns_show(__entry->rule, CMA_NS_RULE_WORDS),
		  cma_ns_show(__entry->policy, CMA_NS_POLICY_WORDS),
		  cma_ns_show(__entry->reason, CMA_NS_REASON_WORDS),
		  cma_ns_show(__entry->refusal, CMA_NS_REFUSAL_WORDS))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE cma_ns_trace
#include <trace/define_trace.h>
