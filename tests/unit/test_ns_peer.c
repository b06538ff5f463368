// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Of rdma-ns ping and listen: options, what they tell each other, round-trip times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "peer_message.h"
#include "peer_options.h"
#include "rtt.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORDS_MAX 16

/* Options of a line of words, the command's name among them. */
static int parse(const char *line, struct peer_options *options)
{
	static char copy[256];
	char *words[WORDS_MAX + 1], *rest;
	int count = 0;

	print_message("%s\n", line);
	memset(options, 0, sizeof(*options));
	strcpy(copy, line);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(count < WORDS_MAX);
		words[count++] = word;
	}
	words[count] = NULL;
	return (*words[0] == 'p' ? ping_options : listen_options)(count, words, options);
}

static void test_ping_options(void **state)
{
	static const char *const bad[] = {
		"ping", "ping 10.0.0.5 10.0.0.6", "ping -c 0 ::1", "ping -c x ::1", "ping -c 4294967296 ::1",
		"ping -c", "ping ::1 --count", "ping -i -1 ::1", "ping -i . ::1", "ping -i 1. ::1", "ping -i 0.0001 ::1",
		"ping -i 86401 ::1", "ping -i 99999999 ::1", "ping -i 1e3 ::1", "ping -W 0 ::1", "ping -s 1048577 ::1",
		"ping -s 1025K ::1", "ping -s 2M ::1", "ping -s K ::1", "ping -s 1KK ::1", "ping -s -1 ::1",
		"ping -p 0 ::1", "ping -p 65536 ::1", "ping -P lax ::1", "ping -P Report ::1", "ping --no-such ::1",
		"ping -z ::1", "ping -1 ::1", "ping --once ::1",
	};
	struct peer_options options;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(parse(bad[i], &options), STATUS_USAGE);

	assert_int_equal(parse("ping 10.0.0.5", &options), STATUS_OK);
	assert_string_equal(options.address, "10.0.0.5");
	assert_true(!options.count && options.interval_ms == 1000 && options.timeout_ms == 10000);
	assert_true(options.size == 64 && options.port == 7471);
	assert_true(options.policy == RDMA_NS_POLICY_REPORT && !options.datagram && !options.quiet);
	assert_true(!options.netdev && !options.netns && !options.json);

	assert_int_equal(parse("ping ::1 -c 3 -i .25 -s 1M -uq", &options), STATUS_OK);
	assert_true(options.count == 3 && options.interval_ms == 250 &&
		    options.size == PEER_SIZE_MAX);
	assert_true(options.datagram && options.quiet);
	assert_int_equal(parse("ping -i 1.5 -W 0.02 -s 64K -p 0xffff ::1", &options), STATUS_OK);
	assert_true(options.interval_ms == 1500 && options.timeout_ms == 20);
	assert_true(options.size == 65536 && options.port == 65535);
	assert_int_equal(parse("ping -i 0 -s 0 --policy strict -j ::1", &options), STATUS_OK);
	assert_true(!options.interval_ms && !options.size && options.json);
	assert_int_equal(options.policy, RDMA_NS_POLICY_STRICT);
	assert_int_equal(parse("ping --netdev=ib0 --netns red ::1", &options), STATUS_OK);
	assert_string_equal(options.netdev, "ib0");
	assert_string_equal(options.netns, "red");
	assert_int_equal(parse("ping --help", &options), STATUS_OK);
	assert_true(options.help);
}

static void test_listen_options(void **state)
{
	static const char *const bad[] = { "listen a b", "listen -c 0", "listen -s 1", "listen -i 1",
					   "listen -W 1", "listen --size 1", "listen -p 99999" };
	struct peer_options options;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(parse(bad[i], &options), STATUS_USAGE);
	assert_int_equal(parse("listen", &options), STATUS_OK);
	assert_true(!options.address && options.port == 7471 && !options.count);
	assert_int_equal(parse("listen any --once", &options), STATUS_OK);
	assert_true(!options.address && options.count == 1);
	assert_int_equal(parse("listen -c 7 fd00::5 -P verify", &options), STATUS_OK);
	assert_true(options.count == 7 && options.policy == RDMA_NS_POLICY_VERIFY);
	assert_string_equal(options.address, "fd00::5");
}

