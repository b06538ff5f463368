// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The lines of rdma-ns monitor, on a kernel that is made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "monitor_netdevs.h"
#include "monitor_options.h"
#include "netdev_follow.h"
#include "ns_messages.h"

int __wrap_netlink_request(struct netlink *netlink, struct nlmsghdr *request,
			   netlink_handler handler, void *data);
int __wrap_netlink_drain(struct netlink *netlink, netlink_handler handler, void *data);
int __wrap_netdev_dump_chosen(struct netlink *netlink, struct netdev_table *table,
			      const struct netdev_choice *choice);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

/* The namespaces; their numbers, which the host's does not have. */
enum { HOST, RED, BLUE, NAMESPACES };

#define INODE 4026531840u
#define FD 1000 /* plus the namespace */
#define QUEUE 64

static const uint8_t gid[16] = { 0xfe, 0x80, [8] = 2, [15] = 1 };
static const struct ns_link child = { 3, "ib0.1", "ipoib", .qpn = 6, .pkey = 0xffff, .gid = gid };
static const struct ns_link renamed = { 3, "eth0", "ipoib", .qpn = 6, .pkey = 0xffff, .gid = gid };
static const struct ns_link is_down = { 3, "ib0.1", "ipoib", true,
					.qpn = 6, .pkey = 0xffff, .gid = gid };
static const struct ns_link veth = { 5, "veth0", "veth" };
static const struct ns_link ugly = { 3, "q\"\\\xff\033[2J", "ipoib",
				     .qpn = 6, .pkey = 0xffff, .gid = gid };

static struct world {
	struct netdev_table tables[NAMESPACES]; /* what is true */
	struct {
		int namespace;
		struct ns_message message;
	} queue[QUEUE];
	size_t queued;
	bool overrun;
	time_t second;
	struct monitor monitor;
	char *text;
	size_t size;
} world;

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	(void)clock;
	*time = (struct timespec){ .tv_sec = world.second };
	return 0;
}

static int32_t number_of(int namespace)
{
	return namespace == HOST ? OWN_NUMBER : namespace + 10;
}

/* What is asked is which number a namespace has. */
int __wrap_netlink_request(struct netlink *netlink, struct nlmsghdr *request,
			   netlink_handler handler, void *data)
{
	struct nlattr *fd = nlmsg_find_attr(request, sizeof(struct rtgenmsg), NETNSA_FD);
	struct rtnetlink_answer {
		struct nlmsghdr header;
		struct rtgenmsg message;
		char rest[3];
		struct nlattr attribute;
		int32_t number;
	} answer = { .header = { sizeof(answer), RTM_NEWNSID, 0, 0, 0 },
		     .attribute = { NLA_HDRLEN + 4, NETNSA_NSID } };

	(void)netlink;
	assert_non_null(fd);
	if (request->nlmsg_type == RTM_NEWNSID) {
		errno = EEXIST;
		return -1;
	}
	answer.number = number_of((int)nla_get_u32(fd) - FD);
	return handler(&answer.header, data);
}

int __wrap_netlink_drain(struct netlink *netlink, netlink_handler handler, void *data)
{
	if (world.overrun) {
		world.overrun = false;
		errno = ENOBUFS;
		return -1;
	}
	for (size_t i = 0; i < world.queued; i++) {
		netlink->namespace_number = number_of(world.queue[i].namespace);
		assert_int_equal(handler(&world.queue[i].message.header, data), 0);
	}
	world.queued = 0;
	return 0;
}

int __wrap_netdev_dump_chosen(struct netlink *netlink, struct netdev_table *table,
			      const struct netdev_choice *choice)
{
	const int namespace = choice->namespace_number < 0 ? HOST : choice->namespace_number - 10;
	const struct netdev *netdev = NULL;

	(void)netlink;
	while ((netdev = netdev_table_next(&world.tables[namespace], netdev))) {
		const struct ns_link link = { netdev->link.ifindex, netdev->link.name,
					      netdev->link.kind,
					      .down = !netdev_is_up(netdev),
					      .qpn = netdev->link.qpn,
					      .pkey = netdev->link.pkey,
					      .gid = netdev->link.gid };

		if (!choice->wanted(&netdev->link, choice->context))
			continue;
		ns_add_link(table, &link);
		for (const struct netdev_address *at = netdev->addresses; at; at = at->next) {
			char text[INET6_ADDRSTRLEN];

			inet_ntop(at->ip.family, at->ip.bytes, text, sizeof(text));
			ns_add_ip(table, netdev->link.ifindex, text);
		}
	}
	return 0;
}

