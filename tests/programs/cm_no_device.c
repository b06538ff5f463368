// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * "cm-no-device ADDRESS PORT SECONDS": an id has a device while it is being bound, and loses it
 * again if the port is taken. Meanwhile other threads use the id for what needs a device, which
 * must fail. Prints how many binds have failed, and what else was tried how often.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rdma/rdma_user_cm.h>

#include "parse.h"
#include "ucm.h"

static int channel;
static uint32_t id;
static atomic_bool ended;

static int connect_id(void)
{
	return ucm_connect(channel, id, 1, 0);
}

static int accept_id(void)
{
	return ucm_accept(channel, id, 1);
}

static int init_qp_attr(void)
{
	return ucm_init_qp_attr(channel, id);
}

/* The kernel looks at the flags of a path before it needs a device, and refuses its LIDs later. */
static int set_path(void)
{
	static const struct ib_path_rec_data path = { .flags = IB_PATH_GMP | IB_PATH_PRIMARY |
							       IB_PATH_BIDIRECTIONAL };

	return ucm_set_option(channel, id, RDMA_OPTION_IB, RDMA_OPTION_IB_PATH, &path,
			      sizeof(path));
}

static struct user {
	const char *name;
	int (*use)(void);
	pthread_t thread;
	unsigned long times;
} users[] = {
	{ .name = "connect", .use = connect_id },
	{ .name = "accept", .use = accept_id },
	{ .name = "init_qp_attr", .use = init_qp_attr },
	{ .name = "set_path", .use = set_path },
};

#define USERS (sizeof(users) / sizeof(*users))

static void *run(void *argument)
{
	struct user *user = argument;

	while (!ended) {
		if (!user->use())
			errx(1, "%s: succeeded", user->name);
		if (errno != EINVAL)
			err(1, "%s", user->name);
		user->times++;
	}
	return NULL;
}

static uint32_t create(void)
{
	uint32_t new;

	if (ucm_create(channel, RDMA_PS_TCP, &new))
		err(1, "create");
	return new;
}

int main(int argc, char **argv)
{
	struct sockaddr_storage address;
	unsigned long binds = 0;
	time_t end;

	if (argc != 4) {
		fputs("usage: cm-no-device ADDRESS PORT SECONDS\n", stderr);
		return 2;
	}
	parse_address(argv[1], argv[2], &address);
	end = time(NULL) + strtol(argv[3], NULL, 10);
	channel = ucm_open();
	if (ucm_bind(channel, create(), &address))
		err(1, "%s port %s", argv[1], argv[2]);
	id = create();
	for (struct user *user = users; user < users + USERS; user++) {
		errno = pthread_create(&user->thread, NULL, run, user);
		if (errno)
			err(1, "%s", user->name);
	}
	while (time(NULL) < end) {
		if (!ucm_bind(channel, id, &address))
			errx(1, "bind: succeeded");
		if (errno != EADDRINUSE)
			err(1, "bind");
		binds++;
	}
	ended = true;
	printf("bind failed %lu times", binds);
	for (struct user *user = users; user < users + USERS; user++) {
		pthread_join(user->thread, NULL);
		printf(", %s %lu", user->name, user->times);
	}
	putchar('\n');
	return 0;
}
