// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The observer: told once, with its context, by several threads; replaced and ended at any moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "observe.h"

struct counter {
	atomic_uint calls;
	atomic_bool gone;
};

static struct rdma_ns_resolution resolution;
static struct rdma_ns_exchange exchange;
static atomic_bool late;

static void tell(enum rdma_ns_verdict verdict)
{
	struct rdma_ns_observation observation = {
		.what = RDMA_NS_OBSERVED_REQUEST,
		.resolution = &resolution,
		.exchange = &exchange,
	};

	resolution.verdict = verdict;
	observe(&observation);
}

static void count(const struct rdma_ns_observation *observation, void *context)
{
	struct counter *counter = context;

	if (counter->gone || observation->size != sizeof(*observation))
		late = true;
	counter->calls++;
	errno = EXDEV;
}

static void test_told(void **state)
{
	struct counter one = { 0 }, other = { 0 };
	struct rdma_ns_statistics before, after;

	(void)state;
	assert_int_equal(rdma_ns_get_statistics(&before, sizeof(before)), 0);
	tell(RDMA_NS_ACCEPT);
	assert_int_equal(rdma_ns_set_observer(count, &one), 0);
	errno = 0;
	tell(RDMA_NS_REJECT);
	assert_int_equal(errno, 0);
	tell(RDMA_NS_ACCEPT_FLAGGED);
	assert_int_equal(rdma_ns_set_observer(count, &other), 0);
	tell(RDMA_NS_ACCEPT);
	assert_int_equal(rdma_ns_set_observer(NULL, NULL), 0);
	tell(RDMA_NS_ACCEPT);
	assert_int_equal(one.calls, 2);
	assert_int_equal(other.calls, 1);
	assert_int_equal(rdma_ns_get_statistics(&after, sizeof(after)), 0);
	assert_int_equal(after.refused - before.refused, 1);
	assert_int_equal(after.flagged - before.flagged, 1);
	assert_int_equal(after.accepted - before.accepted, 4);
}

static void keep(const struct rdma_ns_observation *observation, void *context)
{
	struct rdma_ns_observation *kept = context;

	*kept = *observation;
}

/* An observer that was built with a later header knows by these where it must stop reading. */
static void test_sizes(void **state)
{
	struct rdma_ns_observation kept, reply = {
		.what = RDMA_NS_OBSERVED_ESTABLISHED,
		.exchange = &exchange,
	};

	(void)state;
	rdma_ns_set_observer(keep, &kept);
	tell(RDMA_NS_ACCEPT);
	assert_int_equal(kept.size, sizeof(struct rdma_ns_observation));
	assert_int_equal(kept.resolution_size, sizeof(struct rdma_ns_resolution));
	assert_int_equal(kept.exchange_size, sizeof(struct rdma_ns_exchange));
	observe(&reply);
	assert_int_equal(kept.resolution_size, 0);
	assert_int_equal(kept.exchange_size, sizeof(struct rdma_ns_exchange));
	rdma_ns_set_observer(NULL, NULL);
}

/* It may ask, and end or replace itself. */
static void end_itself(const struct rdma_ns_observation *observation, void *context)
{
	struct rdma_ns_statistics statistics;

	count(observation, context);
	if (rdma_ns_get_statistics(&statistics, sizeof(statistics)))
		late = true;
	rdma_ns_set_observer(NULL, NULL);
}

static void test_ends_itself(void **state)
{
	struct counter counter = { 0 };

	(void)state;
	rdma_ns_set_observer(end_itself, &counter);
	tell(RDMA_NS_REJECT);
	tell(RDMA_NS_REJECT);
	assert_int_equal(counter.calls, 1);
}

static atomic_bool stop;

static void *tell_often(void *data)
{
	struct rdma_ns_observation observation = { .what = RDMA_NS_OBSERVED_FAILED };

	(void)data;
	while (!stop)
		observe(&observation);
	return NULL;
}

/* Once it is replaced its context may be freed. */
static void test_threads(void **state)
{
	pthread_t threads[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, tell_often, NULL), 0);
	for (int i = 0; i < 500; i++) {
		struct counter *counter = calloc(1, sizeof(*counter));

		assert_non_null(counter);
		rdma_ns_set_observer(count, counter);
		while (!counter->calls)
			sched_yield();
		rdma_ns_set_observer(NULL, NULL);
		counter->gone = true;
		free(counter);
	}
	stop = true;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_false(late);
}

/* A child of a process whose other threads are in the observer does not wait for them. */
static void test_fork(void **state)
{
	struct counter counter = { 0 };
	pthread_t thread;
	int status;

	(void)state;
	stop = false;
	rdma_ns_set_observer(count, &counter);
	assert_int_equal(pthread_create(&thread, NULL, tell_often, NULL), 0);
	for (int i = 0; i < 50; i++) {
		const pid_t child = fork();

		assert_true(child >= 0);
		if (!child) {
			alarm(20);
			rdma_ns_set_observer(NULL, NULL);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	stop = true;
	pthread_join(thread, NULL);
	rdma_ns_set_observer(NULL, NULL);
}

static atomic_int held[4]; /* the calls of thread I: 1 is in the observer, 0 may go on */

static void hold(const struct rdma_ns_observation *observation, void *context)
{
	if (observation->status != *(const int *)context)
		return;
	held[observation->status] = 1;
	while (held[observation->status])
		sched_yield();
}

/* Tell the observer until it is one that holds this thread, and that one has let it go. */
static void *tell_until_held(void *number)
{
	struct rdma_ns_observation observation = { .what = RDMA_NS_OBSERVED_FAILED,
						   .status = *(const int *)number };

	while (held[observation.status] < 0)
		observe(&observation);
	return NULL;
}

struct setter {
	rdma_ns_observer function;
	void *context;
	atomic_bool returned;
};

static void *set(void *data)
{
	struct setter *setter = data;

	rdma_ns_set_observer(setter->function, setter->context);
	setter->returned = true;
	return NULL;
}

static bool returns(const struct setter *setter)
{
	for (int i = 0; i < 1000 && !setter->returned; i++)
		usleep(10000);
	return setter->returned;
}

static void wait_until_held(int number)
{
	while (held[number] != 1)
		sched_yield();
}

/*
 * Whoever sets an observer waits for the calls of those before, but for none of the one set: under
 * load that one may never be idle. So do two who set one at the same time.
 */
static void test_waits_for_the_previous_only(void **state)
{
	static int numbers[4] = { 0, 1, 2, 3 };
	struct setter one = { .function = hold, .context = &numbers[2] };
	struct setter other = { .function = hold, .context = &numbers[3] };
	pthread_t threads[4], setters[2];
	bool early, first, second;

	(void)state;
	for (int i = 1; i < 4; i++)
		held[i] = -1;
	rdma_ns_set_observer(hold, &numbers[1]);
	for (int i = 1; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, tell_until_held, &numbers[i]),
				 0);
	wait_until_held(1);
	assert_int_equal(pthread_create(&setters[0], NULL, set, &one), 0);
	wait_until_held(2);
	assert_int_equal(pthread_create(&setters[1], NULL, set, &other), 0);
	wait_until_held(3);
	usleep(50000);
	early = one.returned || other.returned;
	held[1] = 0;
	first = returns(&one);
	early |= other.returned;
	held[2] = 0;
	second = returns(&other);
	held[3] = 0;
	for (int i = 1; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(setters[i], NULL);
	rdma_ns_set_observer(NULL, NULL);
	assert_false(early);
	assert_true(first);
	assert_true(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_ends_itself),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_waits_for_the_previous_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
