// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Of the rdma-ns command: words of the command line, names fit for a terminal, OpenMetrics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "mountinfo.h"
#include "openmetrics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_numbers(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x", "x", "1x", "65536",
					   "99999999999999999999", "0x10000" };
	uint32_t number;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		print_message("'%s'\n", bad[i]);
		assert_false(parse_number(bad[i], 65535, &number));
	}
	assert_true(parse_number("65535", 65535, &number) && number == 65535);
	assert_true(parse_number("0x8001", 65535, &number) && number == 0x8001);
	assert_true(parse_number("0", 65535, &number) && number == 0);
}

static void test_devices(void **state)
{
	char device[RDMA_NS_DEVICE_NAME_MAX], longest[RDMA_NS_DEVICE_NAME_MAX + 1];
	static const char *const bad[] = { "", "/1", "sib0/", "sib0/0", "sib0/x", "sib0/1/2" };
	uint32_t port;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		print_message("'%s'\n", bad[i]);
		assert_false(parse_device(bad[i], device, &port));
	}
	memset(longest, 'x', sizeof(longest));
	longest[RDMA_NS_DEVICE_NAME_MAX] = '\0';
	assert_false(parse_device(longest, device, &port));
	longest[RDMA_NS_DEVICE_NAME_MAX - 1] = '\0';
	assert_true(parse_device(longest, device, &port));
	assert_true(parse_device("sib0/2", device, &port));
	assert_string_equal(device, "sib0");
	assert_int_equal(port, 2);
	assert_true(parse_device("sib0", device, &port));
	assert_int_equal(port, 0);
}

static void test_mountinfo(void **state)
{
	char plain[] = "36 35 0:4 net:[4026531999] /run/netns/a\\040b\\134\\0401 rw - nsfs nsfs rw\n";
	char cut[] = "36 35 0:4 / /a\\04 rw - tmpfs tmpfs rw\n";
	char other[] = "36 35 0:4 net:[12 /a\\04x\\ rw - tmpfs tmpfs rw\n";
	char proc[] = "24 30 0:22 / /proc rw,relatime shared:12 - proc proc rw,hidepid=invisible\n";
	char bad[][32] = { "", "\n", "36", "36 35 0:4", "36 35 0:4 /", "36 35 0:4 / /a" };
	struct mountinfo mount;

	(void)state;
	assert_true(mountinfo_parse(plain, &mount));
	assert_string_equal(mount.path, "/run/netns/a b\\ 1");
	assert_int_equal(mountinfo_netns(&mount), 4026531999);
	assert_true(mountinfo_parse(cut, &mount));
	assert_string_equal(mount.path, "/a\\04");
	assert_int_equal(mountinfo_netns(&mount), 0);
	assert_true(mountinfo_parse(other, &mount));
	assert_string_equal(mount.path, "/a\\04x\\");
	assert_int_equal(mountinfo_netns(&mount), 0);
	assert_true(mountinfo_parse(proc, &mount));
	assert_string_equal(mount.path, "/proc");
	assert_string_equal(mount.rest,
			    "rw,relatime shared:12 - proc proc rw,hidepid=invisible\n");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(mountinfo_parse(bad[i], &mount));
}

/* A name of the tenant's cannot pass for a type: spaces in it are escaped. */
static void test_local_mounts(void **state)
{
	char lines[][80] = {
		"36 35 0:4 / /a rw - tmpfs tmpfs rw\n",
		"4294967297 35 8:1 / /a rw shared:1 - ext4 /dev/sda1 rw\n",
		"36 35 0:4 / /a rw - fuse none rw\n",
		"36 35 0:4 / /a rw - fuse.tmpfs none rw\n",
		"36 35 0:4 / /a rw - tmp tmpfs rw\n",
		"36 35 0:4 / /\\040-\\040tmpfs rw - overlay overlay rw\n",
		"36 35 0:4 / /a rw -\n",
	};
	static const bool local[] = { true, true };
	struct mountinfo mount;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		print_message("%s", lines[i]);
		assert_true(mountinfo_parse(lines[i], &mount));
		assert_int_equal(mount.id, i == 1 ? 4294967297 : 36);
		assert_int_equal(mountinfo_is_local(&mount), i < COUNT(local) && local[i]);
	}
}

