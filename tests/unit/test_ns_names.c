// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Names of containers for network namespaces: whoever forges one takes over no other namespace's,
 * and no two namespaces have one name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "namespace_names.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SAME_DIGITS "0123456789abffff0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UUID "57e67067-89e4-4001-bdd4-8632d39ea02b"
#define EXAMPLES_MAX 4

struct example {
	const char *found; /* by the search; the name of ip netns if @named */
	bool named;
	const char *id; /* of podman's; NULL: in no container */
	uint32_t user;
	const char *expected;
};

static void check(const char *what, const struct example *examples)
{
	struct namespace list[EXAMPLES_MAX] = { 0 };
	struct namespaces namespaces = { .list = list };

	print_message("%s\n", what);
	for (const struct example *example = examples; example->found; example++) {
		struct namespace *namespace = &list[namespaces.count++];
		struct container *container = &namespace->leader.container;

		namespace->name = strdup(example->found);
		namespace->named = example->named;
		if (!example->id)
			continue;
		container->engine = "podman";
		container->user = example->user;
		strcpy(container->id, example->id);
	}
	assert_int_equal(namespace_names_settle(&namespaces), 0);
	for (size_t i = 0; i < namespaces.count; i++) {
		const struct example *example = &examples[i];

		assert_string_equal(list[i].name, example->expected);
		if (strcmp(example->expected, example->found))
			assert_string_equal(list[i].found_name, example->found);
		else
			assert_null(list[i].found_name);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(list[i].name, list[j].name);
		free(list[i].found_name);
	}
	for (size_t i = 0; i < namespaces.count; i++)
		free(list[i].name);
}

static void test_names(void **state)
{
	(void)state;
	check("each has its own",
	      (const struct example[]){
		      { "pid:1", false, NULL, 0, "pid:1" },
		      { "pid:7", false, ID, 0, "podman:0123456789ab" },
		      { "pid:8", false, OTHER, 0, "podman:fedcba987654" },
		      { .found = NULL } });
	check("ip netns has the first word",
	      (const struct example[]){ { "red", true, ID, 0, "red" }, { .found = NULL } });
	check("but not if an engine has made the name up",
	      (const struct example[]){
		      { "cni-" UUID, true, ID, 0, "podman:0123456789ab" },
		      { "netns-" UUID, true, OTHER, 0, "podman:fedcba987654" },
		      { UUID, true, OTHER, 7, "uid:7/podman:fedcba987654" },
		      { .found = NULL } });
	check("what only looks like that is a name",
	      (const struct example[]){
		      { "cni-" UUID "0", true, ID, 0, "cni-" UUID "0" },
		      { "cni-57e67067", true, OTHER, 0, "cni-57e67067" },
		      { "x-" UUID, true, ID, 7, "x-" UUID },
		      { .found = NULL } });
	check("what a container holds is behind it",
	      (const struct example[]){
		      { "pid:7", false, ID, 0, "podman:0123456789ab" },
		      { "pid:7/fd:3", false, ID, 0, "podman:0123456789ab/pid:7/fd:3" },
		      { "pid:7/mount:/a", false, OTHER, 0, "podman:fedcba987654/pid:7/mount:/a" },
		      { .found = NULL } });
}

static void test_forged(void **state)
{
	static char path[SAFE_NAME_MAX] = "pid:7/mount:/";

	(void)state;
	check("neither of two has the name",
	      (const struct example[]){
		      { "pid:7", false, ID, 0, "podman:0123456789ab/pid:7" },
		      { "pid:8", false, ID, 0, "podman:0123456789ab/pid:8" },
		      { "pid:9", false, OTHER, 0, "podman:fedcba987654" },
		      { .found = NULL } });
	check("nor of two that look the same",
	      (const struct example[]){
		      { "pid:8", false, SAME_DIGITS, 0, "podman:0123456789ab/pid:8" },
		      { "pid:7", false, ID, 0, "podman:0123456789ab/pid:7" },
		      { .found = NULL } });
	check("one that ip netns calls otherwise is one of two",
	      (const struct example[]){
		      { "red", true, ID, 0, "red" },
		      { "pid:8", false, ID, 0, "podman:0123456789ab/pid:8" },
		      { .found = NULL } });
	check("its name remains where it was made up",
	      (const struct example[]){
		      { "cni-" UUID, true, ID, 0, "cni-" UUID },
		      { "pid:8", false, ID, 0, "podman:0123456789ab/pid:8" },
		      { .found = NULL } });
	check("ip netns has the name",
	      (const struct example[]){
		      { "pid:8", false, ID, 0, "podman:0123456789ab/pid:8" },
		      { "podman:0123456789ab", true, NULL, 0, "podman:0123456789ab" },
		      { .found = NULL } });
	check("another user's is another name",
	      (const struct example[]){
		      { "pid:7", false, ID, 0, "podman:0123456789ab" },
		      { "pid:8", false, ID, 1000, "uid:1000/podman:0123456789ab" },
		      { "pid:9", false, ID, 1001, "uid:1001/podman:0123456789ab" },
		      { .found = NULL } });
	memset(path + strlen(path), 'a', sizeof(path) - 1 - strlen(path));
	check("one that is as long as a name can be stays as it was",
	      (const struct example[]){ { path, false, ID, 0, path }, { .found = NULL } });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_forged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
