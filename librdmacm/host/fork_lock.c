// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stddef.h>

#include "fork_lock.h"

#define LOCKS_MAX 4 /* one for each file that hands one in */

static pthread_mutex_t *locks[LOCKS_MAX];
static size_t count;

static void before_fork(void)
{
	for (size_t i = 0; i < count; i++)
		pthread_mutex_lock(locks[i]);
}

static void after_fork(void)
{
	for (size_t i = 0; i < count; i++)
		pthread_mutex_unlock(locks[i]);
}

void fork_lock(pthread_mutex_t *lock)
{
	if (!count)
		pthread_atfork(before_fork, after_fork, after_fork);
	if (count < LOCKS_MAX)
		locks[count++] = lock;
}
