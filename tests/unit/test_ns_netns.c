// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A namespace is kept no longer than its last id; the process's own, until that leaves it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <sched.h>
#include <unistd.h>

#include "netns.h"

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void test_leaving(void **state)
{
	const int before = descriptors();
	struct netns *home = netns_get(-1), *other;
	int kept;

	(void)state;
	assert_non_null(home);
	assert_true(netns_has_netdev(home, 1));
	kept = descriptors();
	assert_true(kept > before);
	netns_put(home);
	assert_int_equal(descriptors(), kept);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		skip();
	assert_int_equal(descriptors(), kept);
	other = netns_get(-1);
	assert_non_null(other);
	/* The new one's own, and nothing else. */
	assert_int_equal(descriptors(), before + 1);
	assert_true(netns_has_netdev(other, 1));
	netns_put(other);
	assert_int_equal(descriptors(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
