// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "verdict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ACCEPT RDMA_NS_ACCEPT
#define FLAGGED RDMA_NS_ACCEPT_FLAGGED
#define REJECT RDMA_NS_REJECT

#define IB .transport = RDMA_NS_TRANSPORT_IB
#define QPN IB, .qpn_sent = true
#define BY(what) .decided_by = RDMA_NS_BY_##what
#define ROUTE(what) .route = RDMA_NS_ROUTE_##what
#define DELIVERED ROUTE(DELIVERED)
#define RULE(what) .rule = RDMA_NS_RULE_##what
#define WHY(what) RDMA_NS_REASON_##what

static const struct row {
	const char *name;
	struct verdict_evidence evidence;
	struct {
		enum rdma_ns_verdict verdict;
		enum rdma_ns_reason reason;
	} report, verify, strict;
} rows[] = {
	{ "QPN names a netdev of this namespace, the route delivers",
	  { QPN, BY(QPN), DELIVERED },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) } },
	{ "the same, from itself",
	  { QPN, BY(QPN), ROUTE(SELF) },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) } },
	{ "QPN names no netdev of this namespace",
	  { QPN, BY(NOTHING) },
	  { FLAGGED, WHY(QPN_UNKNOWN) },
	  { REJECT, WHY(QPN_UNKNOWN) },
	  { REJECT, WHY(QPN_UNKNOWN) } },
	{ "QPN, and the library could not look",
	  { QPN, BY(NOTHING), ROUTE(FAILED) },
	  { FLAGGED, WHY(ROUTE) },
	  { REJECT, WHY(ROUTE) },
	  { REJECT, WHY(ROUTE) } },
	{ "no QPN, one candidate by address",
	  { IB, BY(ADDRESS), DELIVERED },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) },
	  { REJECT, WHY(NO_QPN) } },
	{ "no QPN, one candidate by P_Key and GID",
	  { IB, BY(GID), DELIVERED },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) },
	  { REJECT, WHY(NO_QPN) } },
	{ "no QPN, several candidates",
	  { IB, BY(AMBIGUOUS), DELIVERED },
	  { FLAGGED, WHY(AMBIGUOUS) },
	  { REJECT, WHY(AMBIGUOUS) },
	  { REJECT, WHY(AMBIGUOUS) } },
	{ "no QPN, no candidate",
	  { IB, BY(NOTHING) },
	  { FLAGGED, WHY(UNRESOLVED) },
	  { REJECT, WHY(UNRESOLVED) },
	  { REJECT, WHY(UNRESOLVED) } },
	{ "RoCE, by GID",
	  { .transport = RDMA_NS_TRANSPORT_ROCE, BY(GID), DELIVERED },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) } },
	{ "RoCE, by VLAN",
	  { .transport = RDMA_NS_TRANSPORT_ROCE, BY(VLAN), DELIVERED },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) } },
	{ "RoCE, unresolved",
	  { .transport = RDMA_NS_TRANSPORT_ROCE, BY(NOTHING) },
	  { FLAGGED, WHY(UNRESOLVED) },
	  { REJECT, WHY(UNRESOLVED) },
	  { REJECT, WHY(UNRESOLVED) } },
	{ "iWARP",
	  { .transport = RDMA_NS_TRANSPORT_IWARP, BY(TCP), DELIVERED },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) } },
	{ "iWARP, several candidates",
	  { .transport = RDMA_NS_TRANSPORT_IWARP, BY(AMBIGUOUS), DELIVERED },
	  { FLAGGED, WHY(AMBIGUOUS) },
	  { REJECT, WHY(AMBIGUOUS) },
	  { REJECT, WHY(AMBIGUOUS) } },
	{ "route input would drop it",
	  { QPN, BY(QPN), ROUTE(RP_FILTER) },
	  { FLAGGED, WHY(ROUTE) },
	  { REJECT, WHY(ROUTE) },
	  { REJECT, WHY(ROUTE) } },
	{ "handling netdev differs from ingress netdev",
	  { QPN, BY(QPN), DELIVERED, .handling_differs = true },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) },
	  { REJECT, WHY(HANDLING_DIFFERS) } },
	{ "listener bound to a netdev it did not arrive on",
	  { QPN, BY(QPN), DELIVERED, RULE(BOUND_ELSEWHERE) },
	  { REJECT, WHY(BOUND_ELSEWHERE) },
	  { REJECT, WHY(BOUND_ELSEWHERE) },
	  { REJECT, WHY(BOUND_ELSEWHERE) } },
	{ "no listener",
	  { QPN, BY(QPN), DELIVERED, RULE(NONE) },
	  { REJECT, WHY(NO_LISTENER) },
	  { REJECT, WHY(NO_LISTENER) },
	  { REJECT, WHY(NO_LISTENER) } },
	{ "a listener changes nothing else",
	  { QPN, BY(QPN), DELIVERED, RULE(WILDCARD) },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) },
	  { ACCEPT, WHY(NONE) } },
	{ "AF_IB keeps the stock path",
	  { IB, .af_ib = true },
	  { ACCEPT, WHY(AF_IB) },
	  { ACCEPT, WHY(AF_IB) },
	  { ACCEPT, WHY(AF_IB) } },
	{ "of two findings, the one that rejects is named",
	  { IB, BY(AMBIGUOUS), DELIVERED, RULE(BOUND_ELSEWHERE) },
	  { REJECT, WHY(BOUND_ELSEWHERE) },
	  { REJECT, WHY(AMBIGUOUS) },
	  { REJECT, WHY(AMBIGUOUS) } },
	{ "of two that flag, the first step's",
	  { IB, BY(AMBIGUOUS), ROUTE(NOT_LOCAL) },
	  { FLAGGED, WHY(AMBIGUOUS) },
	  { REJECT, WHY(AMBIGUOUS) },
	  { REJECT, WHY(AMBIGUOUS) } },
};