static struct ns_message *notify(int namespace)
{
	assert_true(world.queued < QUEUE);
	world.queue[world.queued].namespace = namespace;
	return &world.queue[world.queued++].message;
}

static void put(int namespace, const struct ns_link *link)
{
	ns_add_link(&world.tables[namespace], link);
	ns_message_link(notify(namespace), RTM_NEWLINK, link);
}

static void take_away(int namespace, const struct ns_link *link, bool moved)
{
	struct ns_message *message = notify(namespace);
	struct nlattr *attribute;

	ns_remove_link(&world.tables[namespace], link->ifindex);
	ns_message_link(message, RTM_DELLINK, link);
	if (!moved)
		return;
	attribute = (void *)((char *)message + NLMSG_ALIGN(message->header.nlmsg_len));
	*attribute = (struct nlattr){ NLA_HDRLEN + 4, IFLA_NEW_NETNSID };
	message->header.nlmsg_len = NLMSG_ALIGN(message->header.nlmsg_len) + NLA_HDRLEN + 4;
}

static void put_ip(int namespace, uint32_t ifindex, const char *address, uint32_t flags)
{
	ns_add_ip(&world.tables[namespace], ifindex, address);
	ns_message_ip(notify(namespace), RTM_NEWADDR, ifindex, address, 24, flags);
}

static void remove_ip(int namespace, uint32_t ifindex, const char *address)
{
	ns_remove_ip(&world.tables[namespace], ifindex, address);
	ns_message_ip(notify(namespace), RTM_DELADDR, ifindex, address, 24, 0);
}

/* What has been printed since this was called last. */
static const char *printed(void)
{
	static char text[1 << 16];

	fflush(world.monitor.output.file);
	assert_true(world.size < sizeof(text));
	memcpy(text, world.text, world.size);
	text[world.size] = '\0';
	rewind(world.monitor.output.file);
	return text;
}

static void find_namespaces(bool unseen)
{
	struct namespace list[NAMESPACES] = {
		{ .inode = INODE + HOST, .fd = FD + HOST, .name = (char *)"pid:1" },
		{ .inode = INODE + RED, .fd = FD + RED, .name = (char *)"red", .named = true },
		{ .inode = INODE + BLUE, .fd = FD + BLUE, .name = (char *)"podman:0123",
		  .found_name = (char *)"cni-1", .named = true, .unseen = unseen },
	};
	struct namespaces namespaces = { .list = list, .count = NAMESPACES };

	assert_int_equal(monitor_watches_update(&world.monitor.watches, &world.monitor.queries,
						&namespaces),
			 0);
	assert_int_equal(monitor_netdevs_list(&world.monitor), 0);
}

static int set_up(void **state)
{
	struct monitor *monitor = &world.monitor;

	(void)state;
	memset(&world, 0, sizeof(world));
	world.second = 1;
	monitor->output.file = open_memstream(&world.text, &world.size);
	monitor->filter.netdevs = monitor->filter.collisions = true;
	monitor->all = true;
	find_namespaces(false);
	monitor->started = true;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fclose(world.monitor.output.file);
	free(world.text);
	monitor_collisions_release(&world.monitor.collisions);
	monitor_watches_release(&world.monitor.watches);
	free(world.monitor.ports);
	for (int i = 0; i < NAMESPACES; i++)
		netdev_table_release(&world.tables[i]);
	return 0;
}

static const char *told(void)
{
	assert_int_equal(monitor_netdevs_take(&world.monitor), 0);
	return printed();
}

#define IB01 "netdev ib0.1 netns red ifindex 3"
#define NUMBERS " p_key 0xffff qpn 0x000006"

