// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "namespace_search.h"

#define PATH_IN_TASK_MAX 96

int search_refuse(struct search *search, int error)
{
	if (error == ENOENT || error == ESRCH || error == ENOTDIR || search->process->refused)
		return 0;
	search->process->refused = true;
	return namespaces_unseen(search->namespaces, UNSEEN_PROCESSES, search->holder, error);
}

static int count_late(struct search *search, int error)
{
	if (search->process->late)
		return 0;
	search->process->late = true;
	return namespaces_unseen(search->namespaces, UNSEEN_LATE, search->holder, error);
}

int search_stuck(struct search *search, int error)
{
	search->process->stuck = true;
	return count_late(search, error);
}

int search_late(struct search *search, bool *late)
{
	*late = namespaces_late(search->namespaces, SEARCH_SECONDS);
	return *late ? count_late(search, 0) : 0;
}

int look_without_waiting(int at, const char *path, dev_t *device, ino_t *inode)
{
	struct statx status;

	if (statx(at, path, AT_STATX_DONT_SYNC | (*path ? 0 : AT_EMPTY_PATH), STATX_INO, &status))
		return -1;
	*device = makedev(status.stx_dev_major, status.stx_dev_minor);
	*inode = status.stx_ino;
	return 0;
}

int search_look(const struct search *search, const char *path, dev_t *device, ino_t *inode)
{
	char text[PATH_IN_TASK_MAX];

	snprintf(text, sizeof(text), "%s%s", search->task, path);
	return look_without_waiting(search->folder, text, device, inode);
}

int search_open(const struct search *search, const char *path, int flags)
{
	char text[PATH_IN_TASK_MAX];

	snprintf(text, sizeof(text), "%s%s", search->task, path);
	return openat(search->folder, text, flags | O_CLOEXEC);
}

static bool is_number(const char *name)
{
	return *name >= '0' && *name <= '9';
}

int search_visit(struct search *search, const char *folder,
		 int (*visitor)(struct search *search, const char *name))
{
	const int fd = search_open(search, folder, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool late = false;
	int result = 0;

	if (!dir) {
		result = search_refuse(search, errno);
		if (fd >= 0)
			close(fd);
		return result;
	}
	while (!result && (entry = readdir(dir))) {
		if (!is_number(entry->d_name))
			continue;
		result = search_late(search, &late);
		if (late)
			break;
		result = visitor(search, entry->d_name);
	}
	closedir(dir);
	return result;
}

int search_open_namespace(const struct search *search, int at)
{
	int fd = -1, error = ENOENT;
	char path[64];
	dev_t device;
	ino_t inode;

	if (!look_without_waiting(at, "", &device, &inode) && device == search->nsfs) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", at);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		error = errno;
	}
	close(at);
	errno = error;
	return fd;
}

int search_look_at_file(struct search *search, const char *path, const char *name)
{
	dev_t device;
	ino_t inode;
	int at, fd;

	if (search_look(search, path, &device, &inode))
		return search_refuse(search, errno);
	if (device == search->nsfs && namespaces_by_inode(search->namespaces, inode))
		return 0;
	at = search_open(search, path, O_PATH);
	if (at < 0)
		return search_refuse(search, errno);
	fd = search_open_namespace(search, at);
	return search_take(search, fd, errno, name);
}

int search_take(struct search *search, int fd, int error, const char *name)
{
	return fd < 0 ? search_refuse(search, error) : search_add(search, fd, name);
}

int search_add(struct search *search, int fd, const char *name)
{
	struct namespaces *namespaces = search->namespaces;
	const size_t count = namespaces->count;

	if (namespaces_add(namespaces, fd, name))
		return -1;
	if (namespaces->count > count)
		search_lead(search, &namespaces->list[count]);
	return 0;
}

void search_lead(const struct search *search, struct namespace *namespace)
{
	if (!namespace->leader.pid)
		namespace_leader_read(&namespace->leader, search->process->pid, search->folder,
				      search->task);
}

bool search_is_leader_gone(const struct search *search)
{
	dev_t device;
	ino_t inode;

	return look_without_waiting(search->folder, "ns/mnt", &device, &inode) && errno == ENOENT;
}
