// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Whoever gives out netdevs has limited time, and whoever waits knows whom for. The lock is held by
 * somebody else here, a second passes with each wait, and timers run a thousand times as fast.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "attachment_record.h"

static struct {
	int file; /* the lock's */
	int waits, most; /* how often flock() is interrupted */
	int turns; /* after so many waits, another process has it; 0: never */
	time_t now;
	bool fast;
} lock;

int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_open(const char *path, int flags, ...);
int __wrap_flock(int fd, int operation);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __real_setitimer(int which, const struct itimerval *timer, struct itimerval *before);
int __wrap_setitimer(int which, const struct itimerval *timer, struct itimerval *before);

int __wrap_mkdir(const char *path, mode_t mode)
{
	(void)path, (void)mode;
	errno = EEXIST;
	return -1;
}

int __wrap_open(const char *path, int flags, ...)
{
	(void)flags;
	assert_string_equal(path, RECORDS_FOLDER "/lock");
	return dup(lock.file);
}

static void write_holder(int pid)
{
	char text[16];
	const int length = snprintf(text, sizeof(text), "%d\n", pid);

	assert_int_equal(ftruncate(lock.file, 0), 0);
	assert_int_equal(pwrite(lock.file, text, (size_t)length, 0), length);
}

int __wrap_flock(int fd, int operation)
{
	(void)fd;
	assert_int_equal(operation, LOCK_EX);
	if (lock.waits == lock.most)
		return 0;
	lock.waits++;
	lock.now++;
	if (lock.turns && !(lock.waits % lock.turns))
		write_holder(100 + lock.waits);
	errno = EINTR;
	return -1;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	*now = (struct timespec){ .tv_sec = lock.now };
	return 0;
}

int __wrap_setitimer(int which, const struct itimerval *timer, struct itimerval *before)
{
	struct itimerval short_timer = *timer;

	if (!lock.fast)
		return 0;
	short_timer.it_value = (struct timeval){ .tv_sec = timer->it_value.tv_sec / 1000,
						 .tv_usec = timer->it_value.tv_sec % 1000 * 1000 };
	return __real_setitimer(which, &short_timer, before);
}

static int set_up(void **state)
{
	(void)state;
	memset(&lock, 0, sizeof(lock));
	lock.file = memfd_create("lock", MFD_CLOEXEC);
	assert_true(lock.file >= 0);
	write_holder(100);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return close(lock.file);
}

static void test_others(void **state)
{
	struct problem problem;
	char text[16] = "";
	int fd;

	(void)state;
	lock.most = RECORDS_WAIT_SECONDS - 1;
	lock.turns = RECORDS_HOLDER_SECONDS - 10;
	fd = records_lock("do this", &problem);
	assert_true(fd >= 0);
	assert_true(pread(lock.file, text, sizeof(text) - 1, 0) > 0);
	assert_int_equal(atoi(text), getpid());
	records_unlock(fd);
}

static void test_one_that_hangs(void **state)
{
	struct problem problem = { 0 };
	char text[128];

	(void)state;
	lock.most = 1000;
	assert_int_equal(records_lock("do this", &problem), -1);
	assert_int_equal(lock.waits, RECORDS_HOLDER_SECONDS);
	assert_int_equal(problem.kind, PROBLEM_BUSY);
	snprintf(text, sizeof(text), "process 100 has kept " RECORDS_FOLDER "/lock for %d s",
		 RECORDS_HOLDER_SECONDS);
	assert_non_null(strstr(problem.text, text));
	assert_non_null(strstr(problem.text, "end it, then do this"));
}

static void test_many(void **state)
{
	struct problem problem = { 0 };

	(void)state;
	lock.most = 1000;
	lock.turns = 20;
	assert_int_equal(records_lock("do this", &problem), -1);
	assert_int_equal(lock.waits, RECORDS_WAIT_SECONDS);
	assert_int_equal(problem.kind, PROBLEM_BUSY);
	assert_non_null(strstr(problem.text, "one after the other: do this"));
}

