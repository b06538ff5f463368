// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "namespace_leader.h"

/* The inode of the first cgroup namespace; the kernel has never given it another number. */
#define HOST_CGROUP_NAMESPACE 0xeffffffbu

static FILE *open_file(int folder, const char *task, const char *name)
{
	char path[64];
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "%s%s", task, name);
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file && fd >= 0)
		close(fd);
	return file;
}

static void read_command(int folder, const char *task, char command[COMMAND_MAX])
{
	FILE *file = open_file(folder, task, "comm");
	size_t length;

	*command = '\0';
	if (!file)
		return;
	length = fread(command, 1, COMMAND_MAX - 1, file);
	fclose(file);
	/* A name may contain line breaks; only the last one does not belong to it. */
	command[length ? length - 1 : 0] = '\0';
}

/* Elsewhere, the kernel shows paths from where this process's own root of control groups is. */
static bool sees_host_paths(void)
{
	struct stat own;

	return !stat("/proc/self/ns/cgroup", &own) && own.st_ino == HOST_CGROUP_NAMESPACE;
}

void namespace_leader_read(struct namespace_leader *leader, pid_t pid, int folder, const char *task)
{
	FILE *file = sees_host_paths() ? open_file(folder, task, "cgroup") : NULL;

	leader->pid = pid;
	read_command(folder, task, leader->command);
	memset(&leader->container, 0, sizeof(leader->container));
	if (!file)
		return;
	container_read(file, &leader->container);
	fclose(file);
}
