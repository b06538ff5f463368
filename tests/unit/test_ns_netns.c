// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A namespace is kept no longer than its last id; the process's own, until that leaves it. One does
 * not wait for another one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
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

static __thread bool is_slow; /* its namespace changes all the time */
static atomic_bool slow_began, slow_may_end;

int __real_resolver_update(struct resolver *resolver);
int __wrap_resolver_update(struct resolver *resolver);
int __wrap_resolver_update(struct resolver *resolver)
{
	if (is_slow)
		slow_began = true;
	while (is_slow && !slow_may_end)
		usleep(1000);
	return __real_resolver_update(resolver);
}

/* A thread with a namespace of its own, as one that serves a tenant has. */
struct tenant {
	bool slow;
	pthread_t thread;
	atomic_bool ready, may_ask, asked;
};

static void *serve(void *data)
{
	struct tenant *tenant = data;
	struct netns *netns = NULL;

	if (!unshare(CLONE_NEWNET))
		netns = netns_get(-1);
	tenant->ready = true;
	while (!tenant->may_ask)
		usleep(1000);
	is_slow = tenant->slow;
	if (netns && !netns_check_netdev(netns, 1))
		tenant->asked = true;
	netns_put(netns);
	return NULL;
}

static bool comes_true(const atomic_bool *what)
{
	for (int i = 0; i < 1000 && !*what; i++)
		usleep(10000);
	return *what;
}

static void *fork_once(void *data)
{
	const pid_t child = fork();
	struct netns *netns;
	int status;

	if (!child) {
		alarm(20);
		netns = netns_get(-1);
		_exit(!netns || netns_check_netdev(netns, 1));
	}
	if (child > 0 && waitpid(child, &status, 0) == child && !status)
		*(atomic_bool *)data = true;
	return NULL;
}

static void test_one_does_not_wait_for_another(void **state)
{
	static struct tenant tenants[2] = { { .slow = true } };
	static atomic_bool forked;
	pthread_t forking;
	bool fast;

	(void)state;
	/* In a user namespace of its own, if test_leaving() was not skipped. */
	if (unshare(CLONE_NEWNET))
		skip();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&tenants[i].thread, NULL, serve, &tenants[i]), 0);
		assert_true(comes_true(&tenants[i].ready));
	}
	tenants[0].may_ask = true;
	assert_true(comes_true(&slow_began));
	tenants[1].may_ask = true;
	fast = comes_true(&tenants[1].asked);
	/* A fork has to wait, and its child can ask all the same. */
	assert_int_equal(pthread_create(&forking, NULL, fork_once, &forked), 0);
	usleep(20000);
	slow_may_end = true;
	for (int i = 0; i < 2; i++)
		pthread_join(tenants[i].thread, NULL);
	pthread_join(forking, NULL);
	assert_true(fast);
	assert_true(tenants[0].asked);
	assert_true(forked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors_of_calls),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_one_does_not_wait_for_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