/*
 * Each byte of a name comes out as something that any of the outputs can take; no two names look
 * the same.
 */
static void test_names(void **state)
{
	char text[SAFE_NAME_MAX], name[2] = "", many[300], before[SAFE_NAME_MAX] = "";

	(void)state;
	assert_string_equal(safe_name("ib0.red", text), "ib0.red");
	assert_string_equal(safe_name("\033[2Ja\\b c\xc3\xa9", text), "\\x1b[2Ja\\x5cb\\x20c\\xc3\\xa9");
	for (int byte = 1; byte < 256; byte++) {
		name[0] = (char)byte;
		safe_name(name, text);
		assert_string_not_equal(text, before);
		for (const char *c = text; *c; c++)
			assert_true(*c > ' ' && *c <= '~');
		strcpy(before, text);
	}
	/* The longest file name fits. */
	memset(many, '\033', sizeof(many));
	many[255] = '\0';
	assert_int_equal(strlen(safe_name(many, text)), 4 * 255);
	many[255] = '\033';
	many[sizeof(many) - 1] = '\0';
	assert_true(strlen(safe_name(many, text)) < SAFE_NAME_MAX);
}

/* Two namespaces that are mounted at long paths which differ only at their ends. */
static void test_cut_names(void **state)
{
	char text[SAFE_NAME_MAX], other[SAFE_NAME_MAX], path[4096];

	(void)state;
	for (size_t length = 900; length < sizeof(path); length++) {
		memset(path, length & 1 ? '\033' : 'x', length);
		path[length] = '\0';
		safe_name_numbered(path, UINT64_MAX, text);
		safe_name_numbered(path, 4026532345, other);
		assert_true(strlen(text) < SAFE_NAME_MAX);
		if (strstr(text, "\\...")) {
			assert_non_null(strstr(text, "\\...18446744073709551615"));
			assert_non_null(strstr(other, "\\...4026532345"));
		} else {
			assert_string_equal(text, other);
		}
	}
	assert_string_equal(safe_name_numbered("a\\...1", 1, text), "a\\x5c...1");
}

static void test_openmetrics(void **state)
{
	const struct openmetrics_label labels[] = { { "netns", "a\"\\b\n" }, { "port", "1" } };
	char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	(void)state;
	assert_non_null(file);
	openmetrics_gauge(file, "rdma_ns_x", "Of x.");
	openmetrics_sample(file, "rdma_ns_x", labels, 2, UINT64_MAX);
	openmetrics_sample(file, "rdma_ns_x", NULL, 0, 0);
	openmetrics_counter(file, "rdma_ns_y", "Of y.");
	openmetrics_sample(file, "rdma_ns_y_total", NULL, 0, 7);
	openmetrics_end(file);
	fclose(file);
	assert_string_equal(text, "# TYPE rdma_ns_x gauge\n# HELP rdma_ns_x Of x.\n"
				  "rdma_ns_x{netns=\"a\\\"\\\\b\\n\",port=\"1\"} 18446744073709551615\n"
				  "rdma_ns_x 0\n"
				  "# TYPE rdma_ns_y counter\n# HELP rdma_ns_y Of y.\n"
				  "rdma_ns_y_total 7\n# EOF\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),	    cmocka_unit_test(test_devices),
		cmocka_unit_test(test_mountinfo),   cmocka_unit_test(test_local_mounts),
		cmocka_unit_test(test_names),	    cmocka_unit_test(test_cut_names),
		cmocka_unit_test(test_openmetrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