static void check(const struct row *row, enum rdma_ns_policy policy, enum rdma_ns_verdict verdict,
		  enum rdma_ns_reason reason)
{
	enum rdma_ns_reason said;

	print_message("%s, %s\n", row->name, rdma_ns_policy_str(policy));
	assert_string_equal(rdma_ns_verdict_str(verdict_give(policy, &row->evidence, &said)),
			    rdma_ns_verdict_str(verdict));
	assert_string_equal(rdma_ns_reason_str(said), rdma_ns_reason_str(reason));
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check(&rows[i], RDMA_NS_POLICY_REPORT, rows[i].report.verdict,
		      rows[i].report.reason);
		check(&rows[i], RDMA_NS_POLICY_VERIFY, rows[i].verify.verdict,
		      rows[i].verify.reason);
		check(&rows[i], RDMA_NS_POLICY_STRICT, rows[i].strict.verdict,
		      rows[i].strict.reason);
	}
}

/* Every answer of step 2 but two is a drop. */
static void test_routes(void **state)
{
	(void)state;
	for (int i = RDMA_NS_ROUTE_DELIVERED; i <= RDMA_NS_ROUTE_FAILED; i++) {
		const struct verdict_evidence evidence = { QPN, BY(QPN), .route = i };
		const bool delivered = i == RDMA_NS_ROUTE_DELIVERED || i == RDMA_NS_ROUTE_SELF;
		enum rdma_ns_reason reason;

		print_message("%s\n", rdma_ns_route_str(i));
		assert_int_equal(verdict_give(RDMA_NS_POLICY_REPORT, &evidence, &reason),
				 delivered ? ACCEPT : FLAGGED);
		assert_int_equal(verdict_give(RDMA_NS_POLICY_VERIFY, &evidence, &reason),
				 delivered ? ACCEPT : REJECT);
	}
}

/* A stricter policy never accepts what a laxer one rejects, whatever the evidence. */
static void test_policies_are_ordered(void **state)
{
	(void)state;
	for (int transport = 0; transport <= RDMA_NS_TRANSPORT_IWARP; transport++)
	for (int by = 0; by <= RDMA_NS_BY_AMBIGUOUS; by++)
	for (int route = 0; route <= RDMA_NS_ROUTE_FAILED; route++)
	for (int rule = 0; rule <= RDMA_NS_RULE_ADDRESS_NETDEV; rule++)
	for (int bits = 0; bits < 8; bits++) {
		const struct verdict_evidence evidence = {
			.transport = transport, .decided_by = by, .route = route, .rule = rule,
			.af_ib = bits & 1, .qpn_sent = bits & 2, .handling_differs = bits & 4,
		};
		enum rdma_ns_verdict last = ACCEPT;

		for (int policy = 0; policy <= RDMA_NS_POLICY_STRICT; policy++) {
			enum rdma_ns_reason reason;
			enum rdma_ns_verdict verdict = verdict_give(policy, &evidence, &reason);

			assert_true(verdict >= last);
			assert_true((verdict == ACCEPT) ==
				    (reason == WHY(NONE) || reason == WHY(AF_IB)));
			last = verdict;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_policies_are_ordered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
