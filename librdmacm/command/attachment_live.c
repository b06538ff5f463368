// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "attachment_record.h"

#define LINKS_MAX 8

static pid_t pid_of(const char *path)
{
	char rest[16];
	pid_t pid;

	return sscanf(path, "/proc/%d/%15s", &pid, rest) == 2 && !strcmp(rest, "ns/net") ? pid : 0;
}

bool record_parse_stat(const char *text, uint64_t *start, bool *ended)
{
	/* The process may have any name, which is in brackets. */
	const char *end = strrchr(text, ')');
	uint64_t threads;
	char state;

	if (!end ||
	    sscanf(end + 1,
		   " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %" SCNu64
		   " %*d %" SCNu64,
		   &state, &threads, start) != 3)
		return false;
	/* Others may go on when the first thread has ended. */
	*ended = (state == 'Z' || state == 'X') && threads < 2;
	return true;
}

/* Returns -1 and errno. */
static int read_process(pid_t pid, uint64_t *start, bool *ended)
{
	char path[64], text[1024];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length < 0)
		return -1;
	text[length] = '\0';
	errno = EINVAL;
	return record_parse_stat(text, start, ended) ? 0 : -1;
}

uint64_t record_start_of(const char *path)
{
	const pid_t pid = pid_of(path);
	uint64_t start;
	bool ended;

	return pid && !read_process(pid, &start, &ended) ? start : 0;
}

static bool has_gone(int error)
{
	return error == ENOENT || error == ESRCH || error == ENOTDIR;
}

/* Is this the descriptor of the record's namespace? What cannot be seen may be. Closes it. */
static bool may_be(const struct record *record, int fd)
{
	struct statfs filesystem;
	struct stat status;
	bool result = true;

	if (fd < 0)
		return !has_gone(errno);
	if (!fstat(fd, &status) && !fstatfs(fd, &filesystem))
		result = filesystem.f_type == NSFS_MAGIC && status.st_ino == record->netns;
	close(fd);
	return result;
}

static int open_in(int root, const char *path, int flags)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC | (uint64_t)flags,
				      .resolve = RESOLVE_IN_ROOT };

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/*
 * A link such as /proc/PID/ns/net, or one to it, is not followed below a root, since it may lead
 * anywhere. What it says is where it leads.
 */
static bool may_be_linked(const struct record *record, int root, const char *path)
{
	char target[PATH_MAX];
	uint64_t inode;
	ssize_t length;
	int fd, error;

	for (int i = 0; i < LINKS_MAX; i++) {
		fd = open_in(root, path, O_NOFOLLOW);
		if (fd < 0)
			return !has_gone(errno);
		length = readlinkat(fd, "", target, sizeof(target));
		error = errno;
		close(fd);
		if (length < 0)
			return !has_gone(error);
		if ((size_t)length >= sizeof(target))
			return true;
		target[length] = '\0';
		if (sscanf(target, "net:[%" SCNu64 "]", &inode) == 1)
			return inode == record->netns;
		if (*target != '/')
			return true;
		path = target;
	}
	return true;
}

/*
 * A private mount namespace does not see what was mounted on the host later. An absolute link on
 * the way, as /var/run may be, must not lead back to it.
 */
static bool may_be_on_host(const struct record *record)
{
	const int root = open("/proc/1/root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool result;
	int fd;

	if (root < 0)
		return true;
	fd = open_in(root, record->path, 0);
	result = fd < 0 && errno == EXDEV ? may_be_linked(record, root, record->path) :
					    may_be(record, fd);
	close(root);
	return result;
}

bool record_is_live(const struct record *record)
{
	const pid_t pid = record->start ? pid_of(record->path) : 0;
	uint64_t start;
	bool ended;

	if (pid)
		return read_process(pid, &start, &ended) ? !has_gone(errno) :
							   start == record->start && !ended;
	return may_be(record, open(record->path, O_PATH | O_CLOEXEC)) || may_be_on_host(record);
}
