// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A netdev that is moved on all the time, to namespaces that have been looked at and to new ones,
 * is found or said not to have been seen, but never taken for one that has gone.
 *
 * The moves are random. RDMA_NS_LOCATE_RUNS in the environment is the number of runs, if not the
 * usual one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "attachment_search.h"

enum { HOST, KEPT, ONE, OTHER, FRESH };

#define PLACES 4096
#define FD 1000 /* of the first place; nobody uses them */
#define NOWHERE (-1)
#define RUNS 20000

static const struct ipoib_identity identity = {
	.parent = 2, .ifindex = 0x123456, .qpn = 77, .pkey = 0x8001, .created = 99
};

static struct {
	int where;  /* the netdev's place */
	int next;   /* fresh place */
	int moves;  /* of 8 questions, after so many it is moved; before, nothing happens */
	bool fresh; /* also to fresh places */
	bool unseen;
	bool crowded; /* there are new places at each search */
	unsigned int searches;
	time_t now, seconds; /* and what a search takes */
	int refused; /* errno of looks where it was given */
	bool unwatched;
	char *name; /* of namespaces */
	bool watched[PLACES], seen[PLACES];
} world;

int __wrap_ipoib_find(int netns_fd, const struct ipoib_identity *wanted,
		      struct ipoib_netdev *found);
int __wrap_ipoib_watch(struct netlink *watch, int netns_fd);
bool __wrap_ipoib_watch_end(struct netlink *watch, uint32_t qpn);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	*now = (struct timespec){ .tv_sec = world.now };
	return 0;
}

static int place_of(int netns_fd)
{
	return netns_fd < 0 ? HOST : netns_fd - FD;
}

static void move_to(int place)
{
	world.seen[world.where] |= world.watched[world.where];
	world.where = place;
	world.seen[place] |= world.watched[place];
}

/* Between any two questions. */
static void pass_time(void)
{
	if (world.where == NOWHERE || rand() % 8 >= world.moves)
		return;
	if (world.fresh && rand() % 2 && world.next < PLACES)
		move_to(world.next++);
	else
		move_to(rand() % FRESH);
}

int __wrap_ipoib_find(int netns_fd, const struct ipoib_identity *wanted, struct ipoib_netdev *found)
{
	pass_time();
	errno = world.refused;
	if (world.refused && place_of(netns_fd) == KEPT)
		return -1;
	if (place_of(netns_fd) != world.where)
		return 0;
	*found = (struct ipoib_netdev){ .parent = wanted->parent,
					.ifindex = wanted->ifindex,
					.qpn = wanted->qpn,
					.pkey = wanted->pkey,
					.created = wanted->created };
	return 1;
}

int __wrap_ipoib_watch(struct netlink *watch, int netns_fd)
{
	pass_time();
	errno = EMFILE;
	if (world.unwatched && place_of(netns_fd) == OTHER)
		return -1;
	watch->fd = FD + place_of(netns_fd);
	world.watched[place_of(netns_fd)] = true;
	world.seen[place_of(netns_fd)] = false;
	return 0;
}

bool __wrap_ipoib_watch_end(struct netlink *watch, uint32_t qpn)
{
	const int place = place_of(watch->fd);

	assert_int_equal(qpn, identity.qpn);
	assert_true(world.watched[place]);
	world.watched[place] = false;
	watch->fd = -1;
	pass_time();
	return world.seen[place];
}

/* A fresh place disappears when the netdev has left it. */
int namespaces_find(struct namespaces *namespaces, enum namespaces_extent extent)
{
	assert_int_equal(extent, NAMESPACES_ALL);
	pass_time();
	world.searches++;
	world.now += world.seconds;
	memset(namespaces, 0, sizeof(*namespaces));
	namespaces->list = calloc(FRESH + 2, sizeof(*namespaces->list));
	assert_non_null(namespaces->list);
	for (int i = 0; i < FRESH; i++)
		namespaces->list[namespaces->count++] =
			(struct namespace){ .inode = (uint64_t)i + 1, .fd = FD + i };
	if (world.where >= FRESH)
		namespaces->list[namespaces->count++] =
			(struct namespace){ .inode = (uint64_t)world.where + 1,
					    .fd = FD + world.where };
	if (world.crowded)
		namespaces->list[namespaces->count++] = (struct namespace){
			.inode = PLACES + world.searches, .fd = FD + PLACES - 1
		};
	for (size_t i = 0; i < namespaces->count; i++)
		namespaces->list[i].name = world.name;
	namespaces->unseen[UNSEEN_PROCESSES] = world.unseen;
	namespaces->unseen[UNSEEN_LATE] = world.seconds >= SEARCH_SECONDS / HURRY;
	return 0;
}

