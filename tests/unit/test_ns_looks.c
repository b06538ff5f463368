// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A tenant has another's address all the time, but moves it while the audit looks. The audit sees
 * it, or says that it has not seen everything.
 *
 * The moves are random. RDMA_NS_LOOKS_RUNS in the environment is their number, if not the usual
 * one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <stdlib.h>
#include <string.h>

#include "looks.h"
#include "ns_worlds.h"

enum { HOST, TENANT, OTHER, EMPTY };

#define IPV4 "10.0.0.2"
#define IPV6 "fd00::2"
#define RUNS 20000

static const uint8_t gid[16] = { 0xfe, 0x80, [8] = 2, [15] = 1 };

static const struct ns_link child = { 3, "ib0.1", "ipoib", .qpn = 6, .pkey = 0xffff, .gid = gid };
static const struct ns_link new_child = { 5, "new", "ipoib", .qpn = 7, .pkey = 0xffff, .gid = gid };
static const struct ns_link upper = { 4, "vxlan0", "vxlan" };
static const struct ns_link late_upper = { 7, "vxlan7", "vxlan" };
static const struct ns_link renamed_upper = { 4, "vxlan1", "vxlan" };
static const struct ns_link veth = { 6, "veth0", "veth" };
static const struct ns_link renamed_veth = { 6, "veth1", "veth" };

/* What the audit finds. */
struct findings {
	unsigned int collisions;
	size_t unseen;
	size_t kept, once; /* holders, and without what is said of them twice */
};

static void start_worlds(void)
{
	memset(worlds, 0, sizeof(worlds));
	world_script.now = 0;
	for (int i = 0; i < WORLDS; i++) {
		world_put_link(i, &child);
		world_put_link(i, &veth);
		world_put_link(i, &upper);
		world_put_link(i, &late_upper);
		worlds[i].above[child.ifindex] = upper.ifindex;
	}
	world_remove_link(EMPTY, &child);
	world_put_ip(HOST, &child, IPV4, 0);
	world_put_ip(HOST, &child, IPV6, 0);
	world_put_ip(TENANT, &child, "10.0.0.77", 0);
}

static struct findings audit(void)
{
	static char name[] = "tenant";
	struct namespace list[WORLDS];
	struct namespaces namespaces = { .list = list,
					 .count = WORLDS,
					 .start.tv_sec = INT_MAX / 2 };
	struct findings findings = { 0 };
	struct looks looks;
	enum harm harm;
	size_t first;

	for (int i = 0; i < WORLDS; i++)
		list[i] = (struct namespace){ (uint64_t)i + 1, WORLD_NETNS_FD + i, name };
	assert_int_equal(looks_take(&looks, &namespaces, true), 0);
	findings.kept = looks.holders.count;
	holders_sort(&looks.holders);
	findings.once = looks.holders.count;
	for (first = 0; first < looks.holders.count;) {
		first += holders_group(&looks.holders, first, &harm);
		findings.collisions += harm == HARM_COLLISION;
	}
	findings.unseen = namespaces.unseen[UNSEEN_NETDEVS];
	looks_release(&looks);
	return findings;
}

/* Where a tenant may have the address, and what it does there to get and to lose it. */
struct position {
	const char *name;
	int namespace;
	const struct ns_link *netdev;
	void (*prepare)(int namespace); /* or NULL */
	void (*leave)(int namespace);	/* or NULL */
};

static void create_child(int namespace)
{
	world_put_link(namespace, &new_child);
}

static void delete_child(int namespace)
{
	world_remove_link(namespace, &new_child);
}

static void rename_upper(int namespace)
{
	world_put_link(namespace, &renamed_upper);
}

static void rename_upper_back(int namespace)
{
	world_put_link(namespace, &upper);
}

/* The kernel tells of the lower netdev. */
static void put_above(int namespace)
{
	worlds[namespace].above[child.ifindex] = late_upper.ifindex;
	world_put_link(namespace, &child);
}

static void put_aside(int namespace)
{
	worlds[namespace].above[child.ifindex] = upper.ifindex;
	world_put_link(namespace, &child);
}

static void lose_notifications(int namespace)
{
	worlds[namespace].lost |= worlds[namespace].followed;
}

/* An address of IPv6 that is announced anew is tentative at first. */
static void announce_anew(int namespace)
{
	world_put_ip(namespace, &child, IPV6, IFA_F_TENTATIVE);
	world_remove_ip(namespace, &child, IPV6);
}

static const struct position positions[] = {
	{ "child", TENANT, &child, NULL, NULL },
	{ "announced anew", TENANT, &child, NULL, announce_anew },
	{ "above", TENANT, &upper, NULL, NULL },
	{ "above, unheard", TENANT, &upper, lose_notifications, NULL },
	{ "above, renamed", TENANT, &upper, rename_upper, rename_upper_back },
	{ "above for a while", TENANT, &late_upper, put_above, put_aside },
	{ "child elsewhere", OTHER, &child, NULL, NULL },
	{ "above elsewhere", OTHER, &upper, NULL, NULL },
	{ "new child elsewhere", OTHER, &new_child, create_child, delete_child },
	{ "first child of a namespace", EMPTY, &new_child, create_child, delete_child },
};

