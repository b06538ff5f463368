// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mountinfo.h"
#include "namespace_holders.h"
#include "netlink.h"

/* The inode of the first PID namespace; the kernel has never given it another number. */
#define HOST_PID_NAMESPACE 0xeffffffcu

#define HOLDER_MAX (PATH_MAX + 64)

/* The mounts that a process sees. */
struct mounts {
	ino_t namespace, root;
	dev_t root_device;
};

struct search {
	struct namespaces *namespaces;
	struct mounts *mounts; /* those that have been examined */
	size_t mounts_count;
	dev_t nsfs; /* the device of all namespaces' files */
	dev_t own_root;
	const char *pid;
	int process;  /* /proc/PID */
	int pidfd;    /* the same, for pidfd_getfd(2); -1: not yet opened */
	bool refused; /* this process has been counted */
};

/*
 * Count a process of which something may not be examined; one that no longer exists is not counted.
 */
static int refuse(struct search *search, int error)
{
	char name[64];

	if (error == ENOENT || error == ESRCH || error == ENOTDIR || search->refused)
		return 0;
	search->refused = true;
	snprintf(name, sizeof(name), "pid:%s", search->pid);
	return namespaces_unseen(search->namespaces, UNSEEN_PROCESSES, name, error);
}

/* Takes @fd; @error if that is -1. */
static int take(struct search *search, int fd, int error, const char *name)
{
	return fd < 0 ? refuse(search, error) : namespaces_add(search->namespaces, fd, name);
}

/*
 * The file may be on a tenant's server that does not answer, such as FUSE's, and must not be waited
 * for. Attributes from a server may be stale, but a namespace's never are.
 */
static int look_without_waiting(int at, const char *path, dev_t *device, ino_t *inode)
{
	struct statx status;

	if (statx(at, path, AT_STATX_DONT_SYNC | (*path ? 0 : AT_EMPTY_PATH), STATX_INO, &status))
		return -1;
	*device = makedev(status.stx_dev_major, status.stx_dev_minor);
	*inode = status.stx_ino;
	return 0;
}

/*
 * Takes @at, opened with O_PATH: its owner may have put anything there, and opening a device may do
 * something. -1 and ENOENT: it is not a namespace.
 */
static int open_namespace(const struct search *search, int at)
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

/* Look at the file of a namespace in /proc/PID; the namespace may be known already. */
static int look_at_file(struct search *search, const char *path, const char *name)
{
	dev_t device;
	ino_t inode;
	int at, fd;

	if (look_without_waiting(search->process, path, &device, &inode))
		return refuse(search, errno);
	if (device == search->nsfs && namespaces_by_inode(search->namespaces, inode))
		return 0;
	at = openat(search->process, path, O_PATH | O_CLOEXEC);
	if (at < 0)
		return refuse(search, errno);
	fd = open_namespace(search, at);
	return take(search, fd, errno, name);
}

static bool is_number(const char *name)
{
	return *name >= '0' && *name <= '9';
}

typedef int (*visitor)(struct search *search, const char *name);

