// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "address.h"
#include "ns_messages.h"

static void test_text(void **state)
{
	struct sockaddr_storage address = ns_sockaddr("10.0.0.5", 7471);
	char text[ADDRESS_TEXT_MAX];

	(void)state;
	assert_string_equal(address_text(&address, text), "10.0.0.5:7471");
	assert_int_equal(address_port(&address), htons(7471));
	address = ns_sockaddr("fd00::9", 1);
	address_set_port(&address, 65535);
	assert_string_equal(address_text(&address, text), "[fd00::9]:65535");
	address.ss_family = 27;
	assert_string_equal(address_text(&address, text), "(address family 27)");
	assert_null(address_ip(&address));
	assert_int_equal(address_port(&address), 0);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *text;
		bool wildcard, link_local;
	} rows[] = {
		{ "0.0.0.0", true, false },	 { "10.0.0.5", false, false },
		{ "::", true, false },		 { "fe80::1", false, true },
		{ "febf::1", false, true },	 { "fec0::1", false, false },
		{ "169.254.0.1", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sockaddr_storage address = ns_sockaddr(rows[i].text, 1);

		print_message("%s\n", rows[i].text);
		assert_int_equal(address_is_wildcard(&address), rows[i].wildcard);
		assert_int_equal(address_bytes_link_local(address.ss_family, address_ip(&address)),
				 rows[i].link_local);
	}
}

static void test_parse(void **state)
{
	static const char *const bad[] = {
		"",
		"10.0.0",
		"10.0.0.5:1",
		"fe80::1%no-such-netdev",
		"fd00::5%lo",
		"x",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"
	};
	struct sockaddr_storage address;

	(void)state;
	assert_true(address_parse("10.0.0.5", &address));
	assert_int_equal(address.ss_family, AF_INET);
	assert_true(address_parse("fd00::5", &address));
	assert_int_equal(address_scope(&address), 0);
	assert_true(address_parse("fe80::5%lo", &address));
	assert_int_equal(address_scope(&address), 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("%s\n", bad[i]);
		assert_false(address_parse(bad[i], &address));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
