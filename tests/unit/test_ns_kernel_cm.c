// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The extended kernel's record of a request, as it ends an event's private data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_cm.h"

#define COOKIE 0x0123456789abcdefu
#define SIZE sizeof(struct rdma_user_cm_ns_record)
#define DATA_MAX 255

static const struct rdma_user_cm_ns_record good = {
	.cookie = COOKIE,
	.ingress.size = SIZE,
	.ingress.flags = RDMA_USER_CM_NS_PEER_QPN | RDMA_USER_CM_NS_WANTED_QPN |
			 RDMA_USER_CM_NS_REPLY | RDMA_USER_CM_NS_IN_HEADER,
	.ingress.ifindex = 7,
	.ingress.port_ifindex = 8,
	.ingress.vrf_ifindex = 9,
	.ingress.netns = 4026532141,
	.ingress.handling_ifindex = 7,
	.ingress.local_qpn = 0x1a,
	.ingress.peer_qpn = 0x2b,
	.ingress.wanted_qpn = 0x1a,
	.ingress.pkey = 0xffff,
	.ingress.vlan = 0,
	.ingress.port = 2,
	.ingress.transport = RDMA_USER_CM_NS_TRANSPORT_IB,
	.ingress.decided_by = RDMA_USER_CM_NS_BY_QPN,
	.ingress.route = RDMA_USER_CM_NS_ROUTE_DELIVERED,
	.ingress.rule = RDMA_USER_CM_NS_RULE_WILDCARD,
};

/* @before bytes of 0x55, and the record. */
static size_t fill(uint8_t data[DATA_MAX], size_t before,
		   const struct rdma_user_cm_ns_record *record)
{
	memset(data, 0x55, before);
	memcpy(data + before, record, SIZE);
	return before + SIZE;
}

static void test_lengths(void **state)
{
	static const size_t before[] = { 0, 1, 40, 56, 128, 180, DATA_MAX - SIZE };
	struct rdma_user_cm_ns_ingress record;
	uint8_t data[DATA_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		size_t length = fill(data, before[i], &good);

		assert_true(kernel_cm_take_record(data, &length, COOKIE, &record));
		assert_int_equal(length, before[i]);
		assert_memory_equal(&record, &good.ingress, sizeof(record));
		for (size_t j = 0; j < before[i]; j++)
			assert_int_equal(data[j], 0x55);
		for (size_t j = 0; j < SIZE; j++)
			assert_int_equal(data[length + j], 0);
		/* Only once. */
		assert_false(kernel_cm_take_record(data, &length, COOKIE, &record));
		assert_int_equal(length, before[i]);
	}
}

/* Not there, not asked for, not the kernel's: the data stay as they are. */
static void test_absent(void **state)
{
	struct rdma_user_cm_ns_ingress record;
	uint8_t data[DATA_MAX], copy[DATA_MAX];
	size_t length = fill(data, 56, &good);

	(void)state;
	memcpy(copy, data, length);
	for (size_t cut = 0; cut < length; cut++) {
		size_t shorter = cut;

		assert_false(kernel_cm_take_record(data, &shorter, COOKIE, &record));
		assert_int_equal(shorter, cut);
	}
	assert_false(kernel_cm_take_record(data, &length, 0, &record));
	assert_false(kernel_cm_take_record(data, &length, COOKIE + 1, &record));
	assert_false(kernel_cm_take_record(NULL, &length, COOKIE, &record));
	assert_int_equal(length, 56 + SIZE);
	assert_memory_equal(data, copy, length);
}

/* A listener that has asked for no record must not be given one by a peer that sends no cookie. */
static void test_forged_without_cookie(void **state)
{
	struct rdma_user_cm_ns_record record = good;
	struct rdma_user_cm_ns_ingress found;
	uint8_t data[DATA_MAX];
	size_t length;

	(void)state;
	record.cookie = 0;
	length = fill(data, 100, &record);
	assert_false(kernel_cm_take_record(data, &length, 0, &found));
	assert_int_equal(length, 100 + SIZE);
}

/*
 * Whatever a flipped bit makes of it: taken off if the cookie stands, and never a policy without a
 * word.
 */
static void test_flips(void **state)
{
	(void)state;
	for (size_t at = 0; at < SIZE * 8; at++) {
		struct rdma_ns_resolution resolution;
		struct rdma_user_cm_ns_ingress record;
		uint8_t data[DATA_MAX];
		size_t length = fill(data, 56, &good);
		bool found;

		data[56 + at / 8] ^= (uint8_t)(1 << at % 8);
		found = kernel_cm_take_record(data, &length, COOKIE, &record);
		assert_int_equal(length, at < 64 ? 56 + SIZE : 56);
		if (at < 64)
			assert_false(found);
		if (!found)
			continue;
		kernel_cm_resolution(&record, RDMA_NS_POLICY_REPORT, &resolution);
		if (resolution.reason <= RDMA_NS_REASON_LAST)
			assert_string_not_equal(rdma_ns_reason_str(resolution.reason), "unknown");
		assert_string_not_equal(rdma_ns_policy_str(resolution.policy), "unknown");
		assert_true(resolution.ingress.local_qpn <= 0xffffff);
		assert_true(resolution.ingress.peer_qpn <= 0xffffff);
	}
}