/* Call the function for each entry of a folder in /proc/PID whose name is a number. */
static int visit(struct search *search, const char *folder, visitor visitor)
{
	const int fd = openat(search->process, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int result = 0;

	if (!dir) {
		result = refuse(search, errno);
		if (fd >= 0)
			close(fd);
		return result;
	}
	while (!result && (entry = readdir(dir))) {
		if (is_number(entry->d_name))
			result = visitor(search, entry->d_name);
	}
	closedir(dir);
	return result;
}

static int visit_thread(struct search *search, const char *tid)
{
	char path[64], name[64];

	snprintf(path, sizeof(path), "task/%.20s/ns/net", tid);
	snprintf(name, sizeof(name), "pid:%.20s/tid:%.20s", search->pid, tid);
	return strcmp(tid, search->pid) ? look_at_file(search, path, name) : 0;
}

/*
 * A socket belongs to its namespace as long as it is open, even if its process has moved since.
 */
static int look_at_socket(struct search *search, const char *fd, const char *name)
{
	int copy, netns = -1, error;

	if (search->pidfd < 0)
		search->pidfd = (int)syscall(SYS_pidfd_open, atoi(search->pid), 0);
	if (search->pidfd < 0)
		return refuse(search, errno);
	copy = (int)syscall(SYS_pidfd_getfd, search->pidfd, atoi(fd), 0);
	if (copy >= 0)
		netns = ioctl(copy, SIOCGSKNS);
	error = errno;
	if (copy >= 0)
		close(copy);
	/* The socket has been closed since, or another file has its number. */
	if (netns < 0 && (error == EBADF || error == ENOTTY))
		return 0;
	return take(search, netns, error, name);
}

/*
 * The link of a namespace's file that was opened by its path, such as that of ip netns, is this
 * path.
 */
static bool is_namespace_file(const struct search *search, const char *path)
{
	dev_t device;
	ino_t inode;

	return !look_without_waiting(search->process, path, &device, &inode) &&
	       device == search->nsfs;
}

static bool begins_with(const char *text, const char *beginning)
{
	return !strncmp(text, beginning, strlen(beginning));
}

static int visit_descriptor(struct search *search, const char *fd)
{
	char path[64], name[64], target[16] = "";

	snprintf(path, sizeof(path), "fd/%.20s", fd);
	snprintf(name, sizeof(name), "pid:%.20s/fd:%.20s", search->pid, fd);
	if (readlinkat(search->process, path, target, sizeof(target) - 1) < 0)
		return refuse(search, errno);
	/* After the first refusal, every other socket of the process would be refused as well. */
	if (begins_with(target, "socket:["))
		return search->refused ? 0 : look_at_socket(search, fd, name);
	if (begins_with(target, "net:[") || (*target == '/' && is_namespace_file(search, path)))
		return look_at_file(search, path, name);
	return 0;
}

static int open_component(const struct search *search, int at, const char *name)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_CACHED };
	int fd = (int)syscall(SYS_openat2, at, name, &how, sizeof(how));
	dev_t device;
	ino_t inode;

	if (fd >= 0 || errno != EAGAIN)
		return fd;
	if (look_without_waiting(at, "", &device, &inode) || device != search->own_root) {
		errno = EAGAIN;
		return -1;
	}
	how.resolve &= ~(uint64_t)RESOLVE_CACHED;
	return (int)syscall(SYS_openat2, at, name, &how, sizeof(how));
}

/*
 * Open the path within the process's root, without following links; changes @path. What leads to a
 * mount is cached, but a server may have to confirm it. The server of this process's own root is
 * waited for, and no other: EAGAIN.
 */
