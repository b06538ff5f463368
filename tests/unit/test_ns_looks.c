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
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "looks.h"
#include "netdev_follow.h"
#include "netdev_sysfs.h"
#include "ns_messages.h"
#include "sysfs.h"

int __wrap_netdev_follow_open(struct netdev_follow *follow, int netns_fd);
void __wrap_netdev_follow_close(struct netdev_follow *follow);
int __wrap_netdev_dump(struct netlink *netlink, struct netdev_table *table);
int __wrap_netlink_request(struct netlink *netlink, struct nlmsghdr *request,
			   netlink_handler handler, void *data);
int __wrap_netlink_drain(struct netlink *netlink, netlink_handler handler, void *data);
int __wrap_sysfs_open(int netns_fd);
int __wrap_netdev_sysfs_open(int root, const char *name, uint32_t ifindex);
uint64_t __wrap_netdev_sysfs_created(int root, const char *name, uint32_t ifindex);
int __wrap_netdev_sysfs_uppers(int folder, int (*take)(void *context, uint32_t ifindex),
			       void *context);

enum { HOST, TENANT, OTHER, EMPTY, NAMESPACES };

#define IPV4 "10.0.0.2"
#define IPV6 "fd00::2"
#define RUNS 20000

#define NETDEVS 8 /* ifindexes, from 1 */
#define ADDRESSES 8
#define QUEUE 64

/* Descriptors that nobody uses, each plus the number of a namespace. */
#define NETNS_FD 1000
#define FOLLOW_FD 2000
#define FOLDER_FD 3000 /* plus NETDEVS times that number, plus an ifindex */

static const uint8_t gid[16] = { 0xfe, 0x80, [8] = 2, [15] = 1 };

static const struct ns_link child = { 3, "ib0.1", "ipoib", .qpn = 6, .pkey = 0xffff, .gid = gid };
static const struct ns_link new_child = { 5, "new", "ipoib", .qpn = 7, .pkey = 0xffff, .gid = gid };
static const struct ns_link upper = { 4, "vxlan0", "vxlan" };
static const struct ns_link late_upper = { 7, "vxlan7", "vxlan" };
static const struct ns_link renamed_upper = { 4, "vxlan1", "vxlan" };
static const struct ns_link veth = { 6, "veth0", "veth" };
static const struct ns_link renamed_veth = { 6, "veth1", "veth" };

/* What is true in a namespace now, and what its followers have not heard of yet. */
static struct world {
	struct ns_link links[NETDEVS]; /* by ifindex */
	uint32_t above[NETDEVS];       /* the ifindex of what is above that netdev, or 0 */
	struct {
		uint32_t ifindex, flags;
		const char *address; /* or NULL */
	} addresses[ADDRESSES];
	struct ns_message queue[QUEUE];
	size_t queued;
	bool followed, lost;
	int sysfs;
} worlds[NAMESPACES];

/* What happens while the audit looks. */
static struct {
	void (*change)(void); /* or NULL */
	unsigned int now, next;
} script;

/* Whatever may happen between two questions happens now. */
static void moment(void)
{
	script.now++;
	while (script.change && script.now >= script.next)
		script.change();
}

static struct ns_message *notify(struct world *world)
{
	static struct ns_message unheard;

	if (!world->followed)
		return &unheard;
	if (world->queued == QUEUE)
		world->lost = true;
	return world->lost ? &unheard : &world->queue[world->queued++];
}

static void put_link(int namespace, const struct ns_link *link)
{
	struct world *world = &worlds[namespace];

	world->links[link->ifindex] = *link;
	ns_message_link(notify(world), RTM_NEWLINK, link);
}

static void remove_link(int namespace, const struct ns_link *link)
{
	struct world *world = &worlds[namespace];

	world->links[link->ifindex] = (struct ns_link){ 0 };
	ns_message_link(notify(world), RTM_DELLINK, link);
}

static void put_ip(int namespace, const struct ns_link *link, const char *address, uint32_t flags)
{
	struct world *world = &worlds[namespace];
	int i = 0;

	while (world->addresses[i].address)
		assert_true(++i < ADDRESSES);
	world->addresses[i].ifindex = link->ifindex;
	world->addresses[i].address = address;
	world->addresses[i].flags = flags;
	ns_message_ip(notify(world), RTM_NEWADDR, link->ifindex, address, 24, flags);
}

static void remove_ip(int namespace, const struct ns_link *link, const char *address)
{
	struct world *world = &worlds[namespace];
	int i = 0;

	while (world->addresses[i].ifindex != link->ifindex || !world->addresses[i].address ||
	       strcmp(world->addresses[i].address, address))
		assert_true(++i < ADDRESSES);
	world->addresses[i].address = NULL;
	ns_message_ip(notify(world), RTM_DELADDR, link->ifindex, address, 24, 0);
}

/* The functions that ask the kernel. */

