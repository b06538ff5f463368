// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "monitor_look.h"

static void *run(void *data)
{
	struct monitor_look *look = data;
	const uint64_t one = 1;

	look->error = 0;
	if (namespaces_find(&look->namespaces, look->all ? NAMESPACES_ALL : NAMESPACES_OWN) ||
	    looks_take(&look->looks, &look->namespaces, look->all))
		look->error = errno;
	/* This cannot fail: it is read before the next one. */
	if (write(look->done, &one, sizeof(one)) < 0)
		look->error = errno;
	return NULL;
}

int monitor_look_open(struct monitor_look *look, bool all)
{
	memset(look, 0, sizeof(*look));
	look->all = all;
	look->done = eventfd(0, EFD_CLOEXEC);
	return look->done < 0 ? -1 : 0;
}

int monitor_look_start(struct monitor_look *look)
{
	sigset_t signals, before;
	int error;

	/* They are to interrupt the other thread, which may be writing to a pipe that is full. */
	sigfillset(&signals);
	pthread_sigmask(SIG_SETMASK, &signals, &before);
	error = pthread_create(&look->thread, NULL, run, look);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	look->running = !error;
	errno = error;
	return error ? -1 : 0;
}

int monitor_look_finish(struct monitor_look *look)
{
	uint64_t count;

	if (read(look->done, &count, sizeof(count)) < 0)
		return -1;
	pthread_join(look->thread, NULL);
	look->running = false;
	errno = look->error;
	return look->error ? -1 : 0;
}

void monitor_look_release(struct monitor_look *look)
{
	looks_release(&look->looks);
	namespaces_release(&look->namespaces);
}
