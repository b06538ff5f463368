// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Lines of the preload's log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cm_id.h"
#include "ns_messages.h"
#include "report.h"

static const struct report_source source = { .time = { 86400, 5000000 }, .pid = 42 };
static char line[REPORT_MAX];

static struct rdma_ns_resolution resolution;
static struct rdma_ns_exchange exchange;

static struct rdma_ns_observation request(void)
{
	const struct rdma_ns_observation observation = {
		.size = sizeof(observation),
		.what = RDMA_NS_OBSERVED_REQUEST,
		.port_space = RDMA_PS_TCP,
		.local = ns_sockaddr("10.0.0.5", 7471),
		.peer = ns_sockaddr("fd00::9", 40722),
		.resolution = &resolution,
		.exchange = &exchange,
	};

	resolution = (struct rdma_ns_resolution){
		.verdict = RDMA_NS_REJECT,
		.reason = RDMA_NS_REASON_AMBIGUOUS,
		.policy = RDMA_NS_POLICY_VERIFY,
		.ingress = {
			.name = "ib0.red", .ifindex = 7, .netns = 4026531840, .device = "sib0", .port = 1,
			.transport = RDMA_NS_TRANSPORT_IB, .pkey = 0xffff, .local_qpn = 0x1a,
			.candidates = 2, .decided_by = RDMA_NS_BY_AMBIGUOUS,
			.route = RDMA_NS_ROUTE_DELIVERED, .handling_name = "ib0.red",
			.rule = RDMA_NS_RULE_WILDCARD,
		},
	};
	exchange = (struct rdma_ns_exchange){ 0 };
	return observation;
}

static struct rdma_ns_observation refused(void)
{
	const struct rdma_ns_observation observation = {
		.size = sizeof(observation),
		.what = RDMA_NS_OBSERVED_REFUSED,
		.port_space = RDMA_PS_UDP,
		.local = ns_sockaddr("10.0.0.9", 40722),
		.peer = ns_sockaddr("10.0.0.5", 7471),
		.exchange = &exchange,
		.status = 28,
	};

	exchange = (struct rdma_ns_exchange){ .sent = RDMA_NS_SENT,
					      .local_qpn = 0x1b,
					      .wanted_qpn = 0x1a,
					      .refusal = RDMA_NS_REASON_QPN_UNKNOWN };
	return observation;
}

static void expect(const struct rdma_ns_observation *observation, bool json, const char *expected)
{
	size_t length = report_line(&source, observation, json, line);

	assert_string_equal(line, expected);
	assert_int_equal(length, strlen(expected));
}

static void test_words(void **state)
{
	struct rdma_ns_observation observation = request();

	(void)state;
	expect(&observation, false,
	       "1970-01-02T00:00:00.005Z 42 passive: request to 10.0.0.5:7471 from [fd00::9]:40722 (tcp): reject "
	       "(several netdevs fit) under verify; ingress ib0.red on sib0 port 1 P_Key 0xffff QPN 0x00001a by "
	       "ambiguous of 2; route delivered, handled by ib0.red; listener wildcard\n");
	observation = refused();
	expect(&observation, false,
	       "1970-01-02T00:00:00.005Z 42 active: connection to 10.0.0.5:7471 from 10.0.0.9:40722 (udp): refused by "
	       "the peer: the QPN names no netdev of this namespace status 28; QPN sent, from 0x00001b aimed at "
	       "0x00001a\n");
}

static void test_json(void **state)
{
	struct rdma_ns_observation observation = request();

	(void)state;
	expect(&observation, true,
	       "{\"time\":\"1970-01-02T00:00:00.005Z\",\"pid\":42,\"side\":\"passive\",\"event\":\"request\","
	       "\"port_space\":\"tcp\",\"local\":\"10.0.0.5:7471\",\"peer\":\"[fd00::9]:40722\",\"verdict\":\"reject\","
	       "\"reason\":\"several netdevs fit\",\"policy\":\"verify\",\"netdev\":\"ib0.red\",\"ifindex\":7,"
	       "\"netns_inode\":4026531840,\"device\":\"sib0\",\"port\":1,\"transport\":\"ib\",\"vlan\":null,"
	       "\"p_key\":\"0xffff\",\"qpn\":\"0x00001a\",\"wanted_qpn\":null,\"peer_qpn\":null,"
	       "\"candidates\":2,\"decided_by\":\"ambiguous\",\"route\":\"delivered\",\"route_error\":null,\"handling\":\"ib0.red\","
	       "\"rule\":\"wildcard\",\"decider\":\"library\"}\n");
}

/* Why the kernel could not be asked is told. */
static void test_route_error(void **state)
{
	struct rdma_ns_observation observation = request();

	(void)state;
	resolution.ingress.route = RDMA_NS_ROUTE_FAILED;
	resolution.ingress.route_errno = EMFILE;
	report_line(&source, &observation, false, line);
	assert_non_null(strstr(line, "; route query failed (Too many open files), handled"));
	report_line(&source, &observation, true, line);
	assert_non_null(strstr(line, ",\"route\":\"query failed\",\"route_error\":\"Too many open files\","));
}

/* A record that was not believed is told, one that is not there is not. */
static void test_ignored_records(void **state)
{
	struct rdma_ns_observation observation = request();

	(void)state;
	for (int i = QPN_RECORD_OK; i < QPN_RECORD_NO_ROOM; i++) {
		const bool told = i != QPN_RECORD_OK && i != QPN_RECORD_ABSENT;
		struct rdma_ns_observation of_id;
		struct rdma_cm_id id = { 0 };

		cm_id_observation(&id, i, &of_id);
		observation.ignored = of_id.ignored;
		report_line(&source, &observation, false, line);
		assert_int_equal(strstr(line, "; ignored: a QPN record") != NULL, told);
		report_line(&source, &observation, true, line);
		assert_int_equal(strstr(line, ",\"ignored\":\"a QPN record") != NULL, told);
	}
	observation = refused();
	observation.ignored = qpn_record_status_str(QPN_RECORD_BAD_CRC);
	report_line(&source, &observation, false, line);
	assert_non_null(strstr(line, "; ignored: a QPN record that is damaged or of another connection\n"));
}

/* A netdev's name is a tenant's choice: no line of its own, no escape sequences, no open quotes. */
static void test_hostile_names(void **state)
{
	struct rdma_ns_observation observation = request();

	(void)state;
	strcpy(resolution.ingress.name, "a\"\\\n\033[2J");
	report_line(&source, &observation, true, line);
	assert_non_null(strstr(line, "\"netdev\":\"a\\\"\\\\x5c\\\\x0a\\\\x1b[2J\""));
	report_line(&source, &observation, false, line);
	assert_non_null(strstr(line, "ingress a\"\\x5c\\x0a\\x1b[2J on"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_route_error),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_ignored_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
