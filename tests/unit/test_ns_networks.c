// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What a container may ask for: files of networks, states of containers and annotations, as they
 * should be and as somebody else would like them to be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "attachment_record.h"
#include "oci_state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct problem problem;

static struct json_object *parse(const char *text)
{
	return json_input_parse(text, strlen(text), "the input", &problem);
}

static void test_json(void **state)
{
	static const char *const bad[] = {
		"", "[]", "7", "\"a\"", "{", "{} x", "{}{}", "{\"a\":1,}", "{\"a\":01}",
		"{\"a\":\"\xff\"}", "null",
	};
	static const char zero[] = "{}\0{";
	char deep[200];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		print_message("%s\n", bad[i]);
		*problem.text = '\0';
		assert_null(parse(bad[i]));
		assert_int_equal(problem.kind, PROBLEM_INPUT);
		assert_string_not_equal(problem.text, "");
	}
	assert_null(json_input_parse(zero, sizeof(zero) - 1, "the input", &problem));
	memset(deep, '[', sizeof(deep));
	memcpy(deep, "{\"a\":", 5);
	assert_null(json_input_parse(deep, sizeof(deep), "the input", &problem));
	json_object_put(parse("{} \n\n"));
}

static void test_trusted(void **state)
{
	char path[] = "/tmp/networks.XXXXXX";
	const int fd = mkstemp(path);
	struct json_object *object;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "{}", 2), 2);
	object = json_input_read_trusted(path, &problem);
	assert_non_null(object);
	json_object_put(object);
	assert_int_equal(fchmod(fd, 0620), 0);
	assert_null(json_input_read_trusted(path, &problem));
	assert_non_null(strstr(problem.text, "others can write it"));
	assert_int_equal(fchmod(fd, 0602), 0);
	assert_null(json_input_read_trusted(path, &problem));
	close(fd);
	unlink(path);
	assert_null(json_input_read_trusted(path, &problem));
	assert_non_null(strstr(problem.text, "No such file"));
	assert_null(json_input_read_trusted("/tmp", &problem));
}

#define NETWORKS(members) "{\"networks\":[{\"name\":\"red\",\"device\":\"sib0\"" members "}]}"

static int read_networks(struct networks *networks, const char *text)
{
	struct json_object *object = parse(text);
	int result;

	assert_non_null(object);
	result = networks_parse(networks, object, "FILE", &problem);
	json_object_put(object);
	return result;
}

static void test_networks(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "{}", "\"networks\" must be" },
		{ "{\"networks\":{}}", "\"networks\" must be" },
		{ "{\"networks\":[7]}", "network 1 is not a JSON object" },
		{ "{\"networks\":[{}]}", "\"name\" must be" },
		{ "{\"networks\":[{\"name\":\"red\"}]}", "\"device\" must be" },
		{ "{\"networks\":[{\"name\":\"a/b\",\"device\":\"sib0\"}]}", "\"name\" must be" },
		{ "{\"networks\":[{\"name\":\"red\",\"device\":\"../sib0\"}]}", "\"device\" must" },
		{ "{\"networks\":[{\"name\":\"red\",\"device\":\"sib0/0\"}]}", "\"device\" must" },
		{ "{\"networks\":[],\"unseen\":\"maybe\"}", "\"unseen\" must be" },
		{ NETWORKS(",\"adresses\":[]"), "unknown key \"adresses\"" },
		{ NETWORKS(",\"p_key\":0"), "\"p_key\" must be" },
		{ NETWORKS(",\"p_key\":\"0x8000\""), "\"p_key\" must be" },
		{ NETWORKS(",\"p_key\":65536"), "\"p_key\" must be" },
		{ NETWORKS(",\"p_key\":[]"), "\"p_key\" must be" },
		{ NETWORKS(",\"addresses\":\"10.0.0.0/24\""), "\"addresses\" must be" },
		{ NETWORKS(",\"addresses\":[\"10.0.0.0\"]"), "\"addresses\" must be" },
		{ NETWORKS(",\"addresses\":[\"10.0.0.0/33\"]"), "\"addresses\" must be" },
		{ NETWORKS(",\"addresses\":[7]"), "\"addresses\" must be" },
		{ NETWORKS(",\"take\":[\"lo\"]"), "\"take\" must be" },
		{ NETWORKS(",\"netdev\":\"a-name-that-is-long\""), "\"netdev\" must be" },
		{ "{\"networks\":[{\"name\":\"red\",\"device\":\"a\"},{\"name\":\"red\",\"device\":"
		  "\"a\"}]}",
		  "two networks" },
	};
	struct networks networks;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		print_message("%s\n", bad[i].text);
		assert_int_equal(read_networks(&networks, bad[i].text), -1);
		assert_true(problem.kind == PROBLEM_SETTINGS || problem.kind == PROBLEM_KEY);
		assert_non_null(strstr(problem.text, bad[i].says));
	}
	assert_int_equal(read_networks(&networks,
				       NETWORKS(",\"p_key\":1,\"take\":[\"ib0.8001\"],\"netdev\":"
						"\"ib0\",\"addresses\":[\"::/0\"]")),
			 0);
	assert_int_equal(networks.list[0].port, 1);
	assert_int_equal(networks.list[0].pkey, 0x8001);
	assert_string_equal(networks.list[0].netdev, "ib0");
	assert_string_equal(networks.list[0].take[0], "ib0.8001");
	assert_null(networks_find(&networks, "blue"));
	networks_release(&networks);
}

