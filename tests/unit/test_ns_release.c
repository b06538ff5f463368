// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What is taken back, and from where. The caller's namespace has one child here, and there is one
 * record, of a container that goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment.h"
#include "attachment_child.h"
#include "attachment_release.h"
#include "netlink.h"

#define OWN 101	      /* inode of the caller's namespace */
#define CONTAINER 102 /* of the record's */
#define HOST 103

static const struct ipoib_netdev child = {
	.ifindex = 7, .parent = 2, .pkey = 0x8001, .qpn = 77, .name = "ib0.5"
};

static struct record record;
static uint64_t own;
static bool live;
static int deleted, forgotten;

int __wrap_access(const char *path, int mode);
int __wrap_records_lock(const char *remedy, struct problem *problem);
void __wrap_records_unlock(int lock);
int __wrap_records_read(struct records *records, struct problem *problem);
void __wrap_records_release(struct records *records);
int __wrap_record_open_netns(const struct record *given);
bool __wrap_record_is_live(const struct record *given);
int __wrap_record_write(const struct record *given, struct problem *problem);
void __wrap_record_forget(const struct record *given);
int __wrap_ipoib_list_children(int netns_fd, struct ipoib_netdev **list, size_t *count);
int __wrap_ipoib_find(int netns_fd, const struct ipoib_identity *identity,
		      struct ipoib_netdev *found);
int __wrap_ipoib_delete(int netns_fd, const struct ipoib_netdev *netdev);
uint64_t __wrap_netlink_netns_inode(int netns_fd);

int __wrap_access(const char *path, int mode)
{
	(void)path, (void)mode;
	return 0;
}

int __wrap_records_lock(const char *remedy, struct problem *problem)
{
	(void)remedy, (void)problem;
	return 1000;
}

void __wrap_records_unlock(int lock)
{
	assert_int_equal(lock, 1000);
}

int __wrap_records_read(struct records *records, struct problem *problem)
{
	(void)problem;
	*records = (struct records){ .list = &record, .count = 1 };
	return 0;
}

void __wrap_records_release(struct records *records)
{
	assert_ptr_equal(records->list, &record);
}

int __wrap_record_open_netns(const struct record *given)
{
	(void)given;
	errno = ENOENT;
	return -1;
}

bool __wrap_record_is_live(const struct record *given)
{
	(void)given;
	return live;
}

int __wrap_record_write(const struct record *given, struct problem *problem)
{
	(void)given, (void)problem;
	fail();
	return -1;
}

void __wrap_record_forget(const struct record *given)
{
	assert_ptr_equal(given, &record);
	forgotten++;
}

int __wrap_ipoib_list_children(int netns_fd, struct ipoib_netdev **list, size_t *count)
{
	assert_int_equal(netns_fd, -1);
	*list = calloc(1, sizeof(child));
	assert_non_null(*list);
	**list = child;
	*count = 1;
	return 0;
}

int __wrap_ipoib_find(int netns_fd, const struct ipoib_identity *identity,
		      struct ipoib_netdev *found)
{
	(void)netns_fd, (void)identity, (void)found;
	return 0;
}

int __wrap_ipoib_delete(int netns_fd, const struct ipoib_netdev *netdev)
{
	assert_int_equal(netns_fd, -1);
	assert_int_equal(netdev->ifindex, child.ifindex);
	deleted++;
	return 0;
}

uint64_t __wrap_netlink_netns_inode(int netns_fd)
{
	assert_int_equal(netns_fd, -1);
	return own;
}

/* The child is the record's netdev if it fits. */
enum location record_locate(const struct records *records, const struct record *given, int kept,
			    int error, struct release_search *search, struct place_found *found)
{
	(void)records, (void)kept, (void)error, (void)search;
	*found = (struct place_found){ .netns_fd = -1, .netdev = child };
	return given->identity.ifindex == child.ifindex ? FOUND : GONE;
}

bool record_is_stray(const struct records *records, const struct record *given,
		     const struct ipoib_netdev *netdev)
{
	(void)records;
	return given->identity.qpn && given->identity.ifindex == netdev->ifindex;
}

void release_search_end(struct release_search *search)
{
	(void)search;
}

int record_make_anew(struct record *given, struct problem *problem)
{
	(void)given, (void)problem;
	fail();
	return -1;
}

