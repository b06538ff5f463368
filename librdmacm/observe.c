// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "cancel.h"
#include "observe.h"
#include "sized.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t returned = PTHREAD_COND_INITIALIZER;
static struct rdma_ns_statistics counted;

/* A call of an observer that is under way. It lies on the stack of the thread that makes it. */
struct call {
	struct call *older, *newer; /* of all threads */
	struct call *outer; /* of this thread: the observer of which has led to this one */
	uint64_t number; /* of the observer that is called */
};

static struct {
	rdma_ns_observer function;
	void *context;
	uint64_t number; /* each one that is set has a higher one than those before */
	struct call *oldest, *newest;
} observer;

static __thread struct call *calls_here;

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

static void add(struct call *call)
{
	call->older = observer.newest;
	call->newer = NULL;
	if (call->older)
		call->older->newer = call;
	else
		observer.oldest = call;
	observer.newest = call;
}

static void remove_call(struct call *call)
{
	if (call->older)
		call->older->newer = call->newer;
	else
		observer.oldest = call->newer;
	if (call->newer)
		call->newer->older = call->older;
	else
		observer.newest = call->older;
}

static void add_from_outermost(struct call *call)
{
	if (!call)
		return;
	add_from_outermost(call->outer);
	add(call);
}

/* Only this thread is left in the child; threads that waited for another one's call are gone. */
static void after_fork_in_child(void)
{
	memset(&counted, 0, sizeof(counted));
	observer.oldest = observer.newest = NULL;
	add_from_outermost(calls_here);
	returned = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
	pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static void count(const struct rdma_ns_resolution *resolution)
{
	if (resolution->verdict == RDMA_NS_REJECT)
		counted.refused++;
	else
		counted.accepted++;
	if (resolution->verdict == RDMA_NS_ACCEPT_FLAGGED)
		counted.flagged++;
	if (resolution->verdict != RDMA_NS_ACCEPT &&
	    (unsigned int)resolution->reason < RDMA_NS_REASONS_MAX)
		counted.reasons[resolution->reason]++;
}

/* Whoever replaces the observer waits for this call, which must therefore end. */
static void call_function(rdma_ns_observer function, const struct rdma_ns_observation *observation,
			  void *context, struct call *call)
{
	const int error = errno;

	call->outer = calls_here;
	calls_here = call;
	function(observation, context);
	calls_here = call->outer;
	pthread_mutex_lock(&lock);
	remove_call(call);
	pthread_cond_broadcast(&returned);
	pthread_mutex_unlock(&lock);
	errno = error;
}

void observe(struct rdma_ns_observation *observation)
{
	const int cancel = cancel_hold();
	rdma_ns_observer function;
	struct call this_call;
	void *context;

	observation->size = sizeof(*observation);
	observation->resolution_size =
		observation->resolution ? sizeof(*observation->resolution) : 0;
	observation->exchange_size = observation->exchange ? sizeof(*observation->exchange) : 0;
	pthread_mutex_lock(&lock);
	if (observation->what == RDMA_NS_OBSERVED_REQUEST)
		count(observation->resolution);
	function = observer.function;
	context = observer.context;
	this_call.number = observer.number;
	if (function)
		add(&this_call);
	pthread_mutex_unlock(&lock);
	if (function)
		call_function(function, observation, context, &this_call);
	cancel_restore(cancel);
}

int rdma_ns_set_observer(rdma_ns_observer function, void *context)
{
	const int cancel = cancel_hold();
	uint64_t number;

	pthread_mutex_lock(&lock);
	observer.function = function;
	observer.context = context;
	number = ++observer.number;
	/*
	 * An observer must not wait for itself, nor two for each other: they would wait forever.
	 * Nor does anybody wait for calls of the new observer, which may never end under load.
	 */
	while (observer.oldest && observer.oldest->number < number && !calls_here)
		pthread_cond_wait(&returned, &lock);
	pthread_mutex_unlock(&lock);
	cancel_restore(cancel);
	return 0;
}

int rdma_ns_get_statistics(struct rdma_ns_statistics *statistics, size_t size)
{
	struct rdma_ns_statistics copy;

	if (!statistics || !size) {
		errno = EINVAL;
		return -1;
	}
	pthread_mutex_lock(&lock);
	copy = counted;
	pthread_mutex_unlock(&lock);
	sized_copy(statistics, size, &copy, sizeof(copy));
	return 0;
}
