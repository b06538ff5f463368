// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The public functions as a program calls them, on any machine: bad arguments, sizes, words, forks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rdma/rdma_ns.h>

#include "ns_messages.h"
#include "sized.h"

/* Up to the last member that release 1.0 had. */
#define FIRST_OPTS (sizeof(void *) == 8 ? 32u : 24u)
#define FIRST_REQUEST (sizeof(void *) == 8 ? 400u : 380u)
#define FIRST_LISTENER 141u
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct rdma_ns_request good(void)
{
	struct rdma_ns_request request = {
		.size = sizeof(request),
		.device = "no such device",
		.port = 1,
		.pkey = 0xffff,
		.source = ns_sockaddr("10.0.0.9", 40722),
		.destination = ns_sockaddr("10.0.0.5", 7471),
		.port_space = RDMA_PS_TCP,
	};

	return request;
}

static void refused(const struct rdma_ns_request *request, int error)
{
	struct rdma_ns_resolution resolution;

	errno = 0;
	assert_int_equal(rdma_ns_resolve(request, &resolution, sizeof(resolution)), -1);
	assert_int_equal(errno, error);
}

static void test_resolve_arguments(void **state)
{
	struct rdma_ns_listener listener = { .address = ns_sockaddr("0.0.0.0", 7471),
					     .port_space = RDMA_PS_TCP };
	struct rdma_ns_request request = good();
	struct rdma_ns_resolution resolution;
	struct {
		struct rdma_ns_request request;
		char more[8];
	} longer = { .request = good() };

	(void)state;
	refused(&request, ENODEV);
	refused(NULL, EINVAL);
	assert_int_equal(rdma_ns_resolve(&request, NULL, sizeof(resolution)), -1);
	assert_int_equal(rdma_ns_resolve(&request, &resolution, 0), -1);
#define BAD(change)                                                                                \
	do {                                                                                       \
		request = good();                                                                  \
		change;                                                                            \
		print_message("%s\n", #change);                                                    \
		refused(&request, EINVAL);                                                         \
	} while (0)
	BAD(request.size = 0);
	BAD(request.size = FIRST_REQUEST - 1);
	BAD(request.flags = 8);
	BAD(request.policy = RDMA_NS_POLICY_LAST + 1);
	BAD(request.port_space = 0);
	BAD(request.port_space = 0x13e);
	BAD(memset(request.device, 'x', sizeof(request.device)));
	BAD(request.flags = RDMA_NS_REQUEST_QPN; request.qpn = 1);
	BAD(request.flags = RDMA_NS_REQUEST_QPN; request.qpn = 0xffffff);
	BAD(request.flags = RDMA_NS_REQUEST_QPN; request.qpn = 0x1000000);
	BAD(request.peer_qpn = 0x1000000);
	BAD(request.flags = RDMA_NS_REQUEST_VLAN; request.vlan = 4095);
	BAD(request.source = ns_sockaddr("fd00::9", 1));
	BAD(request.source.ss_family = AF_UNSPEC);
	BAD(request.source.ss_family = request.destination.ss_family = AF_UNIX);
	BAD(request.listeners_count = 1);
	BAD(request.listeners = &listener; request.listeners_count = 1);
	BAD(request.listeners = &listener; request.listeners_count = 1; request.listener_size = 8);
	request.listener_size = FIRST_LISTENER - 1;
	refused(&request, EINVAL);
	request.listener_size = sizeof(listener);
	refused(&request, ENODEV);
	listener.policy = RDMA_NS_POLICY_LAST + 1;
	refused(&request, EINVAL);
	listener.policy = 0;
	listener.address.ss_family = AF_IB;
	refused(&request, EINVAL);

	/* What this version does not know must not be used. */
	longer.request.size = sizeof(longer);
	refused(&longer.request, ENODEV);
	longer.more[3] = 1;
	refused(&longer.request, EINVAL);
}

/* The bytes of a structure, with nothing behind them that may be read or written. */
static void *at_end_of_memory(const void *structure, size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);

	assert_true(pages != MAP_FAILED);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	return memcpy(pages + page - size, structure, size);
}

