// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Records that have come ahead of their requests: found once, by the same addresses and ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "look.h"
#include "ns_messages.h"

static struct rdma_cm_id request(const char *peer, int port)
{
	struct rdma_cm_id id = { .ps = RDMA_PS_TCP };

	id.route.addr.src_storage = ns_sockaddr("10.0.0.5", 7471);
	id.route.addr.dst_storage = ns_sockaddr(peer, (uint16_t)port);
	return id;
}

static void test_found_once(void **state)
{
	const struct qpn_record sent = { .flags = 7, .source_qpn = 0x1b, .destination_qpn = 0x1a };
	struct rdma_cm_id id = request("10.0.0.9", 40722), other;
	struct qpn_record found;

	(void)state;
	assert_false(look_find(&id, &found));
	look_keep(&id, &sent);
	other = request("10.0.0.9", 40723);
	assert_false(look_find(&other, &found));
	other = request("10.0.0.8", 40722);
	assert_false(look_find(&other, &found));
	other = request("fd00::9", 40722);
	assert_false(look_find(&other, &found));
	assert_true(look_find(&id, &found));
	assert_int_equal(found.destination_qpn, 0x1a);
	assert_int_equal(found.source_qpn, 0x1b);
	assert_false(look_find(&id, &found));
}

/* The last word counts, and a flood does not grow: it only pushes out what is older. */
static void test_many(void **state)
{
	struct qpn_record sent = { .flags = 3, .source_qpn = 2 }, found;
	struct rdma_cm_id id = request("10.0.0.9", 1);
	int left = 0;

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		sent.destination_qpn = 100 + i;
		id = request("10.0.0.9", (int)(1 + i));
		look_keep(&id, &sent);
	}
	assert_true(look_find(&id, &found));
	assert_int_equal(found.destination_qpn, 2099);
	for (int i = 0; i < 2000; i++) {
		id = request("10.0.0.9", 1 + i);
		left += look_find(&id, &found);
	}
	assert_true(left > 0 && left < 1024);
}

static void test_owns_nothing(void **state)
{
	struct rdma_cm_id id = request("10.0.0.9", 1);

	(void)state;
	assert_false(look_owns(&id));
	assert_false(look_owns(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_once),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_owns_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
