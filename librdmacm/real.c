// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "real.h"
#include "self_calls.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct real real;
static bool complete, interposable;

#define FUNCTION(name) { "rdma_" #name, offsetof(struct real, name) }

/* rsockets, which are inside of librdmacm, call these or wait in them. */
static bool is_interposable(void *handle)
{
	static const char *const names[] = {
		"rdma_accept",	     "rdma_connect",	 "rdma_destroy_id",
		"rdma_get_cm_event", "rdma_get_request", "rdma_listen",
	};

	return self_calls_interposable(handle, names, sizeof(names) / sizeof(names[0]));
}

static void find(void)
{
	static const struct {
		const char *name;
		size_t offset;
	} functions[] = {
		FUNCTION(create_id), FUNCTION(destroy_id), FUNCTION(bind_addr),
		FUNCTION(resolve_addr), FUNCTION(listen), FUNCTION(connect), FUNCTION(accept),
		FUNCTION(reject), FUNCTION(disconnect), FUNCTION(get_cm_event),
		FUNCTION(ack_cm_event), FUNCTION(migrate_id), FUNCTION(create_ep),
		FUNCTION(destroy_ep), FUNCTION(get_request), FUNCTION(destroy_qp),
		FUNCTION(set_option), FUNCTION(create_event_channel),
		FUNCTION(destroy_event_channel), FUNCTION(resolve_route),
	};
	/*
	 * Whoever has an id has loaded it. A handle finds nothing else, and RTLD_NEXT may miss it.
	 */
	void *handle = dlopen("librdmacm.so.1", RTLD_LAZY);

	if (!handle)
		return;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(handle, functions[i].name);

		if (!function)
			return;
		memcpy((char *)&real + functions[i].offset, &function, sizeof(function));
	}
	real.rlisten = (int (*)(int, int))dlsym(handle, "rlisten");
	real.rconnect = (int (*)(int, const struct sockaddr *, socklen_t))dlsym(handle, "rconnect");
	interposable = is_interposable(handle);
	complete = true;
}

const struct real *real_librdmacm(void)
{
	pthread_once(&once, find);
	if (complete)
		return &real;
	errno = ENOSYS;
	return NULL;
}

bool real_is_interposable(void)
{
	return real_librdmacm() && interposable;
}