static void test_netdevs(void **state)
{
	(void)state;
	put(RED, &child);
	assert_string_equal(told(), "netdev added: " IB01 NUMBERS " up yes\n");
	put_ip(RED, 3, "10.0.0.5", 0);
	assert_string_equal(told(), "address added: address 10.0.0.5 prefix_length 24 " IB01
				    " unusable no\n");
	put(RED, &child);
	put_ip(RED, 3, "10.0.0.5", 0);
	assert_string_equal(told(), "");
	put(RED, &is_down);
	put(RED, &child);
	assert_string_equal(told(), "netdev down: " IB01 NUMBERS " up no\n"
				    "netdev up: " IB01 NUMBERS " up yes\n");
	put(RED, &renamed);
	assert_string_equal(told(), "netdev renamed: netdev eth0 netns red ifindex 3" NUMBERS
				    " up yes former_netdev ib0.1\n");
	remove_ip(RED, 3, "10.0.0.5");
	assert_string_equal(told(), "address removed: address 10.0.0.5 prefix_length 24 netdev eth0 "
				    "netns red ifindex 3 unusable no\n");
	put_ip(RED, 3, "fd00::5", IFA_F_TENTATIVE);
	put_ip(RED, 3, "fd00::5", 0);
	told();
	take_away(RED, &renamed, true);
	put(BLUE, &child);
	assert_string_equal(told(), "netdev left: netdev eth0 netns red ifindex 3" NUMBERS " up yes\n"
				    "netdev moved: netdev ib0.1 netns podman:0123 ifindex 3" NUMBERS
				    " up yes from_netns red from_netns_inode 4026531841\n");
	take_away(BLUE, &child, false);
	put(RED, &child);
	assert_string_equal(told(), "netdev removed: netdev ib0.1 netns podman:0123 ifindex 3" NUMBERS
				    " up yes\nnetdev added: " IB01 NUMBERS " up yes\n");
}

/* What belongs to no RDMA device, and what is above a netdev, only leads to another look. */
static void test_others(void **state)
{
	(void)state;
	put(RED, &veth);
	assert_string_equal(told(), "");
	assert_false(world.monitor.changed);
	put_ip(RED, 5, "10.0.0.5", 0);
	assert_string_equal(told(), "");
	assert_true(world.monitor.changed);
}

/* Both the old and the new state are known, so only what has come and gone meanwhile is lost. */
static void test_loss(void **state)
{
	(void)state;
	put(RED, &child);
	put_ip(RED, 3, "10.0.0.5", 0);
	told();
	remove_ip(RED, 3, "10.0.0.5");
	put_ip(RED, 3, "10.0.0.6", 0);
	put(BLUE, &child);
	world.queued = 0;
	world.overrun = true;
	assert_int_equal(monitor_netdevs_take(&world.monitor), 1);
	assert_true(world.monitor.overrun);
	assert_int_equal(monitor_netdevs_take(&world.monitor), 0);
	assert_string_equal(printed(), "");
	monitor_netdevs_doubt(&world.monitor);
	assert_int_equal(monitor_netdevs_list(&world.monitor), 0);
	assert_string_equal(printed(),
			    "netdev added: netdev ib0.1 netns podman:0123 ifindex 3" NUMBERS " up yes\n"
			    "address removed: address 10.0.0.5 prefix_length 24 " IB01 " unusable no\n"
			    "address added: address 10.0.0.6 prefix_length 24 " IB01 " unusable no\n");
	remove_ip(RED, 3, "10.0.0.6");
	assert_string_equal(told(), "address removed: address 10.0.0.6 prefix_length 24 " IB01
				    " unusable no\n");
}

static void end_of(int namespace)
{
	struct ns_message *message = notify(HOST);
	struct nlattr *attribute = (void *)(message->body + 4);
	const int32_t number = number_of(namespace);

	memset(message, 0, sizeof(*message));
	message->header.nlmsg_type = RTM_DELNSID;
	message->header.nlmsg_len = NLMSG_LENGTH(4) + NLA_HDRLEN + 4;
	*attribute = (struct nlattr){ NLA_HDRLEN + 4, NETNSA_NSID };
	memcpy((char *)attribute + NLA_HDRLEN, &number, sizeof(number));
}

/* Its number may be given to another one then. */
static void test_end(void **state)
{
	(void)state;
	put(RED, &child);
	told();
	end_of(RED);
	assert_string_equal(told(), "netdev removed: " IB01 NUMBERS " up yes\n");
	assert_null(monitor_watch_by_number(&world.monitor.watches, number_of(RED)));
	put(RED, &renamed);
	assert_string_equal(told(), "");
	monitor_watches_sweep(&world.monitor.watches);
	find_namespaces(false);
	assert_string_equal(printed(), "netdev added: netdev eth0 netns red ifindex 3" NUMBERS
				       " up yes\n");
}