/* A program of release 1.0 works with every later library (docs/abi.md). */
static void test_first_release(void **state)
{
	const struct rdma_ns_listener listener = { .address = ns_sockaddr("0.0.0.0", 7471),
						   .port_space = RDMA_PS_TCP };
	struct rdma_ns_id_opts opts = { .size = FIRST_OPTS, .netdev = "no such netdev" };
	struct rdma_event_channel channel = { -1 };
	struct rdma_ns_request request = good();
	struct rdma_cm_id *id;

	(void)state;
	request.size = FIRST_REQUEST;
	refused(at_end_of_memory(&request, FIRST_REQUEST), ENODEV);
	request.listeners = at_end_of_memory(&listener, FIRST_LISTENER);
	request.listeners_count = 1;
	request.listener_size = FIRST_LISTENER;
	refused(at_end_of_memory(&request, FIRST_REQUEST), ENODEV);
	errno = 0;
	assert_int_equal(rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP,
					   at_end_of_memory(&opts, FIRST_OPTS)), -1);
	assert_int_equal(errno, ENODEV);
}

/* A structure of a first release, and what a later one has made of it. */
struct first {
	size_t size;
	uint32_t flags;
	int32_t fd;
};

struct grown {
	struct first first;
	uint64_t added;
};

static void test_growth(void **state)
{
	struct first first = { sizeof(first), 1, -1 };
	struct grown grown = { { sizeof(grown), 2, 3 }, 4 }, taken;
	const size_t min = SIZED_UNTIL(struct grown, first.fd);

	(void)state;
	assert_int_equal(min, sizeof(first));
	memset(&taken, 0xff, sizeof(taken));
	assert_true(sized_take(&taken, sizeof(taken), at_end_of_memory(&first, min), min, min));
	assert_memory_equal(&taken.first, &first, sizeof(first));
	assert_int_equal(taken.added, 0);
	assert_false(sized_take(&taken, sizeof(taken), &first, min - 1, min));
	/* The other way round: a program that is newer than the library. */
	assert_false(sized_take(&first, sizeof(first), &grown, sizeof(grown), min));
	grown.added = 0;
	assert_true(sized_take(&first, sizeof(first), &grown, sizeof(grown), min));
	assert_int_equal(first.fd, 3);
	/* A result goes no farther than the caller's structure, and fills all of it. */
	grown.added = 5;
	sized_copy(at_end_of_memory(&first, min), min, &grown, sizeof(grown));
	sized_copy(&grown, sizeof(grown), &first, sizeof(first));
	assert_int_equal(grown.added, 0);
}