#define POSITIONS (sizeof(positions) / sizeof(positions[0]))
#define WAY_MAX 4

/* The address goes round, and rests at each place for as many moments. */
static struct {
	const struct position *places[WAY_MAX];
	unsigned int rests[WAY_MAX];
	size_t count, at, moves_left;
	const char *address;
} way;

static void arrive(const struct position *place)
{
	if (place->prepare)
		place->prepare(place->namespace);
	world_put_ip(place->namespace, place->netdev, way.address, 0);
}

static void move_on(void)
{
	const struct position *from = way.places[way.at % way.count], *to;

	if (!way.moves_left--) {
		world_script.change = NULL;
		return;
	}
	to = way.places[++way.at % way.count];
	arrive(to);
	world_remove_ip(from->namespace, from->netdev, way.address);
	if (from->leave)
		from->leave(from->namespace);
	world_script.next = world_script.now + way.rests[way.at % way.count];
}

static void plan(unsigned int moments)
{
	memset(&way, 0, sizeof(way));
	way.count = 2 + (size_t)rand() % (WAY_MAX - 1);
	for (size_t i = 0; i < way.count; i++) {
		do
			way.places[i] = &positions[(size_t)rand() % POSITIONS];
		while (i && way.places[i]->netdev == way.places[i - 1]->netdev &&
		       way.places[i]->namespace == way.places[i - 1]->namespace);
		way.rests[i] = (unsigned int)rand() % (rand() % 2 ? moments : 8);
	}
	/* The way is round. */
	if (way.places[0]->netdev == way.places[way.count - 1]->netdev &&
	    way.places[0]->namespace == way.places[way.count - 1]->namespace)
		way.count--;
	way.moves_left = rand() % 2 ? 1 + (size_t)rand() % 4 : 1000;
	way.address = rand() % 2 ? IPV4 : IPV6;
	world_script.next = (unsigned int)rand() % moments;
}

/* How many moments are there, with nothing to see or to change? */
static unsigned int count_moments(void)
{
	struct findings findings;

	memset(&world_script, 0, sizeof(world_script));
	start_worlds();
	findings = audit();
	assert_int_equal(findings.collisions, 0);
	assert_int_equal(findings.unseen, 0);
	return world_script.now;
}

static void test_at_rest(void **state)
{
	(void)state;
	count_moments();
	for (size_t i = 0; i < POSITIONS; i++) {
		struct findings findings;

		start_worlds();
		way.address = IPV6;
		arrive(&positions[i]);
		findings = audit();
		assert_int_equal(findings.collisions, 1);
		assert_int_equal(findings.unseen, 0);
		assert_int_equal(findings.kept, findings.once);
	}
}

static void test_wandering(void **state)
{
	const char *runs = getenv("RDMA_NS_LOOKS_RUNS");
	const unsigned int moments = count_moments();
	unsigned int collisions = 0, unseen = 0;

	(void)state;
	for (unsigned int seed = 1; seed <= (runs ? strtoul(runs, NULL, 10) : RUNS); seed++) {
		struct findings findings;

		srand(seed);
		plan(moments);
		start_worlds();
		arrive(way.places[0]);
		world_script.now = 0;
		world_script.change = move_on;
		findings = audit();
		collisions += findings.collisions > 0;
		unseen += findings.unseen > 0;
		if (findings.collisions || findings.unseen)
			continue;
		for (size_t i = 0; i < way.count; i++)
			print_message("%s, %u\n", way.places[i]->name, way.rests[i]);
		fail_msg("run %u: nothing was seen", seed);
	}
	print_message("%u times a collision, %u times not all was seen\n", collisions, unseen);
	/* Not all is said to be unseen. */
	assert_true(collisions > unseen);
}

/* Nothing to hide, and by turns. */
static void gain_or_lose(void)
{
	if (way.at++ % 2) {
		world_remove_ip(TENANT, &child, "10.0.0.78");
		world_remove_ip(TENANT, &veth, IPV4);
		world_put_link(OTHER, &veth);
	} else {
		world_put_ip(TENANT, &child, "10.0.0.78", 0);
		world_put_ip(TENANT, &veth, IPV4, 0);
		world_put_link(OTHER, &renamed_veth);
	}
	world_script.next = world_script.now + 1 + way.rests[0];
}

