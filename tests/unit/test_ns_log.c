// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The preload's log in hostile surroundings: each test in a process of its own, which log_begin()
 * is for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"

static char folder[] = "/tmp/ns-log-XXXXXX";
static char file[64], other[64];

static void line(void)
{
	static const struct rdma_ns_exchange exchange;
	const struct rdma_ns_observation observation = {
		.size = sizeof(observation),
		.what = RDMA_NS_OBSERVED_FAILED,
		.exchange = &exchange,
	};

	log_observation(&observation, NULL);
}

/* In a child; its exit status, or 128 and the signal that ended it. */
static int run(void (*function)(void))
{
	const pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		alarm(10);
		function();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static size_t content(const char *path, char *text, size_t size)
{
	const int fd = open(path, O_RDONLY);
	ssize_t length = fd < 0 ? 0 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	return strlen(text);
}

static int setup(void **state)
{
	(void)state;
	unlink(file);
	unlink(other);
	return 0;
}

static void to_replaced_stderr(void)
{
	int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	log_begin("-", false);
	dup2(fd, STDERR_FILENO);
	line();
}

/* A program that has closed its standard error and opened a file of data there. */
static void test_stderr_that_is_data(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(run(to_replaced_stderr), 0);
	assert_int_equal(content(other, text, sizeof(text)), 0);
}

static void to_stderr(void)
{
	int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, STDERR_FILENO);
	log_begin("-", false);
	line();
}

static void test_stderr(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(run(to_stderr), 0);
	assert_true(content(other, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "active: connection to"));
}

static void to_broken_pipe(void)
{
	int ends[2];

	if (pipe(ends))
		_exit(2);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	close(ends[0]);
	signal(SIGPIPE, SIG_DFL);
	log_begin("-", false);
	line();
}

static void test_broken_pipe(void **state)
{
	(void)state;
	assert_int_equal(run(to_broken_pipe), 0);
}

static void to_full_pipe(void)
{
	char filler[4096] = { 0 };
	int ends[2];

	if (pipe(ends))
		_exit(2);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], filler, sizeof(filler)) > 0)
		;
	fcntl(ends[1], F_SETFL, 0);
	dup2(ends[1], STDERR_FILENO);
	log_begin("-", false);
	line();
}

static void test_full_pipe(void **state)
{
	(void)state;
	assert_int_equal(run(to_full_pipe), 0);
}

static void to_file(void)
{
	log_begin(file, false);
	line();
}

/* Nobody reads it, and nobody waits. */
static void test_fifo(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_int_equal(run(to_file), 0);
}

static void with_other_privileges(void)
{
	log_begin(file, false);
	if (chmod(folder, 0700) || seteuid(65534))
		_exit(2);
	line();
}

static void test_dropped_privileges(void **state)
{
	char text[512];

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(run(with_other_privileges), 0);
	assert_true(content(file, text, sizeof(text)) > 0);
}

/* The kept descriptor is another file today. */
static void with_closed_descriptors(void)
{
	log_begin(file, false);
	for (int fd = 3; fd < 300; fd++)
		close(fd);
	for (int fd = 0; fd < 300 && fd >= 0;)
		fd = open(other, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (chmod(folder, 0700) || seteuid(65534))
		_exit(2);
	line();
}

static void test_closed_descriptors(void **state)
{
	char text[256];

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(run(with_closed_descriptors), 0);
	assert_int_equal(content(other, text, sizeof(text)), 0);
}

static void rotated(void)
{
	log_begin(file, false);
	if (rename(file, other))
		_exit(2);
	line();
}

static void test_rotated(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(run(rotated), 0);
	assert_int_equal(content(other, text, sizeof(text)), 0);
	assert_true(content(file, text, sizeof(text)) > 0);
}

static void flood(void)
{
	log_begin(file, true);
	for (int i = 0; i < 5000; i++)
		line();
	usleep(50000);
	line();
}

static void test_flood(void **state)
{
	static char text[1 << 20];
	unsigned long lines = 0, left_out = 0;
	char *save, *at;

	(void)state;
	assert_int_equal(run(flood), 0);
	content(file, text, sizeof(text));
	for (at = strtok_r(text, "\n", &save); at; at = strtok_r(NULL, "\n", &save)) {
		const char *count = strstr(at, "\"event\":\"left out\",\"lines\":");

		if (count)
			left_out += strtoul(strrchr(count, ':') + 1, NULL, 10);
		else
			lines++;
	}
	assert_true(lines >= LOG_BURST && lines <= LOG_BURST + 10 * LOG_PER_SECOND);
	assert_int_equal(lines + left_out, 5001);
}

/* What the log opens is never a standard file of the program's. */
static void without_standard_files(void)
{
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	log_begin(file, false);
	line();
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			_exit(3);
	}
}

static void test_standard_files(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(run(without_standard_files), 0);
	assert_true(content(file, text, sizeof(text)) > 0);
}

/* As a program does that shows its state in ps(1). */
static void in_overwritten_environment(void)
{
	char name[sizeof(file)];

	memcpy(name, file, sizeof(name));
	log_begin(name, false);
	memcpy(name, other, sizeof(name));
	line();
}

static void test_overwritten_environment(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(run(in_overwritten_environment), 0);
	assert_int_equal(content(other, text, sizeof(text)), 0);
	assert_true(content(file, text, sizeof(text)) > 0);
}

static bool memory_is_left = true;

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
	if (memory_is_left)
		return __real_strdup(text);
	errno = ENOMEM;
	return NULL;
}

static void without_memory(void)
{
	dup2(open(other, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
	memory_is_left = false;
	if (log_begin(file, false))
		_exit(3);
}

static void test_no_memory(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(run(without_memory), 0);
	assert_true(content(other, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "cannot write to RDMA_NS_LOG"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stderr_that_is_data, setup),
		cmocka_unit_test_setup(test_stderr, setup),
		cmocka_unit_test_setup(test_broken_pipe, setup),
		cmocka_unit_test_setup(test_full_pipe, setup),
		cmocka_unit_test_setup(test_fifo, setup),
		cmocka_unit_test_setup(test_dropped_privileges, setup),
		cmocka_unit_test_setup(test_closed_descriptors, setup),
		cmocka_unit_test_setup(test_rotated, setup),
		cmocka_unit_test_setup(test_flood, setup),
		cmocka_unit_test_setup(test_standard_files, setup),
		cmocka_unit_test_setup(test_overwritten_environment, setup),
		cmocka_unit_test_setup(test_no_memory, setup),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	snprintf(file, sizeof(file), "%s/log", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(file);
	unlink(other);
	rmdir(folder);
	return failed;
}