static void test_hello(void **state)
{
	const struct peer_hello hello = { PEER_SIZE_MAX, 0x12345678 };
	struct peer_hello huge = { PEER_SIZE_MAX + 1, 0 }, read;
	uint8_t bytes[56] = { 0 };

	(void)state;
	peer_hello_encode(&hello, bytes);
	assert_true(peer_hello_decode(bytes, sizeof(bytes), &read));
	assert_true(read.size == hello.size && read.interval_ms == hello.interval_ms);
	for (size_t length = 0; length < PEER_HELLO_LENGTH; length++)
		assert_false(peer_hello_decode(bytes, length, &read));
	assert_false(peer_hello_decode(NULL, 56, &read));
	for (size_t i = 0; i < 5; i++) {
		bytes[i] ^= 1;
		assert_false(peer_hello_decode(bytes, sizeof(bytes), &read));
		bytes[i] ^= 1;
	}
	peer_hello_encode(&huge, bytes);
	assert_false(peer_hello_decode(bytes, sizeof(bytes), &read));
}

static void test_view(void **state)
{
	struct rdma_ns_resolution view = {
		.verdict = RDMA_NS_ACCEPT_FLAGGED, .reason = RDMA_NS_REASON_AMBIGUOUS,
		.policy = RDMA_NS_POLICY_VERIFY, .listener = -1,
		.ingress = {
			.ifindex = 77, .name = "ib0.8001", .netns = 0x123456789abcdef0, .handling_name = "lo",
			.device = "sib0", .port = 2, .transport = RDMA_NS_TRANSPORT_IB, .pkey = 0x8001, .vlan = 4094,
			.local_qpn = 0xfffffe, .peer_qpn = 2, .wanted_qpn = 3, .candidates = 4,
			.decided_by = RDMA_NS_BY_AMBIGUOUS, .route = RDMA_NS_ROUTE_RP_FILTER,
			.rule = RDMA_NS_RULE_ADDRESS_NETDEV, .decider = RDMA_NS_DECIDER_KERNEL,
		},
	};
	struct rdma_ns_resolution read;
	uint8_t bytes[196] = { 0 };

	(void)state;
	peer_view_encode(&view, bytes);
	assert_true(peer_view_decode(bytes, sizeof(bytes), &read));
	assert_memory_equal(&read, &view, sizeof(view));
	assert_true(peer_view_decode(bytes, PEER_VIEW_LENGTH, &read));
	for (size_t length = 0; length < PEER_VIEW_LENGTH; length++)
		assert_false(peer_view_decode(bytes, length, &read));
	assert_false(peer_view_decode(NULL, sizeof(bytes), &read));

	/* A name of any length is cut, and has an end. */
	memset(view.ingress.device, 'd', RDMA_NS_DEVICE_NAME_MAX);
	peer_view_encode(&view, bytes);
	assert_true(peer_view_decode(bytes, sizeof(bytes), &read));
	assert_int_equal(strlen(read.ingress.device), 31);

	/* From anybody: every byte may be anything. */
	for (size_t i = 5; i < sizeof(bytes); i++)
		bytes[i] = 0xff;
	assert_true(peer_view_decode(bytes, sizeof(bytes), &read));
	assert_int_equal(strlen(read.ingress.name), RDMA_NS_NETDEV_NAME_MAX - 1);
	assert_int_equal(strlen(read.ingress.handling_name), RDMA_NS_NETDEV_NAME_MAX - 1);
	assert_int_equal(strlen(read.ingress.device), 31);
	assert_int_equal(read.ingress.local_qpn, 0xffffff);
	assert_string_equal(rdma_ns_verdict_str(read.verdict), "unknown");
	assert_string_equal(rdma_ns_reason_str(read.reason), "unknown");
	assert_string_equal(rdma_ns_route_str(read.ingress.route), "unknown");
	bytes[4]++;
	assert_false(peer_view_decode(bytes, sizeof(bytes), &read));
}

