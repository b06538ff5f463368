// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A container's netdev that was found nowhere is known when it comes to the host, and no other one
 * is taken for it. The host has one child here, and the folder is another one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

#include "attachment_lost.h"

#define CREATED 0x100000007

static struct {
	char folder[32];
	struct ipoib_netdev child; /* of the host */
	int deleted, error;
} host;

static const struct ipoib_identity identity = {
	.parent = 2, .ifindex = 0x123456, .qpn = 77, .pkey = 0x8001, .created = CREATED
};

int __wrap_open(const char *path, int flags, ...);
DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
int __wrap_unlink(const char *path);
int __wrap_ipoib_find(int netns_fd, const struct ipoib_identity *wanted,
		      struct ipoib_netdev *found);
int __wrap_ipoib_delete(int netns_fd, const struct ipoib_netdev *netdev);

static const char *name_of(const char *path)
{
	assert_memory_equal(path, LOST_FOLDER "/", strlen(LOST_FOLDER "/"));
	return path + strlen(LOST_FOLDER "/");
}

static int folder_fd(void)
{
	const int fd = openat(AT_FDCWD, host.folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

int __wrap_open(const char *path, int flags, ...)
{
	const int folder = folder_fd();
	const int fd = openat(folder, name_of(path), flags, 0600);

	close(folder);
	return fd;
}

DIR *__wrap_opendir(const char *path)
{
	assert_string_equal(path, LOST_FOLDER);
	return __real_opendir(host.folder);
}

int __wrap_unlink(const char *path)
{
	const int folder = folder_fd();
	const int result = unlinkat(folder, name_of(path), 0);

	close(folder);
	return result;
}

int __wrap_ipoib_find(int netns_fd, const struct ipoib_identity *wanted, struct ipoib_netdev *found)
{
	assert_int_equal(netns_fd, -1);
	*found = host.child;
	return host.child.qpn == wanted->qpn;
}

int __wrap_ipoib_delete(int netns_fd, const struct ipoib_netdev *netdev)
{
	assert_int_equal(netns_fd, -1);
	assert_int_equal(netdev->ifindex, host.child.ifindex);
	errno = host.error;
	if (host.error)
		return -1;
	host.deleted++;
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	memset(&host, 0, sizeof(host));
	strcpy(host.folder, "/tmp/test_ns_lost.XXXXXX");
	assert_non_null(mkdtemp(host.folder));
	host.child = (struct ipoib_netdev){ .name = "ib0.8001",
					    .parent = 2,
					    .ifindex = 9,
					    .qpn = 77,
					    .pkey = 0x8001,
					    .created = CREATED };
	return 0;
}

static int tear_down(void **state)
{
	DIR *dir = __real_opendir(host.folder);
	const struct dirent *entry;

	(void)state;
	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	return rmdir(host.folder);
}

static struct lost read_lost(size_t count)
{
	struct problem problem;
	struct lost lost;

	assert_int_equal(lost_read(&lost, &problem), 0);
	assert_int_equal(lost.count, count);
	return lost;
}

static void add_lost(const struct ipoib_identity *one)
{
	struct problem problem;
	struct lost lost;

	assert_int_equal(lost_read(&lost, &problem), 0);
	assert_int_equal(lost_add(&lost, one, &problem), 0);
	lost_release(&lost);
}

/* As a list shows the host's child. */
static void remove_lost(struct lost *lost)
{
	struct ipoib_netdev listed = host.child;

	listed.created = 0;
	lost_remove(lost, &listed, 1);
}

static void test_known(void **state)
{
	struct ipoib_netdev netdev = host.child;
	struct lost lost;

	(void)state;
	add_lost(&identity);
	lost = read_lost(1);
	assert_int_equal(lost.list[0].created, identity.created);
	assert_int_equal(lost.list[0].ifindex, identity.ifindex);
	assert_true(lost_has(&lost, &netdev));
	netdev.created++;
	assert_false(lost_has(&lost, &netdev));
	/* Where nobody knows the number, a QPN is not enough. */
	netdev.created = 0;
	assert_false(lost_has(&lost, &netdev));
	netdev.ifindex = identity.ifindex;
	assert_true(lost_has(&lost, &netdev));
	netdev.qpn++;
	assert_false(lost_has(&lost, &netdev));
	lost_release(&lost);
}

static void test_removed(void **state)
{
	struct lost lost;

	(void)state;
	add_lost(&identity);
	lost = read_lost(1);
	host.error = EBUSY;
	remove_lost(&lost);
	lost_release(&lost);
	lost = read_lost(1);
	host.error = 0;
	remove_lost(&lost);
	assert_int_equal(host.deleted, 1);
	lost_release(&lost);
	lost = read_lost(0);
	lost_release(&lost);
}

static void test_another(void **state)
{
	struct lost lost;

	(void)state;
	add_lost(&identity);
	lost = read_lost(1);
	host.child.created++;
	remove_lost(&lost);
	host.child.created = 0;
	remove_lost(&lost);
	assert_int_equal(host.deleted, 0);
	lost_release(&lost);
	lost = read_lost(1);
	lost_release(&lost);
}

static void test_many(void **state)
{
	struct ipoib_identity one = identity;
	struct problem problem;
	struct lost lost;

	(void)state;
	lost = read_lost(0);
	for (int i = 0; i < LOST_MAX; i++) {
		one.created++;
		assert_int_equal(lost_add(&lost, &one, &problem), 0);
	}
	one.created++;
	assert_int_equal(lost_add(&lost, &one, &problem), 0);
	lost_release(&lost);
	lost = read_lost(LOST_MAX);
	for (size_t i = 0; i < lost.count; i++)
		assert_true(lost.list[i].created > identity.created + 1);
	lost_release(&lost);
}

static void test_strangers(void **state)
{
	const int folder = folder_fd();
	struct lost lost;

	(void)state;
	close(openat(folder, "1:2:3", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	close(openat(folder, "README", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	close(folder);
	lost = read_lost(0);
	lost_release(&lost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_known, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_removed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_another, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_strangers, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
