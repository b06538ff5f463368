// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "cmwho.h"

static char error[256];
static struct cmwho_options options;

static enum cmwho_parsed parse(const char *line)
{
	static char words[512];
	char *argv[32] = { "cmwho" };
	int argc = 1;

	error[0] = '\0';
	assert_true(strlen(line) < sizeof(words));
	strcpy(words, line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return cmwho_parse(argc, argv, &options, error, sizeof(error));
}

static void test_listen(void **state)
{
	const struct sockaddr_in *in = (struct sockaddr_in *)&options.address;
	const struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&options.address;

	(void)state;
	assert_int_equal(parse("listen"), CMWHO_PARSED_RUN);
	assert_int_equal(options.command, CMWHO_LISTEN);
	assert_int_equal(options.port_space, RDMA_PS_TCP);
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(in->sin_addr.s_addr, INADDR_ANY);
	assert_int_equal(ntohs(in->sin_port), CMWHO_PORT);
	assert_true(strlen(options.name) > 0);
	assert_int_equal(options.count, 0);
	assert_int_equal(options.timeout, 0);
	assert_int_equal(options.data_length, -1);

	assert_int_equal(parse("listen -b fe80::1%lo -p 0 -P udp -n red -c 3 -t 9 -r -j -v"
			       " --data-length 196"),
			 CMWHO_PARSED_RUN);
	assert_int_equal(in6->sin6_family, AF_INET6);
	assert_int_equal(in6->sin6_scope_id, 1);
	assert_int_equal(in6->sin6_port, 0);
	assert_int_equal(options.port_space, RDMA_PS_UDP);
	assert_string_equal(options.name, "red");
	assert_int_equal(options.count, 3);
	assert_int_equal(options.timeout, 9);
	assert_int_equal(options.data_length, 196);
	assert_true(options.reject && options.json && options.verbose);
}

static void test_connect(void **state)
{
	const struct sockaddr_in *in = (struct sockaddr_in *)&options.address;

	(void)state;
	assert_int_equal(parse("connect 10.0.0.5"), CMWHO_PARSED_RUN);
	assert_int_equal(options.command, CMWHO_CONNECT);
	assert_int_equal(ntohl(in->sin_addr.s_addr), 0x0a000005);
	assert_int_equal(ntohs(in->sin_port), CMWHO_PORT);
	assert_int_equal(options.source.ss_family, AF_UNSPEC);
	assert_string_equal(options.name, "");
	assert_int_equal(options.count, 1);
	assert_int_equal(options.timeout, 10);

	assert_int_equal(parse("connect 10.0.0.5 -s 10.0.0.9 --repeat=30 --port 80"),
			 CMWHO_PARSED_RUN);
	assert_int_equal(options.count, 30);
	assert_int_equal(options.source.ss_family, AF_INET);
	assert_int_equal(ntohs(in->sin_port), 80);
}

static void test_help(void **state)
{
	(void)state;
	assert_int_equal(parse("--help"), CMWHO_PARSED_HELP);
	assert_int_equal(parse("-h"), CMWHO_PARSED_HELP);
	assert_int_equal(parse("listen --help"), CMWHO_PARSED_HELP);
	assert_int_equal(parse("connect -h"), CMWHO_PARSED_HELP);
}

static void test_errors(void **state)
{
	static const struct {
		const char *line, *error;
	} cases[] = {
		{ "", "a command is missing" },
		{ "answer", "'answer' is not a command" },
		{ "listen -p 65536", "port '65536'" },
		{ "listen -p 7x", "port '7x'" },
		{ "listen -p", "option '-p' needs a value" },
		{ "listen --port", "option '--port' needs a value" },
		{ "listen --nothing", "unknown option '--nothing'" },
		{ "listen -s 10.0.0.5", "-s is not for listen" },
		{ "listen --source 10.0.0.5", "--source is not for listen" },
		{ "listen -b host.example", "'host.example' is not an IPv4 or IPv6 address" },
		{ "listen -b fe80::1", "%NETDEV" },
		{ "listen -c 0", "'0' is not a number from 1" },
		{ "listen -t -1", "timeout '-1'" },
		{ "listen -L 256", "data length '256'" },
		{ "listen -n red -L 2", "2 bytes of private data cannot hold the name 'red'" },
		{ "listen -P ib", "port space 'ib'" },
		{ "listen 10.0.0.5", "unexpected argument '10.0.0.5'" },
		{ "listen -n 0123456789012345678901234567890123456789012345678901234567890123",
		  "at most 63 bytes" },
		{ "connect", "connect needs an address" },
		{ "connect 10.0.0.256", "'10.0.0.256' is not an IPv4 or IPv6 address" },
		{ "connect fe80::1%nosuch", "'fe80::1%nosuch' is no" },
		{ "connect fe80::1", "%NETDEV" },
		{ "connect 10.0.0.5 10.0.0.6", "unexpected argument '10.0.0.6'" },
		{ "connect 10.0.0.5 -p 0", "port from 1" },
		{ "connect 10.0.0.5 -s fd00::1", "both be IPv4 or both IPv6" },
		{ "connect 10.0.0.5 --reject", "--reject is not for connect" },
		{ "connect 10.0.0.5 -R 99999999999999999999", "not a number from 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse(cases[i].line) != CMWHO_PARSED_ERROR)
			fail_msg("'%s' was taken", cases[i].line);
		if (!strstr(error, cases[i].error))
			fail_msg("'%s' gave '%s'", cases[i].line, error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_connect),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