int __wrap_netdev_follow_open(struct netdev_follow *follow, int netns_fd)
{
	const int namespace = netns_fd < 0 ? HOST : netns_fd - NETNS_FD;

	moment();
	memset(follow, 0, sizeof(*follow));
	follow->notifications.fd = follow->queries.fd = FOLLOW_FD + namespace;
	worlds[namespace].followed = true;
	return 0;
}

void __wrap_netdev_follow_close(struct netdev_follow *follow)
{
	netdev_table_release(&follow->table);
}

int __wrap_netlink_request(struct netlink *netlink, struct nlmsghdr *request,
			   netlink_handler handler, void *data)
{
	(void)netlink;
	(void)request;
	(void)handler;
	(void)data;
	moment();
	return 0;
}

int __wrap_netlink_drain(struct netlink *netlink, netlink_handler handler, void *data)
{
	struct world *world = &worlds[netlink->fd - FOLLOW_FD];
	int result = 0;

	moment();
	for (size_t i = 0; i < world->queued && !result; i++)
		result = handler(&world->queue[i].header, data);
	world->queued = 0;
	if (result || !world->lost)
		return result;
	world->lost = false;
	errno = ENOBUFS;
	return -1;
}

int __wrap_netdev_dump(struct netlink *netlink, struct netdev_table *table)
{
	struct world *world = &worlds[netlink->fd - FOLLOW_FD];
	struct ns_message message;

	netdev_table_begin_dump(table);
	for (int i = 1; i < NETDEVS; i++) {
		moment();
		if (world->links[i].ifindex)
			ns_add_link(table, &world->links[i]);
	}
	for (uint32_t i = 1; i < NETDEVS; i++) {
		moment();
		for (int j = 0; j < ADDRESSES; j++) {
			if (!world->addresses[j].address || world->addresses[j].ifindex != i)
				continue;
			ns_message_ip(&message, RTM_NEWADDR, i, world->addresses[j].address, 24,
				      world->addresses[j].flags);
			assert_int_equal(netdev_table_apply(table, &message.header), 0);
		}
	}
	netdev_table_end_dump(table);
	return 0;
}

static void fill_addresses(struct rdma_ns_netdev *netdev, const struct world *world)
{
	struct rdma_ns_address *list = (void *)(netdev + 1);

	netdev->addresses = list;
	for (int i = 0; i < ADDRESSES; i++) {
		struct rdma_ns_address *at = &list[netdev->addresses_count];
		const char *address = world->addresses[i].address;

		if (!address || world->addresses[i].ifindex != netdev->ifindex)
			continue;
		at->family = strchr(address, ':') ? AF_INET6 : AF_INET;
		at->prefix_length = 24;
		at->unusable = !!(world->addresses[i].flags & IFA_F_TENTATIVE);
		assert_int_equal(inet_pton(at->family, address, at->bytes), 1);
		netdev->addresses_count++;
	}
}

int netdevs_of(int netns_fd, struct rdma_ns_netdev ***list)
{
	const struct world *world = &worlds[netns_fd < 0 ? HOST : netns_fd - NETNS_FD];
	int count = 0;

	*list = calloc(NETDEVS, sizeof(**list));
	assert_non_null(*list);
	for (int i = 1; i < NETDEVS; i++) {
		const struct ns_link *link = &world->links[i];
		struct rdma_ns_netdev *netdev;

		moment();
		if (!link->qpn)
			continue;
		netdev = calloc(1, sizeof(*netdev) + ADDRESSES * sizeof(struct rdma_ns_address));
		assert_non_null(netdev);
		netdev->port = 1;
		netdev->transport = RDMA_NS_TRANSPORT_IB;
		netdev->ifindex = link->ifindex;
		netdev->qpn = link->qpn;
		strcpy(netdev->kind, link->kind);
		netdev->pkey = link->pkey;
		memcpy(netdev->gid.raw, link->gid, sizeof(netdev->gid.raw));
		(*list)[count++] = netdev;
	}
	for (int i = 0; i < count; i++) {
		moment();
		fill_addresses((*list)[i], world);
	}
	return count;
}

int __wrap_sysfs_open(int netns_fd)
{
	struct world *world = &worlds[netns_fd < 0 ? HOST : netns_fd - NETNS_FD];

	world->sysfs = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(world->sysfs >= 0);
	return world->sysfs;
}

int __wrap_netdev_sysfs_open(int root, const char *name, uint32_t ifindex)
{
	int namespace = 0;

	moment();
	while (worlds[namespace].sysfs != root)
		assert_true(++namespace < NAMESPACES);
	if (worlds[namespace].links[ifindex].ifindex &&
	    !strcmp(worlds[namespace].links[ifindex].name, name))
		return FOLDER_FD + namespace * NETDEVS + (int)ifindex;
	errno = EAGAIN;
	return -1;
}

uint64_t __wrap_netdev_sysfs_created(int root, const char *name, uint32_t ifindex)
{
	(void)root;
	(void)name;
	return ifindex;
}

int __wrap_netdev_sysfs_uppers(int folder, int (*take)(void *context, uint32_t ifindex),
			       void *context)
{
	const int which = folder - FOLDER_FD;
	uint32_t above;

	moment();
	above = worlds[which / NETDEVS].above[which % NETDEVS];
	return above ? take(context, above) : 0;
}

