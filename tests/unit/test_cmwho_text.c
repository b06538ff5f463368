// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "cmwho.h"

static void assert_peer_name(const void *data, size_t length, const char *expected)
{
	char text[CMWHO_TEXT_MAX];

	cmwho_peer_name(data, length, text);
	assert_string_equal(text, expected);
}

static void test_peer_name(void **state)
{
	static const char padded[196] = "red";

	(void)state;
	assert_peer_name("red", 3, "red");
	assert_peer_name(padded, sizeof(padded), "red");
	assert_peer_name("red\0blue", 8, "red");
	assert_peer_name("\0red", 4, "");
	assert_peer_name("", 0, "");
	assert_peer_name(NULL, 0, "");
	assert_peer_name(NULL, 56, "");
}

static void test_hostile_name(void **state)
{
	unsigned char bytes[CMWHO_DATA_MAX];
	char text[CMWHO_TEXT_MAX];

	(void)state;
	assert_peer_name("a\nb c\033[2J", 9, "a\\x0ab\\x20c\\x1b[2J");
	assert_peer_name("\\x41", 4, "\\x5cx41");
	assert_peer_name("\xc3\xa9\x7f", 3, "\\xc3\\xa9\\x7f");

	memset(bytes, 0xff, sizeof(bytes));
	cmwho_peer_name(bytes, sizeof(bytes), text);
	assert_int_equal(strlen(text), 4 * CMWHO_NAME_MAX + 3);
	assert_string_equal(text + strlen(text) - 7, "\\xff...");

	cmwho_peer_name(bytes, CMWHO_NAME_MAX, text);
	assert_int_equal(strlen(text), 4 * CMWHO_NAME_MAX);
}

static void test_hex(void **state)
{
	static const unsigned char long_data[2 * CMWHO_DATA_MAX];
	char text[CMWHO_HEX_MAX];

	(void)state;
	cmwho_hex("\x00\x7f\xff", 3, text);
	assert_string_equal(text, "007fff");
	cmwho_hex(NULL, 0, text);
	assert_string_equal(text, "");
	cmwho_hex(long_data, sizeof(long_data), text);
	assert_int_equal(strlen(text), 2 * CMWHO_DATA_MAX);
}

static void test_json_string(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	cmwho_json_string(out, "a\"b\\c\n\x7f");
	fclose(out);
	assert_string_equal(text, "\"a\\\"b\\\\c\\u000a\\u007f\"");
	free(text);
}

static void test_address(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(7471) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(1) };
	struct sockaddr_storage unknown = { .ss_family = 99 };
	char text[CMWHO_ADDRESS_MAX];

	(void)state;
	inet_pton(AF_INET, "10.0.0.5", &in.sin_addr);
	cmwho_address((struct sockaddr *)&in, true, text);
	assert_string_equal(text, "10.0.0.5:7471");
	cmwho_address((struct sockaddr *)&in, false, text);
	assert_string_equal(text, "10.0.0.5");

	inet_pton(AF_INET6, "fd00::5", &in6.sin6_addr);
	cmwho_address((struct sockaddr *)&in6, true, text);
	assert_string_equal(text, "[fd00::5]:1");
	inet_pton(AF_INET6, "fe80::1", &in6.sin6_addr);
	in6.sin6_scope_id = 1;
	cmwho_address((struct sockaddr *)&in6, false, text);
	assert_string_equal(text, "fe80::1%lo");

	cmwho_address((struct sockaddr *)&unknown, true, text);
	assert_string_equal(text, "(address family 99)");
}

static void test_status(void **state)
{
	char text[64], small[8];

	(void)state;
	cmwho_status(cmwho_event_name(RDMA_CM_EVENT_REJECTED), 28, text, sizeof(text));
	assert_string_equal(text, "REJECTED status 28");
	cmwho_status(cmwho_event_name(RDMA_CM_EVENT_UNREACHABLE), -110, text, sizeof(text));
	assert_string_equal(text, "UNREACHABLE status -110 (Connection timed out)");
	cmwho_status("REJECTED", 28, small, sizeof(small));
	assert_string_equal(small, "REJECTE");
}

static void test_private_data(void **state)
{
	uint8_t data[CMWHO_DATA_MAX];

	(void)state;
	assert_int_equal(cmwho_private_data("red", -1, data), 3);
	assert_memory_equal(data, "red", 3);
	assert_int_equal(cmwho_private_data("", -1, data), 0);
	assert_int_equal(cmwho_private_data("red", 6, data), 6);
	assert_memory_equal(data, "red\0\4\5", 6);
	assert_int_equal(cmwho_private_data("red", 3, data), 3);
	assert_int_equal(cmwho_private_data("", CMWHO_DATA_MAX, data), CMWHO_DATA_MAX);
	assert_int_equal(data[CMWHO_DATA_MAX - 1], CMWHO_DATA_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peer_name),    cmocka_unit_test(test_hostile_name),
		cmocka_unit_test(test_hex),	     cmocka_unit_test(test_json_string),
		cmocka_unit_test(test_address),	     cmocka_unit_test(test_status),
		cmocka_unit_test(test_private_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
