// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-fuzz COUNT [SEED]
 *        cm-fuzz replay CORPUS [COUNT SEED]
 *        cm-fuzz guided COUNT SEED CORPUS KEPT
 *        cm-fuzz threads COUNT SEED
 *
 * Writes COUNT random commands to /dev/infiniband/rdma_cm: half of them SET_OPTION of the level
 * RDMA_OPTION_NS, nearly right or nonsense; the others any command with any bytes, nearly right as
 * well. The files are opened anew now and then, whatever is left in them. Prints the seed and what
 * the kernel answered, each errno with its number. What it finds shows in the kernel's log and
 * memory.
 *
 * "replay" plays the sequences of commands in the file CORPUS, a line of hexadecimal digits each,
 * and COUNT others that it makes of them.
 * "guided" plays them, and then COUNT others that it makes of them; those that reach something new
 * in the kernel, according to the module tests/coverage/reached, are written to the file KEPT.
 * "threads" writes COUNT commands that belong to connections from each of several threads, which
 * share all files and ids. Their order is the kernel's, so that a seed does not repeat it.
 * Exit status: 0, 1 failed, 2 usage.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cm_fuzz.h"

#define THREADS 4

static int usage(void)
{
	fprintf(stderr,
		"usage: cm-fuzz COUNT [SEED] | replay CORPUS [COUNT SEED] | guided COUNT SEED CORPUS KEPT | threads COUNT SEED\n");
	return 2;
}

static int random_commands(unsigned long count, uint64_t seed)
{
	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	draw_seed(seed);
	fuzz_begin();
	for (unsigned long i = 0; i < count; i++) {
		if (!(i % 4096))
			fuzz_reopen((unsigned int)(i / 4096));
		fuzz_random_command();
	}
	return 0;
}

struct worker {
	pthread_t thread;
	unsigned long count;
	uint64_t seed;
};

static void *work(void *argument)
{
	const struct worker *worker = argument;

	draw_seed(worker->seed);
	for (unsigned long i = 0; i < worker->count; i++)
		fuzz_sequence_command();
	return NULL;
}

static int threads(unsigned long count, uint64_t seed)
{
	struct worker workers[THREADS];

	fuzz_begin();
	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .count = count, .seed = seed + i };
		errno = pthread_create(&workers[i].thread, NULL, work, &workers[i]);
		if (errno)
			err(1, "pthread_create");
	}
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long count;
	int status;

	if (argc == 3 && !strcmp(argv[1], "replay")) {
		status = fuzz_replay(argv[2], 0, 0);
	} else if (argc == 5 && !strcmp(argv[1], "replay")) {
		status = fuzz_replay(argv[2], strtoul(argv[3], NULL, 10),
				     strtoull(argv[4], NULL, 0));
	} else if (argc == 4 && !strcmp(argv[1], "threads")) {
		count = strtoul(argv[2], NULL, 10);
		if (!count)
			return usage();
		status = threads(count, strtoull(argv[3], NULL, 0));
	} else if (argc == 6 && !strcmp(argv[1], "guided")) {
		count = strtoul(argv[2], NULL, 10);
		if (!count)
			return usage();
		status = fuzz_guided(count, strtoull(argv[3], NULL, 0), argv[4], argv[5]);
	} else {
		if (argc < 2 || argc > 3 || !(count = strtoul(argv[1], NULL, 10)))
			return usage();
		status = random_commands(count, argc == 3 ? strtoull(argv[2], NULL, 0) :
							    (uint64_t)time(NULL));
	}
	if (!status)
		fuzz_print_answers();
	return status;
}