bool namespaces_late(const struct namespaces *namespaces, unsigned int seconds)
{
	(void)namespaces;
	(void)seconds;
	return false;
}

/* No namespace is made meanwhile. */
int namespaces_find(struct namespaces *namespaces, enum namespaces_extent extent)
{
	assert_int_equal(extent, NAMESPACES_ALL);
	memset(namespaces, 0, sizeof(*namespaces));
	return 0;
}

void namespaces_release(struct namespaces *namespaces)
{
	(void)namespaces;
}

struct namespace *namespaces_by_inode(const struct namespaces *namespaces, uint64_t inode)
{
	(void)namespaces;
	(void)inode;
	return NULL;
}

int namespaces_unseen(struct namespaces *namespaces, enum unseen kind, const char *name, int error)
{
	(void)name;
	assert_int_equal(error, EAGAIN);
	namespaces->unseen[kind]++;
	return 0;
}

/* What the audit finds. */
struct findings {
	unsigned int collisions;
	size_t unseen;
};

static void start_worlds(void)
{
	memset(worlds, 0, sizeof(worlds));
	for (int i = 0; i < NAMESPACES; i++) {
		put_link(i, &child);
		put_link(i, &veth);
		put_link(i, &upper);
		put_link(i, &late_upper);
		worlds[i].above[child.ifindex] = upper.ifindex;
	}
	remove_link(EMPTY, &child);
	put_ip(HOST, &child, IPV4, 0);
	put_ip(HOST, &child, IPV6, 0);
	put_ip(TENANT, &child, "10.0.0.77", 0);
}

static struct findings audit(void)
{
	static char name[] = "tenant";
	struct namespace list[NAMESPACES];
	struct namespaces namespaces = { .list = list,
					 .count = NAMESPACES,
					 .start.tv_sec = INT_MAX / 2 };
	struct findings findings = { 0 };
	struct looks looks;
	enum harm harm;
	size_t first;

	for (int i = 0; i < NAMESPACES; i++)
		list[i] = (struct namespace){ (uint64_t)i + 1, NETNS_FD + i, name };
	assert_int_equal(looks_take(&looks, &namespaces, true), 0);
	holders_sort(&looks.holders);
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
	put_link(namespace, &new_child);
}

static void delete_child(int namespace)
{
	remove_link(namespace, &new_child);
}

static void rename_upper(int namespace)
{
	put_link(namespace, &renamed_upper);
}

static void rename_upper_back(int namespace)
{
	put_link(namespace, &upper);
}

/* The kernel tells of the lower netdev. */
static void put_above(int namespace)
{
	worlds[namespace].above[child.ifindex] = late_upper.ifindex;
	put_link(namespace, &child);
}

static void put_aside(int namespace)
{
	worlds[namespace].above[child.ifindex] = upper.ifindex;
	put_link(namespace, &child);
}

static void lose_notifications(int namespace)
{
	worlds[namespace].lost |= worlds[namespace].followed;
}

/* An address of IPv6 that is announced anew is tentative at first. */
static void announce_anew(int namespace)
{
	put_ip(namespace, &child, IPV6, IFA_F_TENTATIVE);
	remove_ip(namespace, &child, IPV6);
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
	put_ip(place->namespace, place->netdev, way.address, 0);
}

static void move_on(void)
{
	const struct position *from = way.places[way.at % way.count], *to;

	if (!way.moves_left--) {
		script.change = NULL;
		return;
	}
	to = way.places[++way.at % way.count];
	arrive(to);
	remove_ip(from->namespace, from->netdev, way.address);
	if (from->leave)
		from->leave(from->namespace);
	script.next = script.now + way.rests[way.at % way.count];
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
	script.next = (unsigned int)rand() % moments;
}

/* How many moments are there, with nothing to see or to change? */
static unsigned int count_moments(void)
{
	struct findings findings;

	memset(&script, 0, sizeof(script));
	start_worlds();
	findings = audit();
	assert_int_equal(findings.collisions, 0);
	assert_int_equal(findings.unseen, 0);
	return script.now;
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
		script.now = 0;
		script.change = move_on;
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
		remove_ip(TENANT, &child, "10.0.0.78");
		remove_ip(TENANT, &veth, IPV4);
		put_link(OTHER, &veth);
	} else {
		put_ip(TENANT, &child, "10.0.0.78", 0);
		put_ip(TENANT, &veth, IPV4, 0);
		put_link(OTHER, &renamed_veth);
	}
	script.next = script.now + 1 + way.rests[0];
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
			script.now = 0;
			script.next = first;
			script.change = gain_or_lose;
			findings = audit();
			if (findings.collisions || findings.unseen)
				fail_msg("from moment %u on, every %u: %u collisions, %zu unseen",
					 first, rest + 1, findings.collisions, findings.unseen);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at_rest),
		cmocka_unit_test(test_wandering),
		cmocka_unit_test(test_honest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