/* Whoever rejects may be anybody: what is not a listener's word is none. */
static void test_rejections(void **state)
{
	uint8_t bytes[148] = { 0 };

	(void)state;
	for (int why = PEER_NO_PING; why <= PEER_REJECTION_LAST; why++) {
		peer_rejection_encode(why, bytes);
		assert_int_equal(peer_rejection_decode(bytes, sizeof(bytes)), why);
		assert_string_not_equal(peer_rejection_str(why), peer_rejection_str(why - 1));
	}
	for (size_t length = 0; length < PEER_REJECTION_LENGTH; length++)
		assert_int_equal(peer_rejection_decode(bytes, length), PEER_REJECTION_NONE);
	assert_int_equal(peer_rejection_decode(NULL, sizeof(bytes)), PEER_REJECTION_NONE);
	peer_rejection_encode(PEER_REJECTION_LAST + 1, bytes);
	assert_int_equal(peer_rejection_decode(bytes, sizeof(bytes)), PEER_REJECTION_NONE);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(peer_rejection_decode(bytes, sizeof(bytes)), PEER_REJECTION_NONE);
}

/* Each byte of a message counts; so do its length, its sequence number and its direction. */
static void test_messages(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 255, 256, 700 };
	struct peer_header header, read;
	uint8_t bytes[1024], other[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const size_t length = PEER_HEADER_LENGTH + sizes[i];

		header = (struct peer_header){ PEER_ASK, 1000000007 };
		assert_int_equal(peer_message_write(&header, sizes[i], bytes), length);
		assert_int_equal(peer_message_read(bytes, length, &read), PEER_GOOD);
		assert_true(read.type == header.type && read.sequence == header.sequence);
		for (size_t j = 0; j < length; j++) {
			/* Too few data to speak of all of the sequence number. */
			if (sizes[i] < 4 && j >= 4 && j < 8)
				continue;
			bytes[j] ^= 0x40;
			assert_int_not_equal(peer_message_read(bytes, length, &read), PEER_GOOD);
			bytes[j] ^= 0x40;
		}
		for (size_t j = 0; j < length; j++)
			assert_int_not_equal(peer_message_read(bytes, j, &read), PEER_GOOD);
		assert_int_not_equal(peer_message_read(bytes, length + 1, &read), PEER_GOOD);
		header.type = PEER_ANSWER;
		peer_message_write(&header, sizes[i], other);
		for (size_t j = PEER_HEADER_LENGTH; j < length; j++)
			assert_int_not_equal(bytes[j], other[j]);
	}
	bytes[12] = 0;
	assert_int_equal(peer_message_read(bytes, PEER_HEADER_LENGTH, &read), PEER_BAD_HEADER);
	bytes[12] = PEER_END + 1;
	assert_int_equal(peer_message_read(bytes, PEER_HEADER_LENGTH, &read), PEER_BAD_HEADER);
}

static void test_rtt(void **state)
{
	static const double times[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
	struct rtt rtt = { 0 };

	(void)state;
	assert_true(rtt_deviation(&rtt) == 0);
	for (size_t i = 0; i < COUNT(times); i++)
		rtt_add(&rtt, times[i]);
	assert_true(rtt.least == 2 && rtt.greatest == 9 && rtt.count == 8);
	assert_true(fabs(rtt.mean - 5) < 1e-9 && fabs(rtt_deviation(&rtt) - 2) < 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ping_options), cmocka_unit_test(test_listen_options),
		cmocka_unit_test(test_hello),	     cmocka_unit_test(test_view),
		cmocka_unit_test(test_rejections),
		cmocka_unit_test(test_messages),     cmocka_unit_test(test_rtt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
