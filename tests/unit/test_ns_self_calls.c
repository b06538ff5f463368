// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Can a library's calls of its own functions be interposed? What is said of one library, linked in
 * several ways, agrees with what happens: this program has a function of the same name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>

#include <cmocka.h>

#include "self_calls.h"

int self_calls_inner(void);
int self_calls_inner(void)
{
	return 2;
}

/* Returns whether a call came here. */
static bool check(const char *file)
{
	static const char *const inner[] = { "self_calls_inner" };
	static const char *const both[] = { "self_calls_inner", "self_calls_outer" };
	void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	int (*outer)(void);
	bool came;

	if (!handle)
		print_message("%s\n", dlerror());
	assert_non_null(handle);
	outer = (int (*)(void))dlsym(handle, "self_calls_outer");
	assert_non_null(outer);
	came = outer() == 2;
	print_message("%s: %d\n", file, came);
	assert_int_equal(self_calls_interposable(handle, inner, 1), came);
	/* Nobody in the library calls the other one. */
	assert_false(self_calls_interposable(handle, both, 2));
	dlclose(handle);
	return came;
}

static void test_through_the_plt(void **state)
{
	const bool lazy = check(LIBRARIES "/self-calls-lazy.so");
	const bool now = check(LIBRARIES "/self-calls-now.so");
	const bool no_plt = check(LIBRARIES "/self-calls-no-plt.so");

	(void)state;
	/* A distribution may link everything with -Bsymbolic-functions. */
	if (!lazy && !now && !no_plt)
		skip();
	assert_true(lazy && now && no_plt);
}

static void test_directly(void **state)
{
	(void)state;
	assert_false(check(LIBRARIES "/self-calls-direct.so"));
	assert_false(check(LIBRARIES "/self-calls-symbolic.so"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_through_the_plt),
		cmocka_unit_test(test_directly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
