// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A thread that is cancelled in the middle of the library's work comes to its end first, so that
 * other threads can go on; here each finds its cancellation pending before it begins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "netns.h"
#include "netns_thread.h"
#include "ns_messages.h"
#include "observe.h"

static bool ended; /* before the cancellation took effect */

struct errand {
	void (*function)(void);
};

static void *run(void *data)
{
	const struct errand *errand = data;

	pthread_cancel(pthread_self());
	errand->function();
	ended = true;
	pthread_testcancel();
	return NULL;
}

static void cancel_in(void (*function)(void))
{
	struct errand errand = { function };
	pthread_t thread;
	void *result;

	ended = false;
	assert_int_equal(pthread_create(&thread, NULL, run, &errand), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_true(ended);
	assert_ptr_equal(result, PTHREAD_CANCELED);
}

static void get_and_put(void)
{
	netns_put(netns_get(-1));
}

static struct netns *home;

static void ask(void)
{
	struct sockaddr_storage address = ns_sockaddr("127.0.0.1", 0);

	netns_check_netdev(home, 1);
	netns_check_address(home, 1, (struct sockaddr *)&address);
	netns_transport(home, "none", 1);
}

/* In another namespace, where the resolver is closed again. */
static void test_namespaces(void **state)
{
	(void)state;
	cancel_in(get_and_put);
	home = netns_get(-1);
	assert_non_null(home);
	cancel_in(ask);
	assert_int_equal(netns_check_netdev(home, 1), 0);
	netns_put(home);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		skip();
	cancel_in(get_and_put);
	get_and_put();
}

static int netns_fd;

static void touch(void *data)
{
	char *bytes = data;

	usleep(50000);
	memset(bytes, 1, 4096);
}

static void go_there(void)
{
	char bytes[4096] = { 0 };

	if (netns_thread_run(netns_fd, touch, bytes) || bytes[4095] != 1)
		abort();
}

static void test_thread(void **state)
{
	(void)state;
	netns_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_true(netns_fd >= 0);
	if (netns_thread_run(netns_fd, touch, (char[4096]){ 0 })) {
		close(netns_fd);
		skip();
	}
	cancel_in(go_there);
	close(netns_fd);
}

static unsigned int observed;

static void watch(const struct rdma_ns_observation *observation, void *context)
{
	(void)observation;
	(void)context;
	usleep(1000);
	observed++;
}

static struct rdma_ns_exchange exchange;

static void attempt(void)
{
	struct rdma_ns_observation observation = {
		.size = sizeof(observation),
		.what = RDMA_NS_OBSERVED_FAILED,
		.exchange = &exchange,
	};

	observe(&observation);
}

static void test_observer(void **state)
{
	(void)state;
	observed = 0;
	rdma_ns_set_observer(watch, NULL);
	cancel_in(attempt);
	assert_int_equal(observed, 1);
	/* This waits for observers that have not returned. */
	rdma_ns_set_observer(NULL, NULL);
}

static void test_log(void **state)
{
	(void)state;
	assert_true(log_begin("/dev/null", false));
	rdma_ns_set_observer(log_observation, NULL);
	cancel_in(attempt);
	attempt();
	rdma_ns_set_observer(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_observer),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_thread),
	};

	/* Whatever is still locked then waits for ever. */
	alarm(20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
