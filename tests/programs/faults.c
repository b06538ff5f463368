// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: faults overflow|freed|shift|leak|race|unset
 *
 * One fault of this kind, on purpose: what looks for such faults has to report it. Built as a
 * library that is preloaded, it does what RDMA_NS_FAULT says, in any program. Exit status: 0 if
 * nothing has ended it, 2 usage.
 */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No compiler knows what is in here. */
static volatile int zero, counter;
static char *volatile memory;

static void overflow(void)
{
	memory = malloc(8);
	if (memory)
		memory[8 + zero] = 1;
	free(memory);
}

static void freed(void)
{
	memory = malloc(8);
	free(memory);
	counter = memory[zero];
}

static void shift(void)
{
	counter = INT_MAX;
	counter = counter + 1 + zero;
}

/* A register or the stack may still hold what was overwritten here; the loop uses it up. */
static void leak(void)
{
	for (int i = 0; i < 8; i++)
		memory = malloc(1000);
	free(memory);
	memory = NULL;
}

static void *count(void *unused)
{
	for (int i = 0; i < 1000; i++)
		counter = counter + 1;
	return unused;
}

static void race(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, count, NULL))
		return;
	count(NULL);
	pthread_join(thread, NULL);
}

static void unset(void)
{
	memory = malloc(8);
	if (memory && memory[zero])
		counter = 1;
	free(memory);
}

static int commit(const char *name)
{
	static const struct {
		const char *name;
		void (*commit)(void);
	} faults[] = {
		{ "overflow", overflow }, { "freed", freed }, { "shift", shift },
		{ "leak", leak }, { "race", race }, { "unset", unset },
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (!strcmp(name, faults[i].name)) {
			faults[i].commit();
			return 0;
		}
	}
	fprintf(stderr, "faults: no fault '%s'\n", name);
	return 2;
}

#ifdef PRELOADED
__attribute__((constructor)) static void begin(void)
{
	const char *name = getenv("RDMA_NS_FAULT");

	if (name)
		commit(name);
}
#else
int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "Usage: faults overflow|freed|shift|leak|race|unset\n");
		return 2;
	}
	return commit(argv[1]);
}
#endif
