// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cancel.h"
#include "descriptor.h"
#include "fork_lock.h"
#include "log.h"
#include "report.h"

#define KEPT_FD_MIN 100 /* high, because programs may expect low numbers to be free */

/* Programs close descriptors that they do not know, and then reuse the numbers. */
struct identity {
	bool known;
	dev_t device;
	ino_t inode;
};

static struct {
	const char *file;
	bool json;
	bool to_stderr;
	struct identity standard_error;
	/* the file, which may not be accessible after privileges are dropped; -1: none */
	int kept_fd;
	struct identity kept;
} sink = { .kept_fd = -1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int tokens = LOG_BURST;
static unsigned long left_out;
static struct timespec refilled;
static bool complained;

static struct identity identify(int fd)
{
	struct identity identity = { 0 };
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		return identity;
	identity.known = true;
	identity.device = status.st_dev;
	identity.inode = status.st_ino;
	return identity;
}

static bool is_still(int fd, const struct identity *before)
{
	const struct identity now = identify(fd);

	return now.known && before->known && now.device == before->device &&
	       now.inode == before->inode;
}

static int open_file(void)
{
	/*
	 * A FIFO that nobody reads is an error, and a full FIFO loses lines, so that the program
	 * never waits.
	 */
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	return descriptor_keep(open(sink.file, flags, 0644));
}

static void keep_open(void)
{
	const int fd = open_file();
	struct stat status;

	if (fd < 0)
		return;
	/* If a FIFO were kept open, its reader would never see its end. */
	if (!fstat(fd, &status) && S_ISREG(status.st_mode)) {
		sink.kept_fd = fcntl(fd, F_DUPFD_CLOEXEC, KEPT_FD_MIN);
		sink.kept = identify(sink.kept_fd);
	}
	close(fd);
}

/* Write without SIGPIPE and without waiting. Returns -1 and sets errno on error. */
static int write_now(int fd, const char *text, size_t length)
{
	struct pollfd writable = { .fd = fd, .events = POLLOUT };
	const struct timespec at_once = { 0 };
	sigset_t pipe_signal, before, pending;
	bool was_pending;
	ssize_t written;
	int error = 0;

	if (poll(&writable, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE);
	/* A line is written at once, so that lines of several processes do not mix. */
	written = write(fd, text, length);
	if (written < 0)
		error = errno;
	else if ((size_t)written != length)
		error = ENOSPC;
	if (error == EPIPE && !was_pending)
		sigtimedwait(&pipe_signal, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return error ? -1 : 0;
}

static void complain(const char *what, const char *name, const char *why)
{
	char text[512];
	int length;

	if (!is_still(STDERR_FILENO, &sink.standard_error))
		return;
	length = snprintf(text, sizeof(text), "librdma-ns-preload: %s '%s': %s\n", what, name, why);
	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	write_now(STDERR_FILENO, text, (size_t)length);
}

void log_complain(const char *what, const char *name, const char *why)
{
	const int error = errno;

	complain(what, name, why);
	errno = error;
}

bool log_begin(const char *file, bool json)
{
	fork_lock(&lock);
	sink.standard_error = identify(STDERR_FILENO);
	sink.json = json;
	if (!file)
		return false;
	sink.file = strdup(file);
	if (!sink.file) {
		complain("cannot write to RDMA_NS_LOG", file, strerror(errno));
		return false;
	}
	sink.to_stderr = !strcmp(file, "-");
	clock_gettime(CLOCK_MONOTONIC, &refilled);
	if (!sink.to_stderr)
		keep_open();
	return true;
}

static int write_line(const char *line, size_t length)
{
	int fd, status, error;

	if (sink.to_stderr) {
		/* The program may have put a file of its own there since. */
		errno = EBADF;
		return is_still(STDERR_FILENO, &sink.standard_error) ?
			       write_now(STDERR_FILENO, line, length) :
			       -1;
	}
	/* The file is opened for each line because it may have been rotated. */
	fd = open_file();
	if (fd < 0) {
		error = errno;
		if (is_still(sink.kept_fd, &sink.kept))
			return write_now(sink.kept_fd, line, length);
		errno = error;
		return -1;
	}
	status = write_now(fd, line, length);
	error = errno;
	close(fd);
	errno = error;
	return status;
}

/* Returns false if this line would exceed the limit. */
static bool take_token(void)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (now.tv_sec - refilled.tv_sec) * INT64_C(1000) +
	     (now.tv_nsec - refilled.tv_nsec) / 1000000;
	if (ms * LOG_PER_SECOND >= 1000) {
		const int64_t more = ms * LOG_PER_SECOND / 1000;

		tokens = more < LOG_BURST - (int64_t)tokens ? tokens + (unsigned int)more :
							      LOG_BURST;
		refilled = now;
	}
	if (!tokens)
		return false;
	tokens--;
	return true;
}

static void tell_left_out(const struct report_source *source)
{
	char line[REPORT_MAX];

	if (!write_line(line, report_left_out(source, left_out, sink.json, line)))
		left_out = 0;
}

void log_observation(const struct rdma_ns_observation *observation, void *context)
{
	struct report_source source = { .pid = getpid() };
	const int error = errno, cancel = cancel_hold();
	char line[REPORT_MAX];
	size_t length;

	(void)context;
	clock_gettime(CLOCK_REALTIME, &source.time);
	length = report_line(&source, observation, sink.json, line);
	pthread_mutex_lock(&lock);
	if (!take_token()) {
		left_out++;
	} else {
		if (left_out)
			tell_left_out(&source);
		if (write_line(line, length)) {
			left_out++;
			if (!complained)
				complain("cannot write to RDMA_NS_LOG", sink.file, strerror(errno));
			complained = true;
		}
	}
	pthread_mutex_unlock(&lock);
	errno = error;
	cancel_restore(cancel);
}
