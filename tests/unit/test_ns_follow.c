// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The table against the running kernel, in a network namespace of the test's own; root is not
 * needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "netdev_follow.h"

static bool allowed;

static void need_namespaces(void)
{
	if (!allowed) {
		print_message("no network namespaces for this user, or no iproute2\n");
		skip();
	}
}

static void run(const char *command)
{
	assert_int_equal(system(command), 0);
}

static bool has_ip(const struct netdev_follow *follow, const char *address)
{
	uint8_t bytes[4];

	inet_pton(AF_INET, address, bytes);
	return netdev_table_by_ip(&follow->table, AF_INET, bytes, NULL) != NULL;
}

static void test_follow(void **state)
{
	struct netdev_follow follow;
	const struct netdev *netdev;
	uint32_t ifindex;

	(void)state;
	need_namespaces();
	run("ip link add one type veth peer name two && ip addr add 10.0.0.1/24 dev one");
	assert_int_equal(netdev_follow_open(&follow, -1), 0);
	assert_int_equal(netdev_follow_update(&follow), 0);
	netdev = netdev_table_by_name(&follow.table, "one");
	assert_non_null(netdev);
	assert_string_equal(netdev->link.kind, "veth");
	assert_false(netdev_is_up(netdev));
	assert_true(has_ip(&follow, "10.0.0.1"));
	ifindex = netdev->link.ifindex;

	run("ip link set one name uno && ip link set uno up && ip addr add 10.0.1.2/24 dev uno &&"
	    " ip addr del 10.0.0.1/24 dev uno");
	assert_int_equal(netdev_follow_update(&follow), 0);
	netdev = netdev_table_by_name(&follow.table, "uno");
	assert_non_null(netdev);
	assert_int_equal(netdev->link.ifindex, ifindex);
	assert_true(netdev_is_up(netdev));
	assert_null(netdev_table_by_name(&follow.table, "one"));
	assert_true(has_ip(&follow, "10.0.1.2"));
	assert_false(has_ip(&follow, "10.0.0.1"));

	/* To the namespace of a process that waits there. */
	run("unshare -n sleep 20 & for i in $(seq 100); do"
	    "  [ \"$(readlink /proc/$!/ns/net)\" = \"$(readlink /proc/$$/ns/net)\" ] || break; sleep 0.05;"
	    " done; ip link set uno netns $!; status=$?; kill $!; exit $status");
	assert_int_equal(netdev_follow_update(&follow), 0);
	assert_null(netdev_table_by_name(&follow.table, "uno"));
	assert_null(netdev_table_by_ifindex(&follow.table, ifindex));
	assert_false(has_ip(&follow, "10.0.1.2"));
	netdev_follow_close(&follow);
}

static void write_batch(const char *path, const char *verb, int from, int to)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (int i = from; i < to; i++)
		fprintf(file, "addr %s 127.%d.%d.1/32 dev lo\n", verb, 1 + i / 256, i % 256);
	assert_int_equal(fclose(file), 0);
}

static size_t addresses(const struct netdev_follow *follow)
{
	return follow->table.by_ip.count;
}

static int count_message(const struct nlmsghdr *header, void *data)
{
	(void)header;
	++*(int *)data;
	return 0;
}

/* More notifications than the socket holds: the table is right all the same. */
static void test_loss(void **state)
{
	static const int small = 4096;
	static const unsigned int groups[] = { RTNLGRP_IPV4_IFADDR, 0 };
	char batch[] = "/tmp/test_ns_follow.XXXXXX", command[64];
	struct netdev_follow follow;
	struct netlink witness;
	int notified = 0;
	size_t before;
	int fd;

	(void)state;
	need_namespaces();
	fd = mkstemp(batch);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(netdev_follow_open(&follow, -1), 0);
	assert_int_equal(setsockopt(follow.notifications.fd, SOL_SOCKET, SO_RCVBUF, &small,
				    sizeof(small)),
			 0);
	assert_int_equal(netdev_follow_update(&follow), 0);
	assert_int_equal(netlink_open(&witness, NETLINK_ROUTE, -1, groups), 0);
	assert_int_equal(setsockopt(witness.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	before = addresses(&follow);
	snprintf(command, sizeof(command), "ip -batch %s", batch);
	write_batch(batch, "add", 0, 2000);
	run(command);
	/* Without listing anew, most addresses would be missing. */
	assert_int_equal(netlink_drain(&witness, count_message, &notified), -1);
	assert_int_equal(errno, ENOBUFS);
	while (netlink_drain(&witness, count_message, &notified))
		assert_int_equal(errno, ENOBUFS);
	assert_true(notified < 1000);
	netlink_close(&witness);
	assert_int_equal(netdev_follow_update(&follow), 0);
	assert_int_equal(addresses(&follow), before + 2000);
	write_batch(batch, "del", 0, 1990);
	run(command);
	assert_int_equal(netdev_follow_update(&follow), 0);
	assert_int_equal(addresses(&follow), before + 10);
	assert_true(has_ip(&follow, "127.8.207.1"));
	assert_false(has_ip(&follow, "127.1.0.1"));
	unlink(batch);
	netdev_follow_close(&follow);
}

static void test_netlink_errors(void **state)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} request = {
		.header = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_GETLINK },
		.info = { .ifi_index = 0x7fffffff },
	};
	const unsigned int no_such_group[] = { 12345, 0 };
	struct netlink netlink;
	int messages = 0, fd;

	(void)state;
	need_namespaces();
	assert_int_equal(netlink_open(&netlink, NETLINK_ROUTE, -1, NULL), 0);
	assert_int_equal(netlink_request(&netlink, &request.header, count_message, &messages), -1);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(messages, 0);
	/* The socket is fit for the next request. */
	request.info.ifi_index = 0;
	request.header.nlmsg_flags = NLM_F_DUMP;
	assert_int_equal(netlink_request(&netlink, &request.header, count_message, &messages), 0);
	assert_true(messages > 0);
	netlink_close(&netlink);
	assert_int_equal(netlink_open(&netlink, NETLINK_ROUTE, -1, no_such_group), -1);
	assert_int_equal(netlink_open(&netlink, NETLINK_ROUTE, 9999, NULL), -1);
	assert_int_equal(errno, EBADF);
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_int_equal(netlink_netns_inode(fd), netlink_netns_inode(-1));
	assert_int_equal(netlink_open(&netlink, NETLINK_ROUTE, fd, NULL), 0);
	netlink_close(&netlink);
	close(fd);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

/* A user namespace, in which this user is root, and a network namespace. */
static bool enter(void)
{
	char users[32], groups[32];

	/* Both as they are outside: afterwards they are nobody's. */
	snprintf(users, sizeof(users), "0 %u 1", getuid());
	snprintf(groups, sizeof(groups), "0 %u 1", getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", users);
	write_file("/proc/self/gid_map", groups);
	return !system("ip link set lo up 2>/dev/null && ip link add t0 type veth peer name t1 2>/dev/null &&"
		       " ip link del t0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_netlink_errors),
	};

	allowed = enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
