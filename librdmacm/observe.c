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

static struct {
	rdma_ns_observer function;
	void *context;
	unsigned int calls; /* under way, in all threads */
} observer;

static __thread unsigned int calls_here;

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

/* Only this thread is left in the child; threads that waited for another one's call are gone. */
static void after_fork_in_child(void)
{
	memset(&counted, 0, sizeof(counted));
	observer.calls = calls_here;
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
static void call(rdma_ns_observer function, const struct rdma_ns_observation *observation,
		 void *context)
{
	const int error = errno;

	calls_here++;
	function(observation, context);
	calls_here--;
	pthread_mutex_lock(&lock);
	if (!--observer.calls)
		pthread_cond_broadcast(&returned);
	pthread_mutex_unlock(&lock);
	errno = error;
}

void observe(struct rdma_ns_observation *observation)
{
	const int cancel = cancel_hold();
	rdma_ns_observer function;
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
	if (function)
		observer.calls++;
	pthread_mutex_unlock(&lock);
	if (function)
		call(function, observation, context);
	cancel_restore(cancel);
}

int rdma_ns_set_observer(rdma_ns_observer function, void *context)
{
	const int cancel = cancel_hold();

	pthread_mutex_lock(&lock);
	observer.function = function;
	observer.context = context;
	/* An observer must not wait for itself, nor two for each other: they would wait forever. */
	while (observer.calls && !calls_here)
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
