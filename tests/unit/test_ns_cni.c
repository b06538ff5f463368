// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A CNI plugin's configuration, and results of the plugins before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cni_config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CONFIG(members) "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"type\":\"rdma-ns\"" members "}"

static struct problem problem;

static int read_config(struct cni_config *config, const char *text)
{
	struct json_object *object = json_input_parse(text, strlen(text), "the input", &problem);

	assert_non_null(object);
	return cni_config_parse(config, object, &problem);
}

static void test_wrong(void **state)
{
	static const struct {
		const char *text;
		enum problem_kind kind;
	} examples[] = {
		{ "{\"name\":\"n\"}", PROBLEM_VERSION },
		{ "{\"cniVersion\":7,\"name\":\"n\"}", PROBLEM_VERSION },
		{ "{\"cniVersion\":\"1.1.0\",\"name\":\"n\"}", PROBLEM_VERSION },
		{ "{\"cniVersion\":\"1.0.0\"}", PROBLEM_SETTINGS },
		{ "{\"cniVersion\":\"1.0.0\",\"name\":\"a/b\"}", PROBLEM_SETTINGS },
		{ CONFIG(",\"device\":\"\""), PROBLEM_SETTINGS },
		{ CONFIG(",\"device\":\"sib0\",\"pkey\":1"), PROBLEM_KEY },
		{ CONFIG(",\"p_key\":1"), PROBLEM_KEY },
		{ CONFIG(",\"prevResult\":[]"), PROBLEM_SETTINGS },
		{ CONFIG(",\"ipam\":{\"type\":\"../sh\"}"), PROBLEM_SETTINGS },
		{ CONFIG(",\"ipam\":{\"kind\":\"static\"}"), PROBLEM_SETTINGS },
		{ CONFIG(",\"unseen\":\"\""), PROBLEM_SETTINGS },
	};
	struct cni_config config;

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		print_message("%s\n", examples[i].text);
		assert_int_equal(read_config(&config, examples[i].text), -1);
		assert_int_equal(problem.kind, examples[i].kind);
		cni_config_release(&config);
	}
}

static void test_right(void **state)
{
	struct rdma_ns_address list[2];
	struct cni_config config;

	(void)state;
	assert_int_equal(read_config(&config, CONFIG(",\"ipam\":{}")), 0);
	assert_true(config.check_only);
	assert_string_equal(config.ipam, "");
	cni_config_release(&config);
	assert_int_equal(read_config(&config, CONFIG(",\"device\":\"sib0\",\"addresses\":[\"10.0.0.0/8\"],"
						     "\"args\":{\"cni\":{\"ips\":[\"10.0.0.5\"]}},"
						     "\"unseen\":\"refuse\"")),
			 0);
	assert_false(config.check_only);
	assert_true(config.refuse_unseen);
	assert_string_equal(config.network.name, "n");
	assert_int_equal(cni_config_addresses(&config, list, 2, &problem), 1);
	assert_int_equal(list[0].prefix_length, 8);
	assert_int_equal(cni_config_addresses(&config, list, 0, &problem), -1);
	cni_config_release(&config);
}

/* What a runtime passes on comes from whoever wrote a pod: it must be in the ranges. */
static void test_asked(void **state)
{
	static const char *const bad[] = { "[\"11.0.0.5\"]", "[7]", "[\"10.0.0.5\",\"\"]", "[\"x\"]" };
	struct rdma_ns_address list[2];
	struct cni_config config;
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(text, sizeof(text), CONFIG(",\"device\":\"a\",\"addresses\":[\"10.0.0.0/8\"],"
						    "\"runtimeConfig\":{\"ips\":%s}"),
			 bad[i]);
		print_message("%s\n", text);
		assert_int_equal(read_config(&config, text), 0);
		assert_int_equal(cni_config_addresses(&config, list, 2, &problem), -1);
		cni_config_release(&config);
	}
}

