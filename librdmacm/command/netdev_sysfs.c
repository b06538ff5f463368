// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netdev_sysfs.h"

#define PATH_IN_SYSFS_MAX 64

/* A netdev that is being removed says EINVAL or ENODEV. */
static int reason(int error)
{
	return error == ENOENT || error == EINVAL || error == ENODEV ? EAGAIN : error;
}

/* Of the netdev that the file "ifindex" belongs to; 0 and errno on error. */
static uint32_t read_ifindex(int at, const char *path)
{
	const int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
	uint32_t ifindex = 0;
	char text[16] = "";
	int error;

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) >= 0)
		ifindex = (uint32_t)strtoul(text, NULL, 10);
	error = reason(errno);
	if (fd >= 0)
		close(fd);
	errno = error;
	return ifindex;
}

int netdev_sysfs_open(int root, const char *name, uint32_t ifindex)
{
	char path[PATH_IN_SYSFS_MAX];
	uint32_t found = 0;
	int folder, error;

	snprintf(path, sizeof(path), "class/net/%s", name);
	folder = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder >= 0)
		found = read_ifindex(folder, "ifindex");
	if (found == ifindex)
		return folder;
	error = found ? EAGAIN : reason(errno);
	if (folder >= 0)
		close(folder);
	errno = error;
	return -1;
}

/*
 * sysfs numbers its folders in the order in which they are created. A netdev's number does not
 * change when the netdev is renamed or moved to another namespace.
 */
uint64_t netdev_sysfs_created(int root, const char *name, uint32_t ifindex)
{
	const int folder = root < 0 ? -1 : netdev_sysfs_open(root, name, ifindex);
	struct stat status;

	if (folder < 0)
		return 0;
	if (fstat(folder, &status))
		status.st_ino = 0;
	close(folder);
	return status.st_ino;
}

bool netdev_sysfs_is_parent(int root, const char *name, uint32_t ifindex)
{
	const int folder = root < 0 ? -1 : netdev_sysfs_open(root, name, ifindex);
	bool found;

	if (folder < 0)
		return false;
	found = !faccessat(folder, "create_child", F_OK, 0);
	close(folder);
	return found;
}

int netdev_sysfs_uppers(int folder, int (*take)(void *context, uint32_t ifindex), void *context)
{
	static const char prefix[] = "upper_";
	DIR *dir = fdopendir(folder);
	char path[PATH_IN_SYSFS_MAX];
	const struct dirent *entry;
	int result = 0;

	if (!dir) {
		close(folder);
		return -1;
	}
	while (!result && (errno = 0, entry = readdir(dir))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		snprintf(path, sizeof(path), "%.32s/ifindex", entry->d_name);
		result = take(context, read_ifindex(folder, path));
	}
	if (!result && errno)
		result = take(context, 0);
	closedir(dir);
	return result;
}