static void test_addresses(void **state)
{
	static const struct {
		const char *text;
		unsigned int length; /* 0: it is refused */
	} examples[] = {
		{ "10.0.0.5", 23 },	  { "10.0.1.5/24", 24 },  { "10.0.1.5/8", 23 },
		{ "fd00::5", 64 },	  { "fd00::5/128", 128 }, { "10.0.2.5", 0 },
		{ "10.0.0.5/33", 0 },	  { "10.0.0.5/", 0 },	  { "10.0.0.5/-1", 0 },
		{ "", 0 },		  { "10.0.0", 0 },	  { "fd00:0:0:1::5", 0 },
		{ "::ffff:10.0.0.5", 0 }, { "127.0.0.1", 0 },	  { "0.0.0.0", 0 },
		{ "224.0.0.1", 0 },	  { "fe80::1", 0 },	  { "10.0.0.5 ", 0 },
		{ "10.0.0.5%lo", 0 },	  { "192.0.2.77", 32 },	  { "192.0.2.78", 0 },
	};
	struct rdma_ns_address address;
	struct networks networks;

	(void)state;
	assert_int_equal(read_networks(&networks,
				       NETWORKS(",\"addresses\":[\"10.0.0.0/23\",\"fd00::/64\","
						"\"192.0.2.77/32\"]")),
			 0);
	for (size_t i = 0; i < COUNT(examples); i++) {
		const int result = network_address(&networks.list[0], examples[i].text, &address,
						   &problem);

		print_message("'%s'\n", examples[i].text);
		assert_int_equal(result, examples[i].length ? 0 : -1);
		if (!result)
			assert_int_equal(address.prefix_length, examples[i].length);
	}
	networks_release(&networks);
	assert_int_equal(read_networks(&networks, NETWORKS("")), 0);
	assert_int_equal(network_address(&networks.list[0], "10.0.0.5", &address, &problem), -1);
	networks_release(&networks);
}