void namespaces_release(struct namespaces *namespaces)
{
	free(namespaces->list);
	memset(namespaces, 0, sizeof(*namespaces));
}

struct namespace *namespaces_by_inode(const struct namespaces *namespaces, uint64_t inode)
{
	for (size_t i = 0; i < namespaces->count; i++) {
		if (namespaces->list[i].inode == inode)
			return &namespaces->list[i];
	}
	return NULL;
}

char *namespaces_unseen_text(const struct namespaces *namespaces, enum unseen kind, int name_max)
{
	assert_int_equal(name_max, NAME_SHOWN_MAX);
	assert_int_equal(namespaces->unseen[kind], 1);
	return strdup(unseen_str(kind));
}

const char *unseen_str(enum unseen kind)
{
	return kind == UNSEEN_LATE ? "late" : "processes";
}

static enum location locate(bool kept, struct release_search *search, struct place_found *found)
{
	struct record record = { .key = "hook:a:ib0", .netns = KEPT + 1, .identity = identity };
	struct records records = { .list = &record, .count = 1 };

	memset(found, 0, sizeof(*found));
	return record_locate(&records, &record, kept ? FD + KEPT : -1, ENOENT, search, found);
}

static int set_up(void **state)
{
	static char pid[] = "pid:9";

	(void)state;
	memset(&world, 0, sizeof(world));
	world.next = FRESH;
	world.name = pid;
	world.now = 1000;
	srand(1);
	return 0;
}

static void test_still(void **state)
{
	struct release_search search = { 0 };
	struct place_found found;

	(void)state;
	for (int place = HOST; place <= FRESH; place++) {
		for (int kept = 0; kept < 2; kept++) {
			world.where = place;
			assert_int_equal(locate(kept, &search, &found), FOUND);
			assert_int_equal(place_of(found.netns_fd), place);
			assert_int_equal(found.kept, kept && place == KEPT);
			release_search_end(&search);
		}
	}
	world.where = NOWHERE;
	assert_int_equal(locate(true, &search, &found), GONE);
	assert_false(found.kept);
	release_search_end(&search);
	world.unseen = true;
	assert_int_equal(locate(true, &search, &found), NOT_SEEN);
	release_search_end(&search);
}

/* A list of namespaces that was made for another netdev is not believed. */
static void test_later(void **state)
{
	struct release_search search = { 0 };
	struct place_found found;

	(void)state;
	world.where = NOWHERE;
	assert_int_equal(locate(true, &search, &found), GONE);
	world.where = FRESH;
	assert_int_equal(locate(true, &search, &found), FOUND);
	assert_int_equal(place_of(found.netns_fd), FRESH);
	release_search_end(&search);
}

/* The second search has its own time, and all of them end before the run's does. */
static void test_slow(void **state)
{
	struct release_search search = { 0 };
	struct place_found found;

	(void)state;
	world.where = NOWHERE;
	world.seconds = SEARCH_SECONDS / HURRY - 1;
	assert_int_equal(locate(true, &search, &found), GONE);
	assert_int_equal(world.searches, 2);
	print_message("the next one of the run is looked for in what was found last\n");
	assert_int_equal(locate(true, &search, &found), NOT_SEEN);
	assert_int_equal(world.searches, 2);
	assert_non_null(strstr(found.why, "there was no time"));
	world.where = OTHER;
	assert_int_equal(locate(true, &search, &found), FOUND);
	assert_true(world.now - 1000 < RELEASE_SECONDS);
	print_message("nor is there time for another search\n");
	release_search_end(&search);
	world.where = NOWHERE;
	assert_int_equal(locate(true, &search, &found), NOT_SEEN);
	assert_int_equal(world.searches, 2);
	assert_non_null(strstr(found.why, "there was no time"));
	release_search_end(&search);
	print_message("one that did not end in time is not made again\n");
	search = (struct release_search){ 0 };
	world.seconds = SEARCH_SECONDS / HURRY;
	assert_int_equal(locate(true, &search, &found), NOT_SEEN);
	assert_int_equal(world.searches, 3);
	assert_string_equal(found.why, "late");
	release_search_end(&search);
}