/* A noisy namespace takes no lines from the others. */
static void test_rate(void **state)
{
	struct monitor *monitor = &world.monitor;
	struct monitor_watch *red;

	(void)state;
	monitor->output.rate = 4;
	for (int i = 0; i < 20; i++) {
		put(RED, &child);
		take_away(RED, &child, false);
	}
	put(BLUE, &child);
	told();
	assert_int_equal(monitor->output.printed, 5);
	red = monitor_watch_by_number(&monitor->watches, number_of(RED));
	assert_int_equal(red->buckets[MONITOR_CHANGES].left_out, 36);
	world.second++;
	put(RED, &child);
	told();
	assert_int_equal(monitor->output.printed, 6);
}

static void test_json(void **state)
{
	struct monitor *monitor = &world.monitor;

	(void)state;
	monitor->output.json = true;
	put(BLUE, &ugly);
	assert_string_equal(
		told(),
		"{\"event\":\"netdev_added\",\"time\":\"1970-01-01T00:00:01.000Z\","
		"\"netdev\":\"q\\\"\\\\x5c\\\\xff\\\\x1b[2J\",\"netns\":\"podman:0123\","
		"\"netns_inode\":4026531842,\"netns_name\":\"cni-1\",\"netns_engine\":null,"
		"\"netns_container\":null,\"netns_pod\":null,\"netns_user\":null,\"netns_pid\":null,"
		"\"netns_command\":null,\"ifindex\":3,\"device\":null,\"port\":null,"
		"\"p_key\":\"0xffff\",\"qpn\":\"0x000006\",\"up\":true,\"former_netdev\":null,"
		"\"from_netns\":null,\"from_netns_inode\":null}\n");
}

static void test_filters(void **state)
{
	struct monitor_filter *filter = &world.monitor.filter;

	(void)state;
	filter->netns = "cni-1";
	put(RED, &child);
	put(BLUE, &child);
	assert_non_null(strstr(told(), "podman:0123"));
	assert_int_equal(world.monitor.output.printed, 1);
	filter->netns = "4026531841";
	filter->netdev = "ib0.2";
	put(RED, &renamed);
	assert_string_equal(told(), "");
	filter->netdev = "ib0.1";
	put(RED, &child);
	assert_non_null(strstr(told(), "former_netdev eth0"));
	filter->address = ns_sockaddr("10.0.0.6", 0);
	put_ip(RED, 3, "10.0.0.5", 0);
	put(RED, &is_down);
	assert_string_equal(told(), "");
	put_ip(RED, 3, "10.0.0.6", 0);
	assert_non_null(strstr(told(), "address added: address 10.0.0.6"));
}

/* The netdev that a look has found in a namespace, with this address. */
static struct rdma_ns_netdev netdev_in(int namespace, const char *name, uint32_t qpn)
{
	struct rdma_ns_netdev netdev = { .ifindex = 3,
					 .port = 1,
					 .transport = RDMA_NS_TRANSPORT_IB,
					 .qpn = qpn,
					 .pkey = 0xffff,
					 .up = 1,
					 .netns = INODE + (uint64_t)namespace };

	strcpy(netdev.device, "sib0");
	strcpy(netdev.name, name);
	memcpy(netdev.gid.raw, gid, sizeof(gid));
	return netdev;
}

static const char *look(const struct holder *list, size_t count)
{
	struct holders holders = { calloc(count + 1, sizeof(*list)), count, count + 1 };

	if (count)
		memcpy(holders.list, list, count * sizeof(*list));
	assert_int_equal(monitor_collisions_take(&world.monitor, &holders), 0);
	holders_release(&holders);
	return printed();
}

static struct holder holder_of(const struct rdma_ns_netdev *netdev, const char *address)
{
	struct holder holder = { .netdev = netdev,
				 .address.family = AF_INET,
				 .namespace = netdev->netns - INODE,
				 .created = netdev->qpn };

	assert_int_equal(inet_pton(AF_INET, address, holder.address.bytes), 1);
	return holder;
}

#define LINE(event, netns, netdev, qpn, wins)                                           \
	"collision " event ": address 10.0.0.5 netns " netns " netdev " netdev          \
	" ifindex 3 device sib0 port 1 p_key 0xffff qpn 0x00000" qpn " up yes wins " wins "\n"

