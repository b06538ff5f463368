// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

#include "kernel_cm.h"
#include "kernel_probe.h"
#include "real.h"
#include "verdict.h"

#define RECORD_SIZE sizeof(struct rdma_user_cm_ns_record)

#define WANTED_FEATURES                                                                      \
	(RDMA_NS_FEATURE_RESOLVE | RDMA_NS_FEATURE_NETNS_FD | RDMA_NS_FEATURE_BIND_IFINDEX | \
	 RDMA_NS_FEATURE_POLICY | RDMA_NS_FEATURE_RECV_INGRESS | RDMA_NS_FEATURE_EXCHANGE)

/* The kernel cannot change while an id exists; after a change, its answers are ENOSYS. */
enum { UNKNOWN, ABSENT, PRESENT };
static atomic_int known = UNKNOWN;

bool kernel_cm_asks_ipoib(void)
{
	return kernel_probe(RDMA_NS_FEATURE_IPOIB) > 0;
}

bool kernel_cm_probe(void)
{
	int answer = kernel_probe(WANTED_FEATURES);

	if (answer >= 0)
		known = answer ? PRESENT : ABSENT;
	return answer > 0;
}

bool kernel_cm_available(void)
{
	return known == UNKNOWN ? kernel_cm_probe() : known == PRESENT;
}

static int set_option(struct rdma_cm_id *id, int option, const void *value, size_t length)
{
	const struct real *real = real_librdmacm();

	if (!real)
		return -1;
	if (!kernel_cm_available()) {
		errno = ENOSYS;
		return -1;
	}
	/* librdmacm's parameter lacks a const. */
	return real->set_option(id, RDMA_OPTION_NS, option, (void *)value, length);
}

int kernel_cm_set_netns(struct rdma_cm_id *id, int netns_fd)
{
	const int32_t value = netns_fd;

	return set_option(id, RDMA_OPTION_NS_NETNS_FD, &value, sizeof(value));
}

int kernel_cm_bind_netdev(struct rdma_cm_id *id, uint32_t ifindex)
{
	int status = set_option(id, RDMA_OPTION_NS_BIND_IFINDEX, &ifindex, sizeof(ifindex));

	return status && errno == ENOSYS ? 0 : status;
}

uint64_t kernel_cm_prepare_listen(struct rdma_cm_id *id, enum rdma_ns_policy policy)
{
	struct rdma_user_cm_ns_recv_ingress recv_ingress = { .size = RECORD_SIZE };
	const uint32_t value = policy;

	/* If these calls fail, the library itself decides and judges, as at level 1. */
	set_option(id, RDMA_OPTION_NS_POLICY, &value, sizeof(value));
	if (getrandom(&recv_ingress.cookie, sizeof(recv_ingress.cookie), 0) !=
		    sizeof(recv_ingress.cookie) ||
	    !recv_ingress.cookie ||
	    set_option(id, RDMA_OPTION_NS_RECV_INGRESS, &recv_ingress, sizeof(recv_ingress)))
		return 0;
	return recv_ingress.cookie;
}

bool kernel_cm_exchange(struct rdma_cm_id *id)
{
	const uint32_t mask = RDMA_NS_EXCHANGE_SEND | RDMA_NS_EXCHANGE_REPLY;

	return !set_option(id, RDMA_OPTION_NS_EXCHANGE, &mask, sizeof(mask));
}

/*
 * A later kernel may have more words. Their numbers are kept, and shown as "unknown": without the
 * record, the peer's QPN would be lost.
 */
static bool is_sound(const struct rdma_user_cm_ns_ingress *record)
{
	const bool resolved = record->decided_by != RDMA_USER_CM_NS_BY_NOTHING;

	return record->size >= RECORD_SIZE && resolved == (record->ifindex != 0) &&
	       (record->local_qpn | record->peer_qpn | record->wanted_qpn) <= 0xffffff;
}

bool kernel_cm_take_record(void *data, size_t *length, uint64_t cookie,
			   struct rdma_user_cm_ns_ingress *record)
{
	struct rdma_user_cm_ns_record found;
	char *at;

	if (!cookie || !data || *length < sizeof(found))
		return false;
	at = (char *)data + *length - sizeof(found);
	memcpy(&found, at, sizeof(found));
	if (found.cookie != cookie)
		return false;
	memset(at, 0, sizeof(found));
	*length -= sizeof(found);
	if (!is_sound(&found.ingress))
		return false;
	*record = found.ingress;
	return true;
}

