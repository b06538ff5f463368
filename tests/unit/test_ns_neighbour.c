// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Neighbour entries and output routes as the kernel sends them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "neighbour.h"
#include "ns_messages.h"
#include "probe.h"

static struct ns_message message;

static void begin(uint16_t type, const void *body, size_t length)
{
	memset(&message, 0, sizeof(message));
	message.header.nlmsg_type = type;
	message.header.nlmsg_len = NLMSG_LENGTH(length);
	memcpy(NLMSG_DATA(&message.header), body, length);
}

static void add(uint16_t type, const void *data, size_t length)
{
	struct rtattr *attribute =
		(void *)((char *)&message + NLMSG_ALIGN(message.header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (uint16_t)RTA_LENGTH(length);
	memcpy(RTA_DATA(attribute), data, length);
	message.header.nlmsg_len =
		(uint32_t)(NLMSG_ALIGN(message.header.nlmsg_len) + RTA_ALIGN(attribute->rta_len));
}

static void neighbour(uint16_t state, size_t length)
{
	static const uint8_t lladdr[32] = { 0x80, 0x12, 0x34, 0x56, 0xfe, 0x80 };
	struct ndmsg body = { .ndm_family = AF_INET, .ndm_ifindex = 3, .ndm_state = state };

	begin(RTM_NEWNEIGH, &body, sizeof(body));
	add(NDA_DST, "\12\0\0\5", 4);
	if (length)
		add(NDA_LLADDR, lladdr, length);
}

static void test_neighbour(void **state)
{
	static const uint16_t good[] = { NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE,
					 NUD_PERMANENT };
	static const uint16_t bad[] = { NUD_NONE, NUD_INCOMPLETE, NUD_FAILED, NUD_NOARP };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		neighbour(good[i], 20);
		assert_int_equal(neighbour_parse(&message.header), 0x123456);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		neighbour(bad[i], 20);
		assert_int_equal(neighbour_parse(&message.header), 0);
	}
	neighbour(NUD_REACHABLE, 0);
	assert_int_equal(neighbour_parse(&message.header), 0);
	neighbour(NUD_REACHABLE, 6);
	assert_int_equal(neighbour_parse(&message.header), 0);
	neighbour(NUD_REACHABLE, 20);
	message.header.nlmsg_type = RTM_DELNEIGH;
	assert_int_equal(neighbour_parse(&message.header), 0);
	neighbour(NUD_REACHABLE, 20);
	message.header.nlmsg_len = NLMSG_LENGTH(4);
	assert_int_equal(neighbour_parse(&message.header), 0);
}

static struct neighbour_route route(uint8_t type, uint16_t attribute)
{
	struct rtmsg body = { .rtm_family = AF_INET, .rtm_type = type };
	struct neighbour_route parsed = { 0 };
	uint32_t oif = 3;

	begin(RTM_NEWROUTE, &body, sizeof(body));
	add(RTA_OIF, &oif, sizeof(oif));
	if (attribute)
		add(attribute, "\12\0\0\1", 4);
	neighbour_parse_route(&message.header, &parsed);
	return parsed;
}

static void test_route(void **state)
{
	struct neighbour_route parsed = route(RTN_UNICAST, 0);

	(void)state;
	assert_int_equal(parsed.type, RTN_UNICAST);
	assert_int_equal(parsed.oif, 3);
	assert_false(parsed.gateway);
	assert_true(route(RTN_UNICAST, RTA_GATEWAY).gateway);
	assert_true(route(RTN_UNICAST, RTA_VIA).gateway);
	assert_int_equal(route(RTN_LOCAL, 0).type, RTN_LOCAL);
}

static void test_requests(void **state)
{
	struct rtnetlink_request request;
	uint8_t ip[16] = { 0xfd };

	(void)state;
	neighbour_build(AF_INET6, ip, 3, &request);
	assert_int_equal(request.header.nlmsg_type, RTM_GETNEIGH);
	assert_int_equal(request.header.nlmsg_len, NLMSG_LENGTH(sizeof(struct ndmsg)) + 20);
	neighbour_build_route(AF_INET6, ip, ip, 3, &request);
	assert_int_equal(request.header.nlmsg_len,
			 NLMSG_LENGTH(sizeof(struct rtmsg)) + 20 + 20 + 8);
	neighbour_build_route(AF_INET, ip, ip, 0, &request);
	assert_int_equal(request.header.nlmsg_len, NLMSG_LENGTH(sizeof(struct rtmsg)) + 8 + 8);
	assert_true(request.header.nlmsg_len <= sizeof(request));
}

/* What they are to do, and to which entry. */
static void test_probes(void **state)
{
	const uint8_t ip[4] = { 10, 0, 0, 5 };
	struct rtnetlink_request request;
	const struct ndmsg *entry = NLMSG_DATA(&request.header);

	(void)state;
	probe_build_use(AF_INET, ip, 3, &request);
	assert_int_equal(request.header.nlmsg_type, RTM_NEWNEIGH);
	/* An entry that has gone meanwhile is not made again. */
	assert_false(request.header.nlmsg_flags & NLM_F_CREATE);
	assert_int_equal(entry->ndm_family, AF_INET);
	assert_int_equal(entry->ndm_ifindex, 3);
	assert_int_equal(entry->ndm_flags, NTF_USE);
	assert_int_equal(entry->ndm_state, 0);
	assert_int_equal(request.header.nlmsg_len, NLMSG_LENGTH(sizeof(*entry)) + 8);

	probe_build_failed(AF_INET, ip, 3, &request);
	assert_int_equal(request.header.nlmsg_type, RTM_NEWNEIGH);
	assert_int_equal(request.header.nlmsg_flags & (NLM_F_CREATE | NLM_F_REPLACE),
			 NLM_F_REPLACE);
	assert_int_equal(entry->ndm_flags, 0);
	assert_int_equal(entry->ndm_state, NUD_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neighbour),
		cmocka_unit_test(test_route),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_probes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