static void test_results(void **state)
{
	static const char text[] =
		"{\"interfaces\":[{\"name\":\"veth\"},{\"name\":\"ib0\",\"sandbox\":\"/x\"},7],"
		"\"ips\":[{\"address\":\"10.0.0.5/24\",\"interface\":1},"
		"{\"address\":\"10.0.0.6/24\",\"interface\":0},{\"address\":\"10.0.0.7/24\"},"
		"{\"address\":\"10.0.0.8/24\",\"interface\":-1},"
		"{\"address\":\"10.0.0.9/24\",\"interface\":99},"
		"{\"address\":\"10.0.0.9/24\",\"interface\":2}]}";
	struct json_object *result = json_input_parse(text, strlen(text), "the input", &problem);
	struct rdma_ns_address list[8];

	(void)state;
	assert_non_null(result);
	assert_int_equal(cni_result_addresses(result, "ib0", list, 8, &problem), 1);
	assert_int_equal(list[0].bytes[3], 5);
	assert_int_equal(cni_result_addresses(result, NULL, list, 8, &problem), 6);
	assert_int_equal(cni_result_addresses(result, NULL, list, 5, &problem), -1);
	/* Of the first four, the third one says nothing of an interface. */
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(cni_result_may_give(result, "ib0", &list[i]), i == 0 || i == 2);
	list[0].bytes[3] = 4;
	assert_false(cni_result_may_give(result, "ib0", &list[0]));
	assert_true(cni_result_has_netdev(result, "ib0"));
	/* It has no sandbox, so it is the host's. */
	assert_false(cni_result_has_netdev(result, "veth"));
	json_object_put(result);
}

static void test_routes(void **state)
{
	static const char text[] =
		"{\"ips\":[7,{\"address\":\"fd00::5/64\"},"
		"{\"address\":\"10.0.0.5/24\",\"gateway\":\"10.0.0.1\"},"
		"{\"address\":\"10.0.0.6/24\",\"gateway\":\"10.0.0.2\"}],"
		"\"routes\":[{\"dst\":\"0.0.0.0/0\"},{\"dst\":\"10.2.0.0/16\",\"gw\":\"10.0.0.3\"},"
		"{\"dst\":\"fd01::/64\"}]}";
	static const char *const bad[] = {
		"7", "{}", "{\"dst\":\"10.0.0.0\"}", "{\"dst\":\"10.0.0.0/33\"}",
		"{\"dst\":\"10.0.0.0/8\",\"gw\":\"fd00::1\"}", "{\"dst\":\"10.0.0.0/8\",\"gw\":7}",
	};
	struct json_object *result = json_input_parse(text, strlen(text), "the input", &problem);
	struct netdev_route list[3];
	char wrong[256];

	(void)state;
	assert_non_null(result);
	memset(list, 0xff, sizeof(list));
	assert_int_equal(cni_result_routes(result, list, 3, &problem), 3);
	assert_int_equal(list[0].destination.prefix_length, 0);
	assert_true(list[0].has_gateway);
	assert_int_equal(list[0].gateway[3], 1);
	assert_int_equal(list[1].gateway[3], 3);
	assert_int_equal(list[2].destination.family, AF_INET6);
	assert_false(list[2].has_gateway);
	assert_int_equal(cni_result_routes(result, list, 2, &problem), -1);
	json_object_put(result);
	for (size_t i = 0; i < COUNT(bad); i++) {
		print_message("%s\n", bad[i]);
		snprintf(wrong, sizeof(wrong), "{\"routes\":[%s]}", bad[i]);
		result = json_input_parse(wrong, strlen(wrong), "the input", &problem);
		assert_non_null(result);
		assert_int_equal(cni_result_routes(result, list, 3, &problem), -1);
		json_object_put(result);
	}
}

static void test_dns(void **state)
{
	struct cni_config config;

	(void)state;
	assert_int_equal(read_config(&config, CONFIG(",\"dns\":{\"nameservers\":[]}")), 0);
	assert_non_null(config.dns);
	cni_config_release(&config);
	assert_int_equal(read_config(&config, CONFIG(",\"dns\":{}")), 0);
	assert_null(config.dns);
	cni_config_release(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_dns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