static void test_collisions(void **state)
{
	struct rdma_ns_netdev red = netdev_in(RED, "ib0.red", 4);
	struct rdma_ns_netdev blue = netdev_in(BLUE, "ib0.blue", 3);
	struct holder both[] = { holder_of(&red, "10.0.0.5"), holder_of(&blue, "10.0.0.5") };

	(void)state;
	assert_string_equal(look(both, 1), "");
	assert_string_equal(look(both, 2), LINE("began", "red", "ib0.red", "4", "no")
						   LINE("began", "podman:0123", "ib0.blue", "3", "yes"));
	assert_string_equal(look(both, 2), "");
	both[1].created = 5;
	assert_string_equal(look(both, 2),
			    LINE("changed", "red", "ib0.red", "4", "yes")
				    LINE("changed", "podman:0123", "ib0.blue", "3", "no"));
	/* Blue changes its netdevs all the time: it may still have it. */
	find_namespaces(true);
	assert_string_equal(look(both, 1), "");
	assert_string_equal(look(both, 0), "");
	find_namespaces(false);
	assert_string_equal(look(both, 1),
			    LINE("ended", "red", "ib0.red", "4", "yes")
				    LINE("ended", "podman:0123", "ib0.blue", "3", "no"));
}

static void test_collisions_at_first(void **state)
{
	struct rdma_ns_netdev red = netdev_in(RED, "ib0.red", 4);
	struct rdma_ns_netdev blue = netdev_in(BLUE, "ib0.blue", 3);
	struct holder both[] = { holder_of(&red, "10.0.0.5"), holder_of(&blue, "10.0.0.5") };

	(void)state;
	world.monitor.filter.netns = "red";
	assert_string_equal(look(both, 2), LINE("found", "red", "ib0.red", "4", "no")
						   LINE("found", "podman:0123", "ib0.blue", "3", "yes"));
	world.monitor.filter.netns = "pid:1";
	assert_string_equal(look(both, 0), "");
}

/* One that collides with itself very often hides no collision with a neighbour. */
static void test_many_collisions(void **state)
{
	struct rdma_ns_netdev red = netdev_in(RED, "ib0.red", 4);
	struct rdma_ns_netdev blue = netdev_in(BLUE, "ib0.blue", 3);
	struct rdma_ns_netdev host = netdev_in(HOST, "ib0", 2);
	struct holder many[202];
	const char *text;
	char address[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(address, sizeof(address), "10.0.0.%d", 100 + i);
		many[2 * i] = holder_of(&red, address);
		many[2 * i + 1] = holder_of(&blue, address);
	}
	many[200] = holder_of(&host, "10.0.1.1");
	many[201] = holder_of(&red, "10.0.1.1");
	world.monitor.output.rate = 10;
	text = look(many, 202);
	assert_int_equal(world.monitor.output.printed, 22);
	assert_non_null(strstr(text, "collision found: address 10.0.1.1 netns pid:1 "));
	assert_non_null(strstr(text, "collision found: address 10.0.1.1 netns red "));
}

/* Ports are known by what a look has found, and so are netdevs of Ethernet. */
static void test_learning(void **state)
{
	struct rdma_ns_netdev red = netdev_in(RED, "ib0.1", 6), roce = netdev_in(BLUE, "eth5", 0);
	struct rdma_ns_netdev *list[] = { &red, &roce, NULL }, **lists[] = { list };
	struct looks looks = { .lists = lists, .lists_count = 1 };
	static const struct ns_link eth5 = { 5, "eth5", "" };

	(void)state;
	roce.transport = RDMA_NS_TRANSPORT_ROCE;
	roce.ifindex = 5;
	put(BLUE, &eth5);
	assert_string_equal(told(), "");
	assert_int_equal(monitor_netdevs_learn(&world.monitor, &looks), 0);
	assert_int_equal(monitor_netdevs_list(&world.monitor), 0);
	assert_string_equal(printed(), "netdev added: netdev eth5 netns podman:0123 ifindex 5 up yes\n");
	put(RED, &child);
	assert_string_equal(told(), "netdev added: " IB01 " device sib0 port 1" NUMBERS " up yes\n");
	list[1] = NULL;
	assert_int_equal(monitor_netdevs_learn(&world.monitor, &looks), 0);
	assert_int_equal(monitor_netdevs_list(&world.monitor), 0);
	assert_string_equal(printed(),
			    "netdev removed: netdev eth5 netns podman:0123 ifindex 5 up yes\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_netdevs),    TEST(test_others),
		TEST(test_loss),       TEST(test_end),
		TEST(test_rate),       TEST(test_json),
		TEST(test_filters),    TEST(test_collisions),
		TEST(test_learning),   TEST(test_collisions_at_first),
		TEST(test_many_collisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