static void test_names(void **state)
{
	static const char *const bad[] = { "",	  ".",	 "..",	"a/b",	  "a:b",     "a b",
					   "-a",  "a%d", "lo",	"all",	  "default", "\xc3\xa4",
					   "a\n", ".a",	 "a\\b", "1234567890123456" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(network_is_netdev_name(bad[i]));
	assert_true(network_is_netdev_name("ib0.8001-x_y"));
	assert_true(network_is_netdev_name("123456789012345"));
}

static void test_states(void **state)
{
	static const struct {
		const char *text, *says; /* NULL: it is good */
	} examples[] = {
		{ "{\"id\":\"a\",\"status\":\"creating\",\"pid\":1}", NULL },
		{ "{\"id\":\"a\",\"status\":\"created\",\"pid\":1,\"annotations\":null}", NULL },
		{ "{\"id\":\"a\",\"status\":\"stopped\"}", NULL },
		{ "{\"id\":\"a\",\"status\":\"stopped\",\"pid\":0}", NULL },
		{ "{\"id\":\"a\",\"status\":\"running\",\"pid\":1}", NULL },
		{ "{\"id\":\"a\",\"status\":\"created\"}", "no \"pid\"" },
		{ "{\"id\":\"a\",\"status\":\"created\",\"pid\":-1}", "no \"pid\"" },
		{ "{\"id\":\"a\",\"status\":\"created\",\"pid\":\"1\"}", "no \"pid\"" },
		{ "{\"id\":\"a\",\"status\":\"created\",\"pid\":99999999999}", "no \"pid\"" },
		{ "{\"id\":\"a\",\"status\":\"paused\",\"pid\":1}", "'paused'" },
		{ "{\"id\":\"a\",\"pid\":1}", "no \"status\"" },
		{ "{\"status\":\"stopped\"}", "\"id\"" },
		{ "{\"id\":\"../a\",\"status\":\"stopped\"}", "\"id\"" },
		{ "{\"id\":\"a:b\",\"status\":\"stopped\"}", "\"id\"" },
		{ "{\"id\":\"a\\u0000b\",\"status\":\"stopped\"}", "\"id\"" },
		{ "{\"id\":\"a\",\"status\":\"stopped\",\"annotations\":[]}", "annotations" },
	};
	struct oci_state parsed;

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		const int result = oci_state_parse(&parsed, parse(examples[i].text), &problem);

		print_message("%s\n", examples[i].text);
		assert_int_equal(result, examples[i].says ? -1 : 0);
		if (result)
			assert_non_null(strstr(problem.text, examples[i].says));
		else
			oci_state_release(&parsed);
	}
}

/* The keys of one container must not look like those of another one. */
static void test_owners(void **state)
{
	const struct record record = { .key = "hook:web-1:ib0" };

	(void)state;
	assert_true(record_is_owned(&record, "hook:web-1"));
	assert_false(record_is_owned(&record, "hook:web"));
	assert_false(record_is_owned(&record, "hook"));
	assert_false(record_is_owned(&record, "hook:web-1:ib0"));
}

/* A process may be called like a part of its own stat. */
static void test_stat(void **state)
{
	static const struct {
		const char *text;
		bool ended;
	} examples[] = {
		{ "7 (sh) S 1 2 3 0 -1 4194560 5 6 0 7 0 5 5 2 20 0 1 0 18527 5402624 9", false },
		{ "7 (a) Z 1 (b) S 1 2 3 0 -1 4 5 6 0 7 0 5 5 2 20 0 1 0 18527 54 9", false },
		{ "7 (sh) Z 1 2 3 0 -1 4194560 5 6 0 7 0 5 5 2 20 0 1 0 18527 0 0", true },
		{ "7 (sh) Z 1 2 3 0 -1 4194560 5 6 0 7 0 5 5 2 20 0 2 0 18527 0 0", false },
	};
	uint64_t start;
	bool ended;

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		print_message("%s\n", examples[i].text);
		assert_true(record_parse_stat(examples[i].text, &start, &ended));
		assert_int_equal(start, 18527);
		assert_int_equal(ended, examples[i].ended);
	}
	assert_false(record_parse_stat("", &start, &ended));
	assert_false(record_parse_stat("7 (sh) S 1 2 3", &start, &ended));
	assert_int_equal(record_start_of("/run/netns/red"), 0);
	assert_int_equal(record_start_of("/proc/0x/ns/net"), 0);
	assert_int_not_equal(record_start_of("/proc/1/ns/net"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),	  cmocka_unit_test(test_trusted),
		cmocka_unit_test(test_networks),  cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_names),	  cmocka_unit_test(test_states),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_stat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
