// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "cancel.h"
#include "netns_thread.h"

struct errand {
	int netns_fd;
	void (*function)(void *data);
	void *data;
	int error;
};

static void *go(void *data)
{
	struct errand *errand = data;

	if (setns(errand->netns_fd, CLONE_NEWNET))
		errand->error = errno;
	else
		errand->function(errand->data);
	return NULL;
}

int netns_thread_run(int netns_fd, void (*function)(void *data), void *data)
{
	struct errand errand = { .netns_fd = netns_fd, .function = function, .data = data };
	sigset_t all, before;
	int error, cancel;
	pthread_t thread;

	if (netns_fd < 0) {
		function(data);
		return 0;
	}
	/* The thread uses the errand, which is on this thread's stack. */
	cancel = cancel_hold();
	/* Signals are blocked, or the application's handlers would run in the wrong namespace. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	/* Do not use the errand's field: the errand may have begun, and failed, by now. */
	error = pthread_create(&thread, NULL, go, &errand);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!error) {
		pthread_join(thread, NULL);
		error = errand.error;
	}
	cancel_restore(cancel);
	if (!error)
		return 0;
	errno = error;
	return -1;
}