static void unusable(struct rdma_user_cm_ns_record record)
{
	struct rdma_user_cm_ns_ingress found;
	uint8_t data[DATA_MAX];
	size_t length = fill(data, 56, &record);

	assert_false(kernel_cm_take_record(data, &length, COOKIE, &found));
	assert_int_equal(length, 56);
}

static void test_unsound(void **state)
{
	struct rdma_user_cm_ns_record record;

	(void)state;
#define BAD(change)                             \
	do {                                    \
		record = good;                  \
		change;                         \
		print_message("%s\n", #change); \
		unusable(record);               \
	} while (0)
	BAD(record.ingress.size--);
	BAD(record.ingress.ifindex = 0);
	BAD(record.ingress.decided_by = RDMA_USER_CM_NS_BY_NOTHING);
	BAD(record.ingress.local_qpn = 0x1000000);
	BAD(record.ingress.peer_qpn = 0xffffffff);
	BAD(record.ingress.wanted_qpn = 0x1000000);
}

static void resolve_as_sent(struct rdma_user_cm_ns_record record,
			    struct rdma_ns_resolution *resolution)
{
	struct rdma_user_cm_ns_ingress found;
	size_t length = sizeof(record);

	assert_true(kernel_cm_take_record(&record, &length, good.cookie, &found));
	kernel_cm_resolution(&found, RDMA_NS_POLICY_REPORT, resolution);
}

/* A later kernel knows more reasons: they flag as others do, and have no word. */
static void test_unknown_reason(void **state)
{
	struct rdma_user_cm_ns_record record = good;
	struct rdma_ns_resolution resolution;

	(void)state;
	record.ingress.reason = RDMA_NS_REASON_LAST + 1;
	resolve_as_sent(record, &resolution);
	assert_int_equal(resolution.verdict, RDMA_NS_ACCEPT_FLAGGED);
	assert_int_equal(resolution.reason, RDMA_NS_REASON_LAST + 1);
	assert_string_equal(rdma_ns_reason_str(resolution.reason), "unknown");
}

/* It also has other words for what else it did, and they change no verdict. */
static void test_unknown_words(void **state)
{
	struct rdma_user_cm_ns_record record = good;
	struct rdma_ns_resolution resolution;

	(void)state;
	record.ingress.transport = RDMA_NS_TRANSPORT_IWARP + 1;
	record.ingress.decided_by = RDMA_NS_BY_AMBIGUOUS + 1;
	record.ingress.route = RDMA_NS_ROUTE_FAILED + 1;
	record.ingress.rule = RDMA_NS_RULE_ADDRESS_NETDEV + 1;
	record.ingress.policy = RDMA_NS_POLICY_LAST + 1;
	resolve_as_sent(record, &resolution);
	assert_int_equal(resolution.verdict, RDMA_NS_ACCEPT);
	assert_int_equal(resolution.policy, RDMA_NS_POLICY_LAST);
	assert_int_equal(resolution.ingress.wanted_qpn, good.ingress.wanted_qpn);
	assert_string_equal(rdma_ns_transport_str(resolution.ingress.transport), "unknown");
	assert_string_equal(rdma_ns_decided_by_str(resolution.ingress.decided_by), "unknown");
	assert_string_equal(rdma_ns_route_str(resolution.ingress.route), "unknown");
	assert_string_equal(rdma_ns_rule_str(resolution.ingress.rule), "unknown");
}

static void test_resolution(void **state)
{
	struct rdma_user_cm_ns_ingress record = good.ingress;
	struct rdma_ns_exchange exchange = { 0 };
	struct rdma_ns_resolution resolution;
	const struct rdma_ns_ingress *ingress = &resolution.ingress;

	(void)state;
	kernel_cm_resolution(&record, RDMA_NS_POLICY_STRICT, &resolution);
	assert_int_equal(resolution.verdict, RDMA_NS_ACCEPT);
	assert_int_equal(resolution.policy, RDMA_NS_POLICY_STRICT);
	assert_int_equal(resolution.listener, -1);
	assert_int_equal(ingress->decider, RDMA_NS_DECIDER_KERNEL);
	assert_int_equal(ingress->ifindex, 7);
	assert_int_equal(ingress->port_ifindex, 8);
	assert_int_equal(ingress->vrf_ifindex, 9);
	assert_int_equal(ingress->netns, 4026532141);
	assert_int_equal(ingress->handling_ifindex, 7);
	assert_int_equal(ingress->port, 2);
	assert_int_equal(ingress->transport, RDMA_NS_TRANSPORT_IB);
	assert_int_equal(ingress->pkey, 0xffff);
	assert_int_equal(ingress->local_qpn, 0x1a);
	assert_int_equal(ingress->peer_qpn, 0x2b);
	assert_int_equal(ingress->wanted_qpn, 0x1a);
	assert_int_equal(ingress->candidates, 1);
	assert_int_equal(ingress->decided_by, RDMA_NS_BY_QPN);
	assert_int_equal(ingress->route, RDMA_NS_ROUTE_DELIVERED);
	assert_int_equal(ingress->rule, RDMA_NS_RULE_WILDCARD);
	kernel_cm_peer(&record, &exchange);
	assert_int_equal(exchange.received, 1);
	assert_int_equal(exchange.peer_qpn, 0x2b);
	assert_int_equal(exchange.wanted_qpn, 0x1a);
	assert_int_equal(exchange.local_qpn, 0x1a);

	/* QPNs without their flag are none. */
	record.flags = 0;
	record.decided_by = RDMA_USER_CM_NS_BY_ADDRESS;
	record.candidates = 1;
	kernel_cm_peer(&record, &exchange);
	assert_int_equal(exchange.received, 0);
	assert_int_equal(exchange.peer_qpn, 0);
	kernel_cm_resolution(&record, RDMA_NS_POLICY_REPORT, &resolution);
	assert_int_equal(ingress->wanted_qpn, 0);
	assert_int_equal(resolution.verdict, RDMA_NS_ACCEPT);
}

/* The library's policy holds where the kernel's has not been set; the stricter one is named. */
static void test_policies(void **state)
{
	static const struct {
		uint8_t decided_by, reason, kernel;
		enum rdma_ns_policy listener;
		enum rdma_ns_verdict verdict;
		enum rdma_ns_reason because;
	} rows[] = {
		{ RDMA_NS_BY_AMBIGUOUS, RDMA_NS_REASON_AMBIGUOUS, RDMA_NS_POLICY_REPORT,
		  RDMA_NS_POLICY_REPORT, RDMA_NS_ACCEPT_FLAGGED, RDMA_NS_REASON_AMBIGUOUS },
		{ RDMA_NS_BY_AMBIGUOUS, RDMA_NS_REASON_AMBIGUOUS, RDMA_NS_POLICY_REPORT,
		  RDMA_NS_POLICY_VERIFY, RDMA_NS_REJECT, RDMA_NS_REASON_AMBIGUOUS },
		{ RDMA_NS_BY_ADDRESS, RDMA_NS_REASON_AMBIGUOUS, RDMA_NS_POLICY_REPORT,
		  RDMA_NS_POLICY_REPORT, RDMA_NS_ACCEPT_FLAGGED, RDMA_NS_REASON_AMBIGUOUS },
		{ RDMA_NS_BY_ADDRESS, RDMA_NS_REASON_NONE, RDMA_NS_POLICY_REPORT,
		  RDMA_NS_POLICY_STRICT, RDMA_NS_REJECT, RDMA_NS_REASON_NO_QPN },
		{ RDMA_NS_BY_ADDRESS, RDMA_NS_REASON_NONE, RDMA_NS_POLICY_VERIFY,
		  RDMA_NS_POLICY_REPORT, RDMA_NS_ACCEPT, RDMA_NS_REASON_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rdma_user_cm_ns_ingress record = good.ingress;
		struct rdma_ns_resolution resolution;

		record.flags = 0;
		record.decided_by = rows[i].decided_by;
		record.reason = rows[i].reason;
		record.policy = rows[i].kernel;
		kernel_cm_resolution(&record, rows[i].listener, &resolution);
		assert_int_equal(resolution.verdict, rows[i].verdict);
		assert_int_equal(resolution.reason, rows[i].because);
		assert_int_equal(resolution.policy, rows[i].kernel > rows[i].listener ?
							    rows[i].kernel :
							    rows[i].listener);
	}
}

static void test_af_ib(void **state)
{
	const struct rdma_user_cm_ns_ingress record = {
		.size = SIZE,
		.port = 1,
		.transport = RDMA_USER_CM_NS_TRANSPORT_IB,
		.reason = RDMA_USER_CM_NS_REASON_AF_IB,
		.policy = RDMA_USER_CM_NS_STRICT,
	};
	struct rdma_ns_resolution resolution;

	(void)state;
	kernel_cm_resolution(&record, RDMA_NS_POLICY_STRICT, &resolution);
	assert_int_equal(resolution.verdict, RDMA_NS_ACCEPT);
	assert_int_equal(resolution.reason, RDMA_NS_REASON_AF_IB);
	assert_int_equal(resolution.ingress.candidates, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_forged_without_cookie),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_unsound),
		cmocka_unit_test(test_unknown_reason),
		cmocka_unit_test(test_unknown_words),
		cmocka_unit_test(test_resolution),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_af_ib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