static int set_up(void **state)
{
	(void)state;
	record = (struct record){ .key = "hook:a:ib0",
				  .path = "/proc/1/ns/net",
				  .netns = CONTAINER,
				  .network = "red",
				  .netdev = "ib0",
				  .identity = ipoib_identity_of(&child) };
	own = OWN;
	live = true;
	deleted = forgotten = 0;
	return 0;
}

static void test_stray(void **state)
{
	struct problem problem;

	(void)state;
	record.host = OWN;
	assert_int_equal(attachments_release_ended(&problem), 0);
	assert_int_equal(deleted, 1);
	assert_int_equal(forgotten, 1);
}

static void assert_refused(const char *words)
{
	struct problem problem = { 0 };

	assert_int_equal(attachments_release_ended(&problem), -1);
	print_message("%s\n", problem.text);
	assert_non_null(strstr(problem.text, words));
	assert_non_null(strstr(problem.text, "nsenter --target 1 --net"));
	assert_string_equal(record.key, "hook:a:ib0");
	assert_int_equal(deleted, 0);
	assert_int_equal(forgotten, 0);
}

/* Whoever has entered the container's namespace finds its netdev there, as if it were a stray. */
static void test_in_container(void **state)
{
	(void)state;
	own = CONTAINER;
	assert_refused("the network namespace of hook:a:ib0");
	record.host = HOST;
	assert_refused("the network namespace of hook:a:ib0");
}

/* That of another container, which only says where the host is, tells less. */
static void test_in_one_of_two(void **state)
{
	struct record list[2];
	const struct records both = { .list = list, .count = 2 };
	struct problem problem = { 0 };

	(void)state;
	record.host = HOST;
	list[1] = record;
	strcpy(record.key, "hook:b:ib0");
	record.netns = OWN + 10;
	list[0] = record;
	own = CONTAINER;
	assert_int_equal(records_check_host(&both, &problem), -1);
	assert_non_null(strstr(problem.text, "the network namespace of hook:a:ib0"));
}

static void test_in_another(void **state)
{
	(void)state;
	record.host = HOST;
	assert_refused("came from network namespace net:[103], and this runs in net:[101]");
}

/* A runtime that is itself in a container was started anew there, and its files are there still. */
static void test_left_behind(void **state)
{
	struct problem problem;

	(void)state;
	record.host = HOST;
	live = false;
	record.netns = 0;
	assert_refused("net:[103]");
	record.netns = CONTAINER;
	assert_int_equal(attachments_release_ended(&problem), 0);
	assert_int_equal(forgotten, 1);
}

/* What ends elsewhere, and was given nothing, has nothing to fear. */
static void test_owner_in_another(void **state)
{
	struct problem problem = { 0 };

	(void)state;
	record.host = HOST;
	assert_int_equal(attachments_release("hook:b", NULL, "", &problem), 0);
	assert_int_equal(attachments_release("hook:a", "ib1", "", &problem), 0);
	assert_int_equal(deleted, 0);
	assert_int_equal(attachments_release("hook:a", NULL, "", &problem), -1);
	assert_non_null(strstr(problem.text, "net:[103]"));
	assert_int_equal(deleted, 0);
	own = HOST;
	assert_int_equal(attachments_release("hook:a", NULL, "", &problem), 0);
	assert_int_equal(deleted, 1);
}

/* Its ifindex was known when the hook was killed, and nobody knows its QPN. */
static void test_half_made(void **state)
{
	struct release_search search = { 0 };
	struct records records = { .list = &record, .count = 1 };
	struct problem problem;

	(void)state;
	record.host = OWN;
	assert_int_equal(records_release_stale(&records, &search, false), 0);
	assert_int_equal(deleted + forgotten, 0);
	record.identity.qpn = 0;
	assert_int_equal(records_release_stale(&records, &search, false), 0);
	assert_int_equal(deleted, 1);
	assert_int_equal(forgotten, 1);
	assert_string_equal(record.key, "");
	/* It had not even been begun. */
	strcpy(record.key, "hook:a:ib0");
	record.identity.ifindex = 0;
	assert_int_equal(attachments_release_ended(&problem), 0);
	assert_int_equal(deleted, 1);
	assert_int_equal(forgotten, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stray, set_up),
		cmocka_unit_test_setup(test_in_container, set_up),
		cmocka_unit_test_setup(test_in_one_of_two, set_up),
		cmocka_unit_test_setup(test_in_another, set_up),
		cmocka_unit_test_setup(test_left_behind, set_up),
		cmocka_unit_test_setup(test_owner_in_another, set_up),
		cmocka_unit_test_setup(test_half_made, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