static int open_mounted(const struct search *search, char *path)
{
	int at = openat(search->process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
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
	return at < 0 ? -1 : open_namespace(search, at);
}

static int look_at_mount(struct search *search, char *path, uint64_t inode)
{
	char name[HOLDER_MAX], text[SAFE_NAME_MAX];
	int fd, error;

	if (namespaces_by_inode(search->namespaces, inode))
		return 0;
	snprintf(name, sizeof(name), "pid:%.20s/mount:%s", search->pid, path);
	fd = open_mounted(search, path);
	error = errno;
	if (fd >= 0 && netlink_netns_inode(fd) == inode)
		return namespaces_add(search->namespaces, fd, name);
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
	int result = 0;

	while (!result && getline(&line, &size, file) >= 0) {
		uint64_t inode;

		if (!mountinfo_parse(line, &mount))
			continue;
		inode = mountinfo_netns(&mount);
		if (inode)
			result = look_at_mount(search, mount.path, inode);
		else if (!strcmp(mount.path, "/proc") && atoi(search->pid) == getpid())
			result = look_at_proc(search, mount.rest);
	}
	free(line);
	return result;
}

/* *known is set if another process sees the same mounts and they have been examined. */
static int are_mounts_known(struct search *search, bool *known)
{
	struct mounts found, *mounts;
	dev_t nsfs;

	*known = true;
	if (look_without_waiting(search->process, "ns/mnt", &nsfs, &found.namespace) ||
	    look_without_waiting(search->process, "root", &found.root_device, &found.root))
		return refuse(search, errno);
	for (size_t i = 0; i < search->mounts_count; i++) {
		mounts = &search->mounts[i];
		if (mounts->namespace == found.namespace && mounts->root == found.root &&
		    mounts->root_device == found.root_device)
			return 0;
	}
	mounts = reallocarray(search->mounts, search->mounts_count + 1, sizeof(*mounts));
	if (!mounts)
		return -1;
	search->mounts = mounts;
	mounts[search->mounts_count++] = found;
	*known = false;
	return 0;
}

static int look_at_mounts(struct search *search)
{
	FILE *file = NULL;
	bool known;
	int fd, result;

	result = are_mounts_known(search, &known);
	if (result || known)
		return result;
	fd = openat(search->process, "mountinfo", O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		file = fdopen(fd, "r");
	if (!file) {
		result = refuse(search, errno);
		if (fd >= 0)
			close(fd);
		return result;
	}
	result = read_mounts(search, file);
	fclose(file);
	return result;
}

static int look_at_process(struct search *search, enum namespaces_extent extent)
{
	char name[64];
	int result;

	snprintf(name, sizeof(name), "pid:%.20s", search->pid);
	result = look_at_file(search, "ns/net", name);
	if (result || search->refused || extent != NAMESPACES_ALL)
		return result;
	result = visit(search, "task", visit_thread);
	/* What is found first gives the name, and a mount lasts longer than a descriptor. */
	if (!result)
		result = look_at_mounts(search);
	if (!result)
		result = visit(search, "fd", visit_descriptor);
	return result;
}

static int look_at_each(struct search *search, DIR *dir, enum namespaces_extent extent)
{
	const struct dirent *entry;
	int result = 0;

	while (!result && (entry = readdir(dir))) {
		if (!is_number(entry->d_name))
			continue;
		search->pid = entry->d_name;
		search->refused = false;
		search->pidfd = -1;
		search->process =
			openat(dirfd(dir), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (search->process < 0) {
			result = refuse(search, errno);
			continue;
		}
		result = look_at_process(search, extent);
		close(search->process);
		if (search->pidfd >= 0)
			close(search->pidfd);
	}
	return result;
}

bool namespace_holders_is_host_pid(void)
{
	struct stat own;

	return !stat("/proc/self/ns/pid", &own) && own.st_ino == HOST_PID_NAMESPACE;
}

int namespace_holders_processes(struct namespaces *namespaces, enum namespaces_extent extent)
{
	struct search search = { .namespaces = namespaces };
	DIR *dir = opendir("/proc");
	struct stat own, root;
	int result;

	if (!dir || stat("/proc/self/ns/net", &own) || stat("/", &root)) {
		result = namespaces_unseen(namespaces, UNSEEN_HIDDEN, "without /proc", errno);
	} else {
		search.nsfs = own.st_dev;
		search.own_root = root.st_dev;
		result = namespace_holders_is_host_pid() ?
				 0 :
				 namespaces_unseen(namespaces, UNSEEN_HIDDEN,
						   "outside this PID namespace", 0);
		if (!result)
			result = look_at_each(&search, dir, extent);
	}
	if (dir)
		closedir(dir);
	free(search.mounts);
	return result;
}

/* The folder may contain anything: ip netns leaves an empty file when it is killed. */
static int look_at_name(struct namespaces *namespaces, int folder, const char *name, bool add)
{
	char *copy, text[SAFE_NAME_MAX];
	struct namespace *known;
	uint64_t inode;
	int fd;

	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return add ? namespaces_unseen(namespaces, UNSEEN_NAMES, safe_name(name, text),
					       errno) :
			     0;
	inode = netlink_netns_inode(fd);
	if (!inode) {
		close(fd);
		return add ? namespaces_unseen(namespaces, NOT_NAMESPACES, safe_name(name, text),
					       0) :
			     0;
	}
	known = namespaces_by_inode(namespaces, inode);
	if (!known && add)
		return namespaces_add(namespaces, fd, name);
	close(fd);
	if (!known)
		return 0;
	copy = strdup(safe_name(name, text));
	if (!copy)
		return -1;
	free(known->name);
	known->name = copy;
	return 0;
}

int namespace_holders_named(struct namespaces *namespaces, bool add)
{
	DIR *dir = opendir(NETNS_FOLDER);
	const struct dirent *entry;
	int result = 0;

	if (!dir)
		return errno == ENOENT || !add ? 0 :
						 namespaces_unseen(namespaces, UNSEEN_NAMES,
								   "in " NETNS_FOLDER, errno);
	while (!result && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			result = look_at_name(namespaces, dirfd(dir), entry->d_name, add);
	}
	closedir(dir);
	return result;
}
