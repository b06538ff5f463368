// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Whether a container exists, as the path of its network namespace tells. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "attachment_record.h"

static char folder[] = "/tmp/rdma-ns-live.XXXXXX", link_path[64];

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(link_path, sizeof(link_path), "%s/link", folder);
	return 0;
}

static void link_to(const char *target)
{
	unlink(link_path);
	assert_int_equal(symlink(target, link_path), 0);
}

static int tear_down(void **state)
{
	(void)state;
	unlink(link_path);
	return rmdir(folder);
}

/* Only root sees what the first process sees; to others, all that it might have is there. */
static bool sees_the_host(void)
{
	const int fd = open("/proc/1/root/", O_PATH | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static uint64_t own_inode(void)
{
	struct stat status;

	assert_int_equal(stat("/proc/self/ns/net", &status), 0);
	return status.st_ino;
}

static void check_path(const char *path)
{
	struct record record = { .netns = own_inode() };

	strcpy(record.path, path);
	assert_true(record_is_live(&record));
	if (!sees_the_host())
		skip();
	/* Its process has ended, and another one has its PID. */
	record.netns++;
	assert_false(record_is_live(&record));
}

static void test_link(void **state)
{
	char target[64];

	(void)state;
	snprintf(target, sizeof(target), "/proc/%d/ns/net", getpid());
	link_to(target);
	check_path(link_path);
}

static void test_thread(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/net", getpid(), getpid());
	check_path(path);
}

static void test_nothing_there(void **state)
{
	struct record record = { .netns = own_inode() };

	(void)state;
	if (!sees_the_host())
		skip();
	snprintf(record.path, sizeof(record.path), "%s/nothing", folder);
	assert_false(record_is_live(&record));
	/* What cannot be followed to its end may be there. */
	link_to(link_path);
	strcpy(record.path, link_path);
	assert_true(record_is_live(&record));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_thread),
		cmocka_unit_test(test_nothing_there),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