static const char *why(bool kept)
{
	struct release_search search = { 0 };
	static struct place_found found;

	assert_int_equal(locate(kept, &search, &found), NOT_SEEN);
	release_search_end(&search);
	return found.why;
}

static void test_causes(void **state)
{
	static char name[1000];

	(void)state;
	world.where = NOWHERE;
	world.unseen = true;
	assert_string_equal(why(true), "processes");
	world.unseen = false;
	world.crowded = true;
	assert_non_null(strstr(why(true), "namespaces are made all the time"));
	world.crowded = false;
	world.refused = EINTR;
	assert_non_null(strstr(why(true), "namespace hook:a:ib0: Interrupted system call: netdevs"));
	world.refused = 0;
	world.unwatched = true;
	assert_non_null(strstr(why(true), "namespace pid:9: Too many open files: raise the limit"));
	/* A path of the tenant's choice leaves room for the remedy. */
	memset(name, '/', sizeof(name) - 1);
	world.name = name;
	assert_non_null(strstr(why(true), "/: Too many open files: raise the limit"));
	world.unwatched = false;
}

static void test_why_moved(void **state)
{
	int moved = 0;

	(void)state;
	world.moves = 8;
	world.fresh = true;
	for (int i = 0; i < 1000; i++) {
		struct release_search search = { 0 };
		struct place_found found;

		world.next = FRESH;
		if (locate(true, &search, &found) == NOT_SEEN &&
		    !strstr(found.why, "namespaces are made all the time")) {
			assert_non_null(strstr(found.why, "it is moved on"));
			moved++;
		}
		release_search_end(&search);
	}
	assert_true(moved > 0);
}

/* Few descriptors are no reason not to find what can be found. */
static void test_unwatched(void **state)
{
	struct release_search search = { 0 };
	struct place_found found;

	(void)state;
	world.unwatched = true;
	world.where = FRESH;
	assert_int_equal(locate(true, &search, &found), FOUND);
	assert_int_equal(place_of(found.netns_fd), FRESH);
	release_search_end(&search);
}

static void hop(bool fresh)
{
	const char *text = getenv("RDMA_NS_LOCATE_RUNS");
	const int runs = text ? atoi(text) : RUNS;
	int results[4] = { 0 };

	for (int i = 0; i < runs; i++) {
		struct release_search search = { 0 };
		struct place_found found;

		world.where = rand() % FRESH;
		world.next = FRESH;
		world.moves = 1 + i % 8;
		world.fresh = fresh;
		results[locate(i % 2, &search, &found)]++;
		release_search_end(&search);
	}
	print_message("found %d, not seen %d\n", results[FOUND], results[NOT_SEEN]);
	assert_int_equal(results[GONE], 0);
	assert_int_equal(results[DOUBTFUL], 0);
	assert_true(results[FOUND] > runs / 2);
}

static void test_to_and_fro(void **state)
{
	(void)state;
	hop(false);
}

static void test_fresh(void **state)
{
	(void)state;
	hop(true);
	assert_true(world.searches > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_still, set_up),
		cmocka_unit_test_setup(test_later, set_up),
		cmocka_unit_test_setup(test_slow, set_up),
		cmocka_unit_test_setup(test_causes, set_up),
		cmocka_unit_test_setup(test_why_moved, set_up),
		cmocka_unit_test_setup(test_unwatched, set_up),
		cmocka_unit_test_setup(test_to_and_fro, set_up),
		cmocka_unit_test_setup(test_fresh, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
