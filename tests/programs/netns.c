// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netns.h"

static void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

int netns_open(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	return open_file(path);
}

void netns_enter(const char *name)
{
	static int home = -1;
	static bool away;
	const bool leave = strcmp(name, "host");
	int fd;

	/* Who may not go elsewhere may stay at home. */
	if (!away && !leave)
		return;
	if (home < 0)
		home = open_file("/proc/self/ns/net");
	away = leave;
	fd = leave ? netns_open(name) : home;
	if (setns(fd, CLONE_NEWNET))
		die(name);
	if (leave)
		close(fd);
}
