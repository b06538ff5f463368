// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netdev_sysfs.h"

#define PATH_IN_SYSFS_MAX 64

static void path_of(const char *name, char path[PATH_IN_SYSFS_MAX])
{
	snprintf(path, PATH_IN_SYSFS_MAX, "class/net/%s", name);
}

/*
 * sysfs numbers its folders in the order in which they are created. A netdev's number does not
 * change when the netdev is renamed or moved to another namespace.
 */
uint64_t netdev_sysfs_created(int root, const char *name)
{
	char path[PATH_IN_SYSFS_MAX];
	struct stat status;

	path_of(name, path);
	return root < 0 || fstatat(root, path, &status, 0) ? 0 : status.st_ino;
}

int netdev_sysfs_uppers(int root, const char *name, int (*take)(void *context, const char *upper),
			void *context)
{
	static const char prefix[] = "upper_";
	const struct dirent *entry;
	char path[PATH_IN_SYSFS_MAX];
	int fd, result = 0;
	DIR *dir;

	path_of(name, path);
	fd = root < 0 ? -1 : openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -1;
	}
	while (!result && (entry = readdir(dir))) {
		if (!strncmp(entry->d_name, prefix, strlen(prefix)))
			result = take(context, entry->d_name + strlen(prefix));
	}
	closedir(dir);
	return result;
}
