// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "observe.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rdma_ns_statistics counted;
static void (*told)(const struct observation *observation);

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

static void after_fork_in_child(void)
{
	memset(&counted, 0, sizeof(counted));
	pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static void count(const struct rdma_ns_resolution *resolution)
{
	pthread_mutex_lock(&lock);
	if (resolution->verdict == RDMA_NS_REJECT)
		counted.refused++;
	else
		counted.accepted++;
	if (resolution->verdict == RDMA_NS_ACCEPT_FLAGGED)
		counted.flagged++;
	if (resolution->verdict != RDMA_NS_ACCEPT &&
	    (unsigned int)resolution->reason < RDMA_NS_REASONS_MAX)
		counted.reasons[resolution->reason]++;
	pthread_mutex_unlock(&lock);
}

void observe(const struct observation *observation)
{
	if (observation->what == OBSERVED_REQUEST)
		count(&observation->resolution);
	if (told)
		told(observation);
}

void observe_with(void (*observer)(const struct observation *observation))
{
	told = observer;
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
	memset(statistics, 0, size);
	memcpy(statistics, &copy, size < sizeof(copy) ? size : sizeof(copy));
	return 0;
}
