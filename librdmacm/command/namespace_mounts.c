// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mountinfo.h"
#include "namespace_search.h"
#include "netlink.h"

#define HOLDER_MAX (PATH_MAX + 96)
#define READS_MAX 16

/* The mounts that a task sees. */
struct mounts {
	ino_t namespace, root;
	dev_t root_device;
};

static FILE *open_mountinfo(const struct search *search)
{
	const int fd = search_open(search, "mountinfo", O_RDONLY);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file && fd >= 0)
		close(fd);
	return file;
}

/*
 * Is the open folder on a filesystem without a server? statfs() would ask the server. While the
 * folder is open, no other mount can get its mount's number, hence the list is read again here.
 */
static bool is_local(struct search *search, int at)
{
	struct mountinfo mount;
	struct statx status;
	bool found = false;
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	if (search->mounts.reads >= READS_MAX ||
	    statx(at, "", AT_STATX_DONT_SYNC | AT_EMPTY_PATH, STATX_MNT_ID, &status) ||
	    !(status.stx_mask & STATX_MNT_ID))
		return false;
	search->mounts.reads++;
	file = open_mountinfo(search);
	if (!file)
		return false;
	while (!found && getline(&line, &size, file) >= 0)
		found = mountinfo_parse(line, &mount) && mount.id == status.stx_mnt_id;
	found = found && mountinfo_is_local(&mount);
	free(line);
	fclose(file);
	return found;
}

static bool may_wait_for(struct search *search, int at)
{
	dev_t device;
	ino_t inode;

	return (!look_without_waiting(at, "", &device, &inode) && device == search->own_root) ||
	       is_local(search, at);
}

static int open_component(struct search *search, int at, const char *name)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_CACHED };
	int fd = (int)syscall(SYS_openat2, at, name, &how, sizeof(how));

	if (fd >= 0 || errno != EAGAIN)
		return fd;
	if (!may_wait_for(search, at)) {
		errno = EAGAIN;
		return -1;
	}
	how.resolve &= ~(uint64_t)RESOLVE_CACHED;
	return (int)syscall(SYS_openat2, at, name, &how, sizeof(how));
}

/*
 * Open the path within the task's root, without following links; changes @path. What leads to a
 * mount is cached, but a server may have to confirm it. The server of this process's own root is
 * waited for, and no other: EAGAIN. ENOENT means that something covers the mount.
 */
static int open_mounted(struct search *search, char *path)
{
	int at = search_open(search, "root", O_PATH | O_DIRECTORY);
	char *rest = path, *name;

	while (at >= 0 && (name = strsep(&rest, "/"))) {
		const int parent = at;
		int error;

		if (!*name)
			continue;
		at = open_component(search, parent, name);
		error = errno;
		close(parent);
		errno = error;
	}
	return at < 0 ? -1 : search_open_namespace(search, at);
}

static int look_at_mount(struct search *search, char *path, uint64_t inode)
{
	char name[HOLDER_MAX], text[SAFE_NAME_MAX];
	int fd, error;

	if (namespaces_by_inode(search->namespaces, inode))
		return 0;
	snprintf(name, sizeof(name), "%s/mount:%s", search->holder, path);
	fd = open_mounted(search, path);
	error = errno;
	if (fd >= 0 && netlink_netns_inode(fd) == inode)
		return search_add(search, fd, name);
	if (fd >= 0) {
		close(fd);
		error = ENOENT;
	}
	return namespaces_unseen(search->namespaces, UNSEEN_MOUNTS, safe_name(name, text), error);
}

/* Processes that hidepid hides from this user are not even counted. */
static int look_at_proc(struct search *search, const char *options)
{
	if (geteuid() &&
	    (strstr(options, "hidepid=2") || strstr(options, "hidepid=4") ||
	     strstr(options, "hidepid=invisible") || strstr(options, "hidepid=ptraceable")))
		return namespaces_unseen(search->namespaces, UNSEEN_HIDDEN,
					 "that /proc hides (hidepid)", 0);
	return 0;
}

static int read_mounts(struct search *search, FILE *file)
{
	struct mountinfo mount;
	char *line = NULL;
	size_t size = 0;
	bool late;
	int result = 0;

	while (!result && getline(&line, &size, file) >= 0) {
		uint64_t inode;

		result = search_late(search, &late);
		if (late)
			break;
		if (!mountinfo_parse(line, &mount))
			continue;
		inode = mountinfo_netns(&mount);
		if (inode)
			result = look_at_mount(search, mount.path, inode);
		else if (!strcmp(mount.path, "/proc") && search->tid == getpid())
			result = look_at_proc(search, mount.rest);
	}
	free(line);
	return result;
}

/* *known is set if another task sees the same mounts and they have been examined. */
static int are_mounts_known(struct search *search, bool *known)
{
	struct seen_mounts *seen = &search->mounts;
	struct mounts found, *mounts;
	dev_t nsfs;

	*known = true;
	if (search_look(search, "ns/mnt", &nsfs, &found.namespace) ||
	    search_look(search, "root", &found.root_device, &found.root))
		return search_refuse(search, errno);
	for (size_t i = 0; i < seen->count; i++) {
		mounts = &seen->list[i];
		if (mounts->namespace == found.namespace && mounts->root == found.root &&
		    mounts->root_device == found.root_device)
			return 0;
	}
	mounts = reallocarray(seen->list, seen->count + 1, sizeof(*mounts));
	if (!mounts)
		return -1;
	seen->list = mounts;
	mounts[seen->count++] = found;
	*known = false;
	return 0;
}

int namespace_mounts_look(struct search *search)
{
	FILE *file;
	bool known;
	int result;

	result = are_mounts_known(search, &known);
	if (result || known)
		return result;
	file = open_mountinfo(search);
	if (!file)
		return search_refuse(search, errno);
	search->mounts.reads = 0;
	result = read_mounts(search, file);
	fclose(file);
	return result;
}

void namespace_mounts_release(struct seen_mounts *seen)
{
	free(seen->list);
}