static void test_netdevs_arguments(void **state)
{
	struct rdma_ns_netdev **list;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int user = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	const int bad[] = { -1, file, user, 9999 };
	uint32_t ifindex;

	(void)state;
	assert_int_equal(rdma_ns_get_netdevs(NULL, sizeof(**list)), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(rdma_ns_get_netdevs(&list, 0), -1);
	assert_int_equal(errno, EINVAL);
	for (size_t i = 0; i < COUNT(bad); i++) {
		errno = 0;
		assert_int_equal(rdma_ns_get_netdevs_in(bad[i], &list, sizeof(**list)), -1);
		assert_int_equal(errno, bad[i] == 9999 || bad[i] == -1 ? EBADF : EINVAL);
		errno = 0;
		assert_int_equal(rdma_ns_get_ifindex_in(bad[i], "lo", &ifindex), -1);
		assert_int_equal(errno, bad[i] == 9999 || bad[i] == -1 ? EBADF : EINVAL);
	}
	close(file);
	close(user);
	assert_true(rdma_ns_get_netdevs(&list, sizeof(**list)) >= 0);
	rdma_ns_free_netdevs(list);
	file = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_int_equal(rdma_ns_get_ifindex_in(file, "lo", &ifindex), 0);
	assert_int_equal(ifindex, if_nametoindex("lo"));
	errno = 0;
	assert_int_equal(rdma_ns_get_ifindex_in(file, "no such netdev", &ifindex), -1);
	assert_int_equal(errno, ENODEV);
	close(file);
}

static void test_features(void **state)
{
	struct {
		struct rdma_ns_features features;
		char more[32];
	} longer;
	struct rdma_ns_features shorter;

	(void)state;
	memset(&longer, 0xff, sizeof(longer));
	assert_int_equal(rdma_ns_query_features(&longer.features, sizeof(longer)), 0);
	assert_int_equal(longer.features.level, RDMA_NS_LEVEL_EXCHANGE);
	for (size_t i = 0; i < sizeof(longer.more); i++)
		assert_int_equal(longer.more[i], 0);
	memset(&shorter, 0x55, sizeof(shorter));
	assert_int_equal(
		rdma_ns_query_features(&shorter, offsetof(struct rdma_ns_features, devices)), 0);
	assert_int_equal(shorter.devices, 0x55555555);
	assert_int_equal(rdma_ns_query_features(NULL, sizeof(shorter)), -1);
	assert_int_equal(rdma_ns_query_features(&shorter, 0), -1);
	assert_int_equal(errno, EINVAL);
}

/* Every value has words, and the one after the last has none. */
static void test_words(void **state)
{
#define WORDS(function, last)                                                                      \
	do {                                                                                       \
		for (int i = 0; i <= (int)(last); i++) {                                           \
			assert_non_null(function(i));                                              \
			assert_true(*function(i));                                                 \
			for (int j = 0; j < i; j++)                                                \
				assert_string_not_equal(function(i), function(j));                 \
		}                                                                                  \
		assert_string_equal(function((last) + 1), "unknown");                              \
		assert_string_equal(function(-1), "unknown");                                      \
	} while (0)

	(void)state;
	WORDS(rdma_ns_policy_str, RDMA_NS_POLICY_LAST);
	WORDS(rdma_ns_transport_str, RDMA_NS_TRANSPORT_IWARP);
	WORDS(rdma_ns_decided_by_str, RDMA_NS_BY_AMBIGUOUS);
	WORDS(rdma_ns_route_str, RDMA_NS_ROUTE_FAILED);
	WORDS(rdma_ns_rule_str, RDMA_NS_RULE_ADDRESS_NETDEV);
	WORDS(rdma_ns_verdict_str, RDMA_NS_REJECT);
	WORDS(rdma_ns_reason_str, RDMA_NS_REASON_LAST);
	WORDS(rdma_ns_decider_str, RDMA_NS_DECIDER_KERNEL);
	WORDS(rdma_ns_sent_str, RDMA_NS_SENT_AHEAD);
	WORDS(rdma_ns_answer_str, RDMA_NS_ANSWER_ELSEWHERE);
	WORDS(rdma_ns_level_str, RDMA_NS_LEVEL_KERNEL);
	WORDS(rdma_ns_netns_mode_str, RDMA_NS_NETNS_EXCLUSIVE);
	WORDS(rdma_ns_observed_str, RDMA_NS_OBSERVED_FAILED);
}

static void test_policy_parse(void **state)
{
	static const char *const others[] = { "", "unknown", "Verify", "verify ", "3", NULL };
	enum rdma_ns_policy policy;

	(void)state;
	for (int i = 0; i <= RDMA_NS_POLICY_LAST; i++) {
		assert_int_equal(rdma_ns_policy_parse(rdma_ns_policy_str(i), &policy), 0);
		assert_int_equal(policy, i);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		errno = 0;
		assert_int_equal(rdma_ns_policy_parse(others[i], &policy), -1);
		assert_int_equal(errno, EINVAL);
	}
}

static void *resolve_often(void *data)
{
	const struct rdma_ns_request request = good();
	struct rdma_ns_resolution resolution;

	for (int i = 0; i < 200; i++) {
		errno = 0;
		if (rdma_ns_resolve(&request, &resolution, sizeof(resolution)) != -1 ||
		    errno != ENODEV)
			*(bool *)data = true;
	}
	return NULL;
}

/* A child hangs if another thread was in AddressSanitizer's allocator when it was forked. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FORKS_AMONG_THREADS 0
#endif
#endif
#ifndef FORKS_AMONG_THREADS
#define FORKS_AMONG_THREADS 20
#endif

static void fork_often(int times)
{
	int status;

	for (int i = 0; i < times; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (!child) {
			bool child_failed = false;

			alarm(20);
			resolve_often(&child_failed);
			_exit(child_failed);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

static void test_threads_and_forks(void **state)
{
	bool failed[4] = { false };
	pthread_t threads[4];

	(void)state;
	fork_often(20 - FORKS_AMONG_THREADS);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, resolve_often, &failed[i]), 0);
	fork_often(FORKS_AMONG_THREADS);
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], NULL);
		assert_false(failed[i]);
	}
}

/* What fails before librdmacm is asked, or where there is no RDMA. */
static void test_ids(void **state)
{
	struct rdma_ns_id_opts opts = { .size = sizeof(opts) };
	struct rdma_event_channel channel = { -1 };
	struct rdma_ns_resolution resolution;
	struct rdma_ns_statistics statistics;
	struct rdma_ns_id_info info_of_id;
	struct rdma_ns_exchange exchange;
	struct rdma_ns_ingress ingress;
	struct rdma_cm_id *id, unknown = { 0 };
	struct rdma_addrinfo info = { 0 };
	int fd = open("/dev/null", O_RDONLY);
	struct stat own;

	(void)state;
#define FAILS(error, call)                                                                         \
	do {                                                                                       \
		errno = 0;                                                                         \
		assert_int_equal(call, -1);                                                        \
		assert_int_equal(errno, error);                                                    \
	} while (0)
	FAILS(EINVAL, rdma_ns_create_id(&channel, NULL, NULL, RDMA_PS_TCP, &opts));
	opts.size = FIRST_OPTS - 1;
	FAILS(EINVAL, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	FAILS(EINVAL, rdma_ns_create_ep(&id, &info, NULL, NULL, &opts));
	opts.size = sizeof(opts);
	FAILS(EINVAL, rdma_ns_create_ep(&id, NULL, NULL, NULL, &opts));
	FAILS(EINVAL, rdma_ns_create_ep(NULL, &info, NULL, NULL, &opts));
	opts.policy = RDMA_NS_POLICY_LAST + 1;
	FAILS(EINVAL, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	opts.policy = RDMA_NS_POLICY_STRICT;
	opts.ifindex = 0x7fffffff;
	FAILS(ENODEV, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	FAILS(ENODEV, rdma_ns_create_ep(&id, &info, NULL, NULL, &opts));
	opts.netdev = "no such netdev";
	FAILS(EINVAL, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	opts.ifindex = 0;
	FAILS(ENODEV, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	opts.netdev = NULL;
	opts.flags = RDMA_NS_ID_NETNS_FD << 1;
	FAILS(EINVAL, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	/* What a failed open() returns is nobody's namespace, least of all the caller's. */
	opts.flags = RDMA_NS_ID_NETNS_FD;
	opts.netns_fd = -1;
	FAILS(EBADF, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	FAILS(EBADF, rdma_ns_create_ep(&id, &info, NULL, NULL, &opts));
	opts.netns_fd = 9999;
	FAILS(EBADF, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	opts.netns_fd = fd;
	FAILS(EINVAL, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	opts.flags = 0;
	FAILS(EINVAL, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	opts.netns_fd = -1;
	FAILS(EINVAL, rdma_ns_create_id(&channel, &id, NULL, RDMA_PS_TCP, &opts));
	close(fd);
	FAILS(ENODATA, rdma_ns_get_id_info(&unknown, &info_of_id, sizeof(info_of_id)));
	FAILS(EINVAL, rdma_ns_get_id_info(&unknown, &info_of_id, 0));
	FAILS(ENODEV, rdma_ns_bind_netdev_name(&unknown, "no such netdev"));
	assert_int_equal(rdma_ns_set_policy(&unknown, RDMA_NS_POLICY_VERIFY), 0);
	memset(&info_of_id, 0xff, sizeof(info_of_id));
	assert_int_equal(rdma_ns_get_id_info(&unknown, &info_of_id, sizeof(info_of_id)), 0);
	assert_int_equal(info_of_id.policy, RDMA_NS_POLICY_VERIFY);
	assert_int_equal(stat("/proc/self/ns/net", &own), 0);
	assert_int_equal(info_of_id.netns, own.st_ino);
	assert_int_equal(info_of_id.ifindex, 0);
	assert_string_equal(info_of_id.netdev, "");
	FAILS(ENODATA, rdma_ns_get_ingress(&unknown, &ingress, sizeof(ingress)));
	FAILS(ENODATA, rdma_ns_get_resolution(&unknown, &resolution, sizeof(resolution)));
	FAILS(ENODATA, rdma_ns_get_exchange(&unknown, &exchange, sizeof(exchange)));
	FAILS(EINVAL, rdma_ns_get_ingress(&unknown, &ingress, 0));
	FAILS(EINVAL, rdma_ns_get_exchange(&unknown, NULL, sizeof(exchange)));
	FAILS(EINVAL, rdma_ns_get_statistics(&statistics, 0));
	FAILS(EINVAL, rdma_ns_set_policy(&unknown, RDMA_NS_POLICY_LAST + 1));
	FAILS(ENODEV, rdma_ns_bind_netdev(&unknown, 0x7fffffff));
	assert_int_equal(rdma_ns_get_statistics(&statistics, sizeof(statistics)), 0);
	assert_int_equal(statistics.refused, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve_arguments), cmocka_unit_test(test_first_release),
		cmocka_unit_test(test_growth), cmocka_unit_test(test_netdevs_arguments),
		cmocka_unit_test(test_features),	  cmocka_unit_test(test_words),
		cmocka_unit_test(test_threads_and_forks),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_policy_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
