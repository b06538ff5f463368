// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A namespace is kept no longer than its last id; the process's own, until that leaves it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "netns.h"
#include "ns_messages.h"
#include "real.h"

#define NO_NETDEV 0x7ffffff0

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
	assert_int_equal(netns_check_netdev(home, 1), 0);
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
	assert_int_equal(netns_check_netdev(other, 1), 0);
	netns_put(other);
	assert_int_equal(descriptors(), before);
}

/* While it lasts, the process can open nothing. */
static void allow_descriptors(bool allow)
{
	static struct rlimit before;
	struct rlimit none;

	if (!before.rlim_max)
		assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, allow ? &before : &none), 0);
}

#define assert_fails(call, error)               \
	do {                                    \
		errno = 0;                      \
		assert_int_equal(call, -1);     \
		assert_int_equal(errno, error); \
	} while (0)

/* That there is no such netdev or address is said only if it is known. */
static void test_errors(void **state)
{
	struct sockaddr_storage address = ns_sockaddr("192.0.2.1", 0), chosen;
	struct sockaddr *source = (struct sockaddr *)&address, *any = NULL;
	struct netns *home = netns_get(-1);
	uint32_t ifindex;

	(void)state;
	assert_non_null(home);
	allow_descriptors(false);
	/* test_leaving() was skipped, and the netdevs of this namespace are known. */
	if (!netns_check_netdev(home, 1)) {
		allow_descriptors(true);
		skip();
	}
	assert_int_equal(errno, EMFILE);
	assert_fails(netns_check_netdev(home, 1), EMFILE);
	assert_fails(netns_netdev_index(home, "lo", &ifindex), EMFILE);
	assert_fails(netns_check_address(home, 1, source), EMFILE);
	assert_fails(netns_check_source(home, 1, &source, source, &chosen), EMFILE);
	assert_fails(netns_check_source(home, 1, &any, source, &chosen), EMFILE);
	allow_descriptors(true);
	assert_int_equal(netns_check_netdev(home, 1), 0);
	assert_fails(netns_check_netdev(home, NO_NETDEV), ENODEV);
	assert_fails(netns_check_address(home, 1, source), EADDRNOTAVAIL);
	assert_fails(netns_check_address(home, NO_NETDEV, source), ENODEV);
	assert_fails(netns_check_source(home, 1, &source, source, &chosen), EADDRNOTAVAIL);
	assert_fails(netns_check_source(home, NO_NETDEV, &source, source, &chosen), ENODEV);
	assert_fails(netns_check_source(home, 1, &any, NULL, &chosen), EINVAL);
	netns_put(home);
}

/* Nor by the calls of the application, not even later. */
static void test_errors_of_calls(void **state)
{
	const struct rdma_ns_id_opts opts = { .size = sizeof(opts), .ifindex = 1 };
	struct rdma_cm_id one = { 0 }, other = { 0 }, *created;

	(void)state;
	assert_non_null(real_librdmacm());
	allow_descriptors(false);
	assert_fails(rdma_ns_bind_netdev(&one, 1), EMFILE);
	assert_fails(rdma_ns_bind_netdev_name(&one, "lo"), EMFILE);
	assert_fails(rdma_ns_create_id(NULL, &created, NULL, RDMA_PS_TCP, &opts), EMFILE);
	assert_int_equal(rdma_ns_set_policy(&other, RDMA_NS_POLICY_VERIFY), 0);
	allow_descriptors(true);
	assert_fails(rdma_ns_bind_netdev(&other, 1), EMFILE);
	assert_fails(rdma_ns_bind_netdev_name(&other, "lo"), EMFILE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors_of_calls),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