void kernel_cm_resolution(const struct rdma_user_cm_ns_ingress *record, enum rdma_ns_policy policy,
			  struct rdma_ns_resolution *resolution)
{
	const struct verdict_evidence evidence = {
		.transport = record->transport,
		.af_ib = record->reason == RDMA_USER_CM_NS_REASON_AF_IB,
		.qpn_sent = record->flags & RDMA_USER_CM_NS_WANTED_QPN,
		.handling_differs =
			record->handling_ifindex && record->handling_ifindex != record->ifindex,
		.decided_by = record->decided_by,
		/* The kernel delivers no request that a route which it knows would drop. */
		.route = record->route <= RDMA_NS_ROUTE_FAILED ? record->route :
								 RDMA_NS_ROUTE_DELIVERED,
		.rule = record->rule,
	};
	struct rdma_ns_ingress *ingress = &resolution->ingress;

	memset(resolution, 0, sizeof(*resolution));
	resolution->listener = -1;
	resolution->policy = record->policy > policy ? record->policy : policy;
	/* The strictest that there is a word for. */
	if (resolution->policy > RDMA_NS_POLICY_LAST)
		resolution->policy = RDMA_NS_POLICY_LAST;
	resolution->verdict = verdict_give(resolution->policy, &evidence, &resolution->reason);
	/* The kernel also sees the netdevs of other namespaces. */
	if (resolution->verdict == RDMA_NS_ACCEPT &&
	    record->reason > RDMA_USER_CM_NS_REASON_AF_IB) {
		resolution->verdict = RDMA_NS_ACCEPT_FLAGGED;
		resolution->reason = record->reason;
	}
	ingress->ifindex = record->ifindex;
	ingress->port_ifindex = record->port_ifindex;
	ingress->vrf_ifindex = record->vrf_ifindex;
	ingress->netns = record->netns;
	ingress->handling_ifindex = record->handling_ifindex;
	ingress->port = record->port;
	ingress->transport = record->transport;
	ingress->pkey = record->pkey;
	ingress->vlan = record->vlan;
	ingress->local_qpn = record->local_qpn;
	ingress->peer_qpn = record->flags & RDMA_USER_CM_NS_PEER_QPN ? record->peer_qpn : 0;
	ingress->wanted_qpn = record->flags & RDMA_USER_CM_NS_WANTED_QPN ? record->wanted_qpn : 0;
	/* If a QPN decides, only its netdev fits. */
	ingress->candidates = record->candidates ? record->candidates : record->ifindex != 0;
	ingress->decided_by = record->decided_by;
	ingress->route = record->route;
	ingress->rule = record->rule;
	ingress->decider = RDMA_NS_DECIDER_KERNEL;
}

void kernel_cm_peer(const struct rdma_user_cm_ns_ingress *record, struct rdma_ns_exchange *exchange)
{
	exchange->received =
		record->flags & (RDMA_USER_CM_NS_IN_HEADER | RDMA_USER_CM_NS_IN_TRAILER) ? 1 : 0;
	exchange->local_qpn = record->local_qpn;
	exchange->peer_qpn = record->flags & RDMA_USER_CM_NS_PEER_QPN ? record->peer_qpn : 0;
	exchange->wanted_qpn = record->flags & RDMA_USER_CM_NS_WANTED_QPN ? record->wanted_qpn : 0;
}

/* The kernel and the library share one vocabulary, so the numbers need no translation. */
#define SAME(suffix) _Static_assert((int)RDMA_USER_CM_NS_##suffix == (int)RDMA_NS_##suffix, #suffix)

SAME(BY_NOTHING);
SAME(BY_QPN);
SAME(BY_GID);
SAME(BY_VLAN);
SAME(BY_TCP);
SAME(BY_ADDRESS);
SAME(BY_AMBIGUOUS);
SAME(ROUTE_NOT_ASKED);
SAME(ROUTE_DELIVERED);
SAME(ROUTE_SELF);
SAME(RULE_NOT_ASKED);
SAME(RULE_WILDCARD);
SAME(RULE_WILDCARD_NETDEV);
SAME(RULE_ADDRESS);
SAME(RULE_ADDRESS_NETDEV);
SAME(TRANSPORT_IB);
SAME(TRANSPORT_ROCE);
SAME(TRANSPORT_IWARP);
SAME(REASON_NONE);
SAME(REASON_AF_IB);
SAME(REASON_QPN_UNKNOWN);
SAME(REASON_UNRESOLVED);
SAME(REASON_AMBIGUOUS);
SAME(REASON_NO_QPN);
SAME(REASON_ROUTE);
SAME(REASON_HANDLING_DIFFERS);
SAME(REASON_NO_LISTENER);
SAME(REASON_BOUND_ELSEWHERE);
SAME(REASON_PKEY_DIFFERS);
SAME(REASON_NOT_DELIVERED);
SAME(REASON_LAST);
_Static_assert((int)RDMA_USER_CM_NS_REPORT == (int)RDMA_NS_POLICY_REPORT, "report");
_Static_assert((int)RDMA_USER_CM_NS_VERIFY == (int)RDMA_NS_POLICY_VERIFY, "verify");
_Static_assert((int)RDMA_USER_CM_NS_STRICT == (int)RDMA_NS_POLICY_STRICT, "strict");
