// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "namespaces.h"

static struct namespace *find(const struct namespaces *namespaces, uint64_t inode)
{
	for (size_t i = 0; i < namespaces->count; i++) {
		if (namespaces->list[i].inode == inode)
			return &namespaces->list[i];
	}
	return NULL;
}

/* Takes the file; 0 also if the namespace is known already, or gone. */
static int add(struct namespaces *namespaces, int fd, const char *name)
{
	struct namespace *list;
	struct stat status;

	if (fd < 0)
		return 0;
	if (fstat(fd, &status) || find(namespaces, status.st_ino)) {
		close(fd);
		return 0;
	}
	if (namespaces->count == namespaces->room) {
		size_t room = namespaces->room ? 2 * namespaces->room : 16;

		list = reallocarray(namespaces->list, room, sizeof(*list));
		if (!list) {
			close(fd);
			return -1;
		}
		namespaces->list = list;
		namespaces->room = room;
	}
	list = &namespaces->list[namespaces->count++];
	list->inode = status.st_ino;
	list->fd = fd;
	snprintf(list->name, sizeof(list->name), "%s", name);
	return 0;
}

static int add_named(struct namespaces *namespaces, bool all)
{
	DIR *dir = opendir(NETNS_FOLDER);
	const struct dirent *entry;
	int result = 0;

	while (dir && !result && (entry = readdir(dir))) {
		struct namespace *known;
		struct stat status;
		char name[TEXT_MAX];

		if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &status, 0))
			continue;
		safe_name(entry->d_name, name);
		known = find(namespaces, status.st_ino);
		if (known)
			snprintf(known->name, sizeof(known->name), "%s", name);
		else if (all)
			result = add(namespaces,
				     openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC), name);
	}
	if (dir)
		closedir(dir);
	return result;
}

static int add_process(struct namespaces *namespaces, int proc, const char *pid)
{
	char path[64], name[TEXT_MAX];
	struct stat status;
	int fd;

	snprintf(path, sizeof(path), "%.20s/ns/net", pid);
	if (fstatat(proc, path, &status, 0)) {
		namespaces->refused += errno == EACCES || errno == EPERM;
		return 0;
	}
	if (find(namespaces, status.st_ino))
		return 0;
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	snprintf(name, sizeof(name), "pid:%.20s", pid);
	return add(namespaces, fd, name);
}

static int add_processes(struct namespaces *namespaces)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	int result = 0;

	while (dir && !result && (entry = readdir(dir))) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			result = add_process(namespaces, dirfd(dir), entry->d_name);
	}
	if (dir)
		closedir(dir);
	return result;
}

/* Process 1's is the host's, in most cases. */
static void name_own(struct namespace *own)
{
	struct stat status;

	if (!stat("/proc/1/ns/net", &status) && status.st_ino == own->inode)
		snprintf(own->name, sizeof(own->name), "pid:1");
	else
		snprintf(own->name, sizeof(own->name), "pid:%d", getpid());
}

int namespaces_find(struct namespaces *namespaces, bool all)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	memset(namespaces, 0, sizeof(*namespaces));
	if (fd < 0)
		return -1;
	if (add(namespaces, fd, ""))
		return -1;
	name_own(&namespaces->list[0]);
	if (add_named(namespaces, all) || (all && add_processes(namespaces))) {
		namespaces_release(namespaces);
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

void namespaces_release(struct namespaces *namespaces)
{
	for (size_t i = 0; i < namespaces->count; i++)
		close(namespaces->list[i].fd);
	free(namespaces->list);
	memset(namespaces, 0, sizeof(*namespaces));
}

int namespaces_netdevs(struct namespaces *namespaces, struct rdma_ns_netdev ****lists)
{
	struct rdma_ns_netdev ***result = calloc(namespaces->count, sizeof(*result));

	if (!result)
		return failed("out of memory");
	for (size_t i = 0; i < namespaces->count; i++) {
		const struct namespace *namespace = &namespaces->list[i];

		if ((i ? rdma_ns_get_netdevs_in(namespace->fd, &result[i], sizeof(***result)) :
			 rdma_ns_get_netdevs(&result[i], sizeof(***result))) >= 0)
			continue;
		if (i && errno == EPERM) {
			namespaces->refused++;
			continue;
		}
		failed("cannot list the netdevs of namespace %s: %s", namespace->name, strerror(errno));
		namespaces_free_netdevs(namespaces, result);
		return STATUS_FAILED;
	}
	*lists = result;
	return STATUS_OK;
}

void namespaces_free_netdevs(const struct namespaces *namespaces, struct rdma_ns_netdev ***lists)
{
	for (size_t i = 0; i < namespaces->count; i++)
		rdma_ns_free_netdevs(lists[i]);
	free(lists);
}

bool namespaces_without_rdma(const char *command)
{
	struct rdma_ns_features features;

	if (rdma_ns_query_features(&features, sizeof(features)) || features.devices ||
	    features.netns_mode != RDMA_NS_NETNS_UNKNOWN)
		return false;
	failed("%s: this kernel has no RDMA: load ib_core and the driver of a device", command);
	return true;
}

void namespaces_tell(const struct namespaces *namespaces)
{
	if (namespaces->refused)
		failed("%zu processes' or namespaces' netdevs may not be listed by this user: run it as root",
		       namespaces->refused);
}