static void test_honest(void **state)
{
	const unsigned int moments = count_moments();

	(void)state;
	for (unsigned int first = 0; first < moments; first++) {
		for (unsigned int rest = 0; rest < moments; rest++) {
			struct findings findings;

			memset(&way, 0, sizeof(way));
			way.rests[0] = rest;
			start_worlds();
			world_script.now = 0;
			world_script.next = first;
			world_script.change = gain_or_lose;
			findings = audit();
			if (findings.collisions || findings.unseen)
				fail_msg("from moment %u on, every %u: %u collisions, %zu unseen",
					 first, rest + 1, findings.collisions, findings.unseen);
		}
	}
}

/* Whoever is seen with an address lets it go at one moment, and then somebody may get it. */
static struct {
	const struct position *from;
	const char *address;
	int to; /* a namespace, or -1 */
	unsigned int rest;
	/* And its netdev goes, or is only set down, with an address of IPv6 that is kept. */
	bool gone, down;
} loss;

static void get(void)
{
	world_put_ip(loss.to, &child, loss.address, 0);
	world_script.change = NULL;
}

static void let_go(void)
{
	if (loss.down) {
		world_keep_unusable(loss.from->namespace, loss.from->netdev, loss.address);
		world_put_link(loss.from->namespace, loss.from->netdev);
		world_script.change = NULL;
		return;
	}
	world_remove_ip(loss.from->namespace, loss.from->netdev, loss.address);
	if (loss.from->leave)
		loss.from->leave(loss.from->namespace);
	if (loss.gone) {
		world_remove_link(loss.from->namespace, loss.from->netdev);
		worlds[loss.from->namespace].above[child.ifindex] = 0;
	}
	world_script.change = loss.to < 0 ? NULL : get;
	world_script.next = world_script.now + loss.rest;
}

static struct findings lose(unsigned int moment)
{
	start_worlds();
	if (loss.from->prepare)
		loss.from->prepare(loss.from->namespace);
	world_put_ip(loss.from->namespace, loss.from->netdev, loss.address, 0);
	world_script.change = let_go;
	world_script.next = moment;
	return audit();
}

/* Whoever sees the audit come, and takes the address back when it has gone. */
static void test_thief_lets_go(void **state)
{
	const unsigned int moments = count_moments();

	(void)state;
	for (size_t i = 0; i < 3 * POSITIONS; i++) {
		unsigned int collisions = 0, unseen = 0;

		memset(&loss, 0, sizeof(loss));
		loss.from = &positions[i / 3];
		loss.gone = i % 3 == 1;
		loss.down = i % 3 == 2;
		loss.address = IPV6;
		loss.to = -1;
		/* By then, it is listened to in all namespaces. */
		for (unsigned int moment = WORLDS + 1; moment < moments; moment++) {
			const struct findings findings = lose(moment);

			collisions += findings.collisions > 0;
			unseen += findings.unseen > 0;
			if (!findings.collisions && !findings.unseen)
				fail_msg("%s, from moment %u on: nothing was seen", loss.from->name,
					 moment);
		}
		print_message("%s%s: %u times a collision, %u times not all was seen\n",
			      loss.from->name, loss.gone ? ", gone" : loss.down ? ", down" : "", collisions, unseen);
		if (!loss.gone && !loss.down && !loss.from->prepare)
			assert_true(collisions > unseen);
	}
}

/* From one container to another, or a container ends: nobody is accused. */
static void test_honest_loss(void **state)
{
	const unsigned int moments = count_moments();

	(void)state;
	for (size_t i = 0; i < 2 * POSITIONS * WORLDS; i++) {
		memset(&loss, 0, sizeof(loss));
		loss.from = &positions[i / 2 / WORLDS];
		loss.gone = i % 2;
		loss.address = "10.0.0.79";
		loss.to = (int)(i / 2 % WORLDS) - 1;
		if (loss.to == loss.from->namespace)
			continue;
		for (unsigned int moment = 1 + (unsigned int)i % 3; moment < moments;
		     moment += 3) {
			struct findings findings;

			loss.rest = (unsigned int)rand() % (rand() % 2 ? moments : 4);
			findings = lose(moment);
			if (findings.collisions || (findings.unseen && loss.to < 0))
				fail_msg("%s, at moment %u, to %d: %u collisions, %zu unseen",
					 loss.from->name, moment, loss.to, findings.collisions,
					 findings.unseen);
		}
	}
}

/* Dumps may lack something all the time: only on the caller's own host nobody hides by that. */
static void test_disturbed(void **state)
{
	(void)state;
	for (int i = 0; i < WORLDS; i++) {
		struct findings findings;

		start_worlds();
		world_script.change = NULL;
		worlds[i].disturbed = true;
		findings = audit();
		assert_int_equal(findings.collisions, 0);
		/* All looks add the same, and a tenant may have very many addresses. */
		assert_int_equal(findings.kept, findings.once);
		/* A namespace without an IPoIB netdev is not asked for addresses. */
		assert_int_equal(findings.unseen, i == TENANT || i == OTHER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at_rest),
		cmocka_unit_test(test_wandering),
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_thief_lets_go),
		cmocka_unit_test(test_honest_loss),
		cmocka_unit_test(test_disturbed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