/* As if /run were full. There may be several, and nobody is to be ended. */
static void test_unknown(void **state)
{
	struct problem problem = { 0 };

	(void)state;
	lock.most = 1000;
	assert_int_equal(ftruncate(lock.file, 0), 0);
	assert_int_equal(records_lock("do this", &problem), -1);
	assert_int_equal(lock.waits, RECORDS_WAIT_SECONDS);
	assert_int_equal(problem.kind, PROBLEM_BUSY);
	assert_null(strstr(problem.text, "end it"));
	assert_non_null(strstr(problem.text, "; do this"));
}

/* Returns how a process ended that has the lock and never gets on, whatever its parent has done. */
static int status_of_one_that_hangs(bool unlock)
{
	struct problem problem;
	sigset_t set;
	int status, fd;
	pid_t pid;

	lock.fast = true;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		sigemptyset(&set);
		sigaddset(&set, SIGALRM);
		sigprocmask(SIG_BLOCK, &set, NULL);
		signal(SIGALRM, SIG_IGN);
		fd = records_lock("do this", &problem);
		if (unlock)
			records_unlock(fd);
		/* Longer than RECORDS_RUN_SECONDS of these short ones. */
		usleep(600000);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_alarm(void **state)
{
	const int status = status_of_one_that_hangs(false);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGALRM);
	assert_int_equal(status_of_one_that_hangs(true), 0);
}

/* Lines may end anywhere. */
static void read_file(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t length;

	assert_non_null(file);
	length = fread(text, 1, size, file);
	fclose(file);
	assert_true(length && length < size);
	text[length] = '\0';
	for (char *c = text; *c; c++)
		*c = *c == '\n' ? ' ' : *c;
}

/* The runtime gives the hook time to wait and to run, and the pages say so. */
static void test_told(void **state)
{
	static char text[64 << 10];
	const char *found;
	char words[64];
	int timeout;

	(void)state;
	read_file(TREE "/librdmacm/command/rdma-ns-hook.json", text, sizeof(text));
	found = strstr(text, "\"timeout\": ");
	assert_non_null(found);
	timeout = atoi(found + strlen("\"timeout\": "));
	assert_true(timeout > RECORDS_WAIT_SECONDS + RECORDS_RUN_SECONDS);
	read_file(TREE "/man/rdma-ns-hook.8.md", text, sizeof(text));
	snprintf(words, sizeof(words), "The others wait, up to %d seconds", RECORDS_WAIT_SECONDS);
	assert_non_null(strstr(text, words));
	snprintf(words, sizeof(words), "after %d seconds **SIGALRM**", RECORDS_RUN_SECONDS);
	assert_non_null(strstr(text, words));
	snprintf(words, sizeof(words), "allows %d seconds, *timeout*", timeout);
	assert_non_null(strstr(text, words));
	read_file(TREE "/docs/containers.md", text, sizeof(text));
	snprintf(words, sizeof(words), "starting or ending for %d s ", RECORDS_WAIT_SECONDS);
	assert_non_null(strstr(text, words));
}

static void test_delay(void **state)
{
	static const uint64_t waits[] = { 60, 60, 120, 240, 480, 960, 1920, 3600, 3600 };
	struct record_delay delay = { 0 };
	uint64_t now = 5000;

	(void)state;
	assert_false(delay_is_long(&delay));
	assert_int_equal(delay_left(&delay, now), 0);
	delay_failed(&delay, now);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(delay_left(&delay, now + waits[i] - 1), 1);
		assert_int_equal(delay_left(&delay, now), waits[i]);
		assert_int_equal(delay_is_long(&delay), i > 0);
		now += waits[i];
		assert_int_equal(delay_left(&delay, now), 0);
		delay_failed(&delay, now);
	}
	/* Whatever is in the file, it is looked for in the end. */
	delay = (struct record_delay){ .first = now + 1, .latest = now };
	assert_int_equal(delay_left(&delay, now), 0);
	delay = (struct record_delay){ .first = 1, .latest = UINT64_MAX };
	assert_int_equal(delay_left(&delay, now), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_others, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_that_hangs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unknown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_alarm, set_up, tear_down),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
