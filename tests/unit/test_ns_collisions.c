// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Who has an address that another one has, on which port, and who would get its connections. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
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

#include "collisions.h"
#include "ns_messages.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct timespec never = { .tv_sec = INT32_MAX };

static struct rdma_ns_address ip(const char *text, uint8_t prefix_length, bool unusable)
{
	struct rdma_ns_address address = { .prefix_length = prefix_length, .unusable = unusable };

	address.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	assert_int_equal(inet_pton(address.family, text, address.bytes), 1);
	return address;
}

/*
 * Two namespaces with netdevs of two ports and two P_Keys. Only red's and blue's 10.0.0.5 on port
 * 1, P_Key 0xffff collide, although blue is a limited member.
 */
static void test_collisions(void **state)
{
	struct rdma_ns_address addresses[] = {
		ip("10.0.0.5", 24, false), ip("10.0.0.5", 32, false), ip("10.0.0.6", 24, true),
		ip("fe80::202:0:0:1", 64, false), ip("10.0.0.7", 24, false), ip("fe80::77", 64, false),
	};
	struct rdma_ns_netdev red = { .ifindex = 2,
				      .port = 1,
				      .transport = RDMA_NS_TRANSPORT_IB,
				      .kind = "ipoib",
				      .pkey = 0xffff,
				      .addresses = addresses,
				      .addresses_count = 6,
				      .gid.raw = { 0xfe, 0x80, [9] = 2, [15] = 1 } };
	struct rdma_ns_netdev blue = red, other_pkey = red, other_port = red, roce = red,
			      bond = red;
	struct rdma_ns_netdev *red_list[] = { &red, &bond, NULL };
	struct rdma_ns_netdev *blue_list[] = { &blue, &other_pkey, &other_port, &roce, NULL };
	const struct ns_link bond_link = { 9, "bd", "bond", .qpn = 4, .gid = red.gid.raw };
	struct netdev_table table = { 0 }, none = { 0 };
	struct holders holders = { 0 };
	size_t count, counts[HARM_COUNT] = { 0 };
	enum harm harm;

	(void)state;
	blue.pkey = 0x7fff;
	blue.addresses_count = 4;
	other_pkey.pkey = 0x8001;
	other_port.gid.raw[15] = 2;
	other_port.port = 2;
	roce.transport = RDMA_NS_TRANSPORT_ROCE;
	/* red is a port of the bond. */
	strcpy(bond.kind, "bond");
	bond.ifindex = red.master = 9;
	bond.addresses_count = red.addresses_count = 0;
	ns_add_link(&table, &bond_link);
	ns_add_link(&table, &(struct ns_link){ red.ifindex, "ib0.red", "ipoib", .master = 9 });
	for (size_t i = 0; i < COUNT(addresses); i++) {
		char text[TEXT_MAX];

		if (!addresses[i].unusable)
			ns_add_ip(&table, 9,
				  ip_text(addresses[i].family, addresses[i].bytes, text));
	}
	assert_int_equal(holders_add(&holders, red_list, &table, -1, 0, &never), 0);
	assert_int_equal(holders_add(&holders, blue_list, &none, -1, 1, &never), 1);
	holders_sort(&holders);
	for (size_t i = 0; i < holders.count; i += count) {
		const struct holder *holder = &holders.list[i];

		count = holders_group(&holders, i, &harm);
		counts[harm]++;
		assert_int_equal(count, harm == HARM_COLLISION || harm == HARM_SAME_PORT ? 2 : 1);
		if (count == 1)
			continue;
		assert_ptr_equal(holder[0].netdev, &red);
		assert_string_equal(holder[0].upper_name, "bd");
		assert_ptr_equal(holder[1].netdev, &blue);
		assert_int_equal(harm == HARM_SAME_PORT, holder->address.family == AF_INET6);
	}
	assert_int_equal(counts[HARM_COLLISION], 1);
	assert_int_equal(counts[HARM_SAME_PORT], 1);
	assert_int_equal(counts[HARM_OTHER_PKEY], 6);
	assert_int_equal(counts[HARM_OTHER_PORT], 4);
	assert_int_equal(counts[HARM_NONE] + counts[HARM_SAME_NAMESPACE], 0);
	holders_release(&holders);

	/* Two in one namespace. */
	red.master = 0;
	strcpy(bond.kind, "ipoib");
	bond.addresses_count = red.addresses_count = 6;
	assert_int_equal(holders_add(&holders, red_list, &none, -1, 0, &never), 1);
	holders_sort(&holders);
	assert_int_equal(holders.count, 8);
	for (size_t i = 0; i < holders.count; i += 2) {
		assert_int_equal(holders_group(&holders, i, &harm), 2);
		assert_int_equal(harm, HARM_SAME_NAMESPACE);
	}
	holders_release(&holders);
	holders_sort(&holders);
	assert_int_equal(holders.count, 0);
	netdev_table_release(&table);
}

/* Only what the kernel says of an address tells whether a router may have given it. */
static void test_permanent(void **state)
{
	struct rdma_ns_address address = ip("fd00::5", 64, false);
	struct rdma_ns_netdev netdev = { .ifindex = 2,
					 .transport = RDMA_NS_TRANSPORT_IB,
					 .kind = "ipoib",
					 .addresses = &address,
					 .addresses_count = 1 };
	struct rdma_ns_netdev *list[] = { &netdev, NULL };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct netdev_table table = { 0 };
		struct holders holders = { 0 };
		struct ns_message message;

		ns_add_link(&table, &(struct ns_link){ 2, "ib0.red", "ipoib" });
		ns_message_ip(&message, RTM_NEWADDR, 2, "fd00::5", 64, i ? IFA_F_PERMANENT : 0);
		/* It was listed, and the table lacks it. */
		if (i < 2)
			assert_int_equal(netdev_table_apply(&table, &message.header), 0);
		assert_int_equal(holders_add(&holders, list, &table, -1, 0, &never), 0);
		holders_sort(&holders);
		assert_int_equal(holders.count, 1);
		assert_int_equal(holders.list[0].permanent, i == 1);
		holders_release(&holders);
		netdev_table_release(&table);
	}
}

/* The harm of the only group. */
static enum harm harm_of(struct rdma_ns_netdev *const *red, struct rdma_ns_netdev *const *blue,
			 const struct netdev_table *blue_table, size_t expected_count)
{
	const struct netdev_table none = { 0 };
	struct holders holders = { 0 };
	enum harm harm;

	assert_int_equal(holders_add(&holders, red, &none, -1, 0, &never), 1);
	assert_true(holders_add(&holders, blue, blue_table, -1, 1, &never) >= 0);
	holders_sort(&holders);
	assert_int_equal(holders.count, 2);
	assert_int_equal(holders_group(&holders, 0, &harm), expected_count);
	holders_release(&holders);
	return harm;
}

/* A bond that has lost its port looks like IPoIB, with whatever its owner has written there. */
static void test_bond_without_port(void **state)
{
	struct rdma_ns_address address = ip("10.0.0.5", 24, false);
	struct rdma_ns_netdev bond = { .ifindex = 2,
				       .port = 1,
				       .transport = RDMA_NS_TRANSPORT_IB,
				       .kind = "bond",
				       .addresses = &address,
				       .addresses_count = 1 };
	struct rdma_ns_netdev *list[] = { &bond, NULL };
	const struct netdev_table none = { 0 };
	struct holders holders = { 0 };

	(void)state;
	assert_int_equal(holders_add(&holders, list, &none, -1, 0, &never), 0);
	assert_int_equal(holders.count, 0);
}

/* What a tenant may do so that the address is not where one would look for it. */
static void test_hidden_collisions(void **state)
{
	struct rdma_ns_address address = ip("10.0.0.5", 24, false);
	struct rdma_ns_netdev red = { .ifindex = 2,
				      .port = 1,
				      .transport = RDMA_NS_TRANSPORT_IB,
				      .kind = "ipoib",
				      .pkey = 0xffff,
				      .addresses = &address,
				      .addresses_count = 1,
				      .gid.raw = { 0xfe, 0x80, [9] = 2, [15] = 1 } };
	struct rdma_ns_netdev blue = red, bond = red;
	struct rdma_ns_netdev *red_list[] = { &red, NULL }, *blue_list[] = { &blue, &bond, NULL };
	const struct ns_link bond_link = {
		9, "bd", "bond", .master = 10, .qpn = 4, .gid = red.gid.raw
	};
	const struct ns_link vrf_link = { 10, "vr", "vrf" };
	const struct ns_link blue_link = { 2, "ib0.blue", "ipoib", .master = 9 };
	struct netdev_table table = { 0 }, none = { 0 };

	(void)state;
	strcpy(bond.kind, "bond");
	bond.ifindex = blue.master = 9;
	bond.addresses_count = 0;
	ns_add_link(&table, &bond_link);
	ns_add_link(&table, &vrf_link);
	ns_add_link(&table, &blue_link);
	print_message("on the bond's port\n");
	assert_int_equal(harm_of(red_list, blue_list, &table, 2), HARM_COLLISION);
	print_message("on the VRF above the bond\n");
	blue.addresses_count = 0;
	ns_add_ip(&table, 10, "10.0.0.5");
	assert_int_equal(harm_of(red_list, blue_list, &table, 2), HARM_COLLISION);
	print_message("on the port itself, since it was listed\n");
	ns_remove_ip(&table, 10, "10.0.0.5");
	ns_add_ip(&table, 2, "10.0.0.5");
	assert_int_equal(harm_of(red_list, blue_list, &table, 2), HARM_COLLISION);
	ns_add_ip(&table, 10, "10.0.0.5");
	print_message("with the GUID of no port\n");
	blue.addresses_count = 1;
	blue_list[1] = NULL;
	blue.master = 0;
	ns_remove_link(&table, 2);
	blue.port = 0;
	blue.gid.raw[15] = 2;
	assert_int_equal(harm_of(red_list, blue_list, &table, 2), HARM_COLLISION);
	print_message("the same, but another P_Key\n");
	blue.pkey = 0x8001;
	assert_int_equal(harm_of(red_list, blue_list, &table, 1), HARM_OTHER_PKEY);
	print_message("the port keeps its link-local address\n");
	blue = red;
	blue.master = 9;
	ns_add_link(&table, &blue_link);
	blue_list[1] = &bond;
	address = ip("fe80::202:0:0:1", 64, false);
	ns_remove_ip(&table, 10, "10.0.0.5");
	ns_add_ip(&table, 9, "fe80::202:0:0:1");
	assert_int_equal(harm_of(red_list, blue_list, &table, 2), HARM_SAME_PORT);
	print_message("one that follows from a GUID which no port has\n");
	red.port = blue.port = 0;
	blue.master = 0;
	blue_list[1] = NULL;
	assert_int_equal(harm_of(red_list, blue_list, &none, 2), HARM_COLLISION);
	netdev_table_release(&table);
}

/* Red on port 1 and green on port 2 have blue's address. Says what that means for each. */
static const char *harms_by_name(struct ipoib_parent *parents, size_t count,
				 const struct rdma_ns_netdev *blue, uint32_t blues_parent)
{
	const struct rdma_ns_netdev red = { .ifindex = 20,
					    .name = "red",
					    .device = "sib0",
					    .port = 1,
					    .transport = RDMA_NS_TRANSPORT_IB,
					    .kind = "ipoib",
					    .pkey = 0xffff,
					    .gid.raw = { 0xfe, 0x80, [15] = 1 } };
	struct rdma_ns_address address = ip("10.0.0.5", 24, false);
	struct rdma_ns_netdev netdevs[] = { red, red, *blue };
	const uint32_t of[] = { 4, 5, blues_parent };
	struct holders holders = { 0 };
	static char text[128];
	enum harm harm;
	size_t length;

	strcpy(netdevs[1].name, "green");
	netdevs[1].port = netdevs[1].gid.raw[15] = 2;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(ipoib_parents_add(&holders.parents, parents[i].netdev,
						   parents[i].namespace), 0);
	for (size_t i = 0; i < COUNT(netdevs); i++) {
		struct rdma_ns_netdev *list[] = { &netdevs[i], NULL };
		const struct ns_link link = { netdevs[i].ifindex, netdevs[i].name, "ipoib",
					      .qpn = 3, .pkey = 0xffff,
					      .gid = netdevs[i].gid.raw, .parent = of[i] };
		struct netdev_table table = { 0 };

		netdevs[i].addresses = &address;
		netdevs[i].addresses_count = 1;
		ns_add_link(&table, &link);
		assert_int_equal(holders_add(&holders, list, &table, -1, i + 1, &never), 0);
		netdev_table_release(&table);
	}
	holders_sort(&holders);
	*text = '\0';
	for (size_t i = 0; i < holders.count; i += length) {
		length = holders_group(&holders, i, &harm);
		for (size_t j = i; j < i + length; j++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s/%u %s: %s; ",
				 holders.list[j].device, holders.list[j].port,
				 holders.list[j].netdev->name, harm_str(harm));
	}
	holders_release(&holders);
	return text;
}

/* Its owner may write any GUID into a netdev, but not where it comes from. */
static void test_ports(void **state)
{
	const struct rdma_ns_netdev ib0 = { .ifindex = 4, .device = "sib0", .port = 1 };
	const struct rdma_ns_netdev ib1 = { .ifindex = 5, .device = "sib0", .port = 2 };
	const struct rdma_ns_netdev changed = { .ifindex = 4 };
	const struct rdma_ns_netdev elsewhere = { .ifindex = 4, .device = "sib0", .port = 2 };
	struct ipoib_parent parents[] = { { &ib0, 0 }, { &ib1, 0 }, { &elsewhere, 3 } };
	struct rdma_ns_netdev blue = { .ifindex = 20,
				       .name = "blue",
				       .device = "sib0",
				       .port = 2,
				       .transport = RDMA_NS_TRANSPORT_IB,
				       .kind = "ipoib",
				       .pkey = 0xffff,
				       .gid.raw = { 0xfe, 0x80, [15] = 2 } };

	(void)state;
	print_message("as it is\n");
	assert_string_equal(harms_by_name(parents, 2, &blue, 5),
			    "sib0/1 red: other port; sib0/2 green: collision; "
			    "sib0/2 blue: collision; ");
	print_message("with the GUID of the other port\n");
	assert_string_equal(harms_by_name(parents, 2, &blue, 4),
			    "sib0/1 red: collision; sib0/1 blue: collision; "
			    "sib0/2 green: other port; ");
	print_message("nobody says which port the parent is on\n");
	assert_string_equal(harms_by_name(parents, 0, &blue, 4),
			    "sib0/1 red: other port; sib0/2 green: collision; "
			    "sib0/2 blue: collision; ");
	print_message("somebody else's netdev may be the parent, too\n");
	assert_string_equal(harms_by_name(parents, 3, &blue, 4),
			    "/0 blue: collision; sib0/1 red: collision; "
			    "sib0/2 green: collision; ");
	print_message("its ifindex is the parent's, so that the kernel does not tell the parent\n");
	blue.ifindex = 4;
	assert_string_equal(harms_by_name(parents, 2, &blue, 0),
			    "sib0/1 red: collision; sib0/1 blue: collision; "
			    "sib0/2 green: other port; ");
	blue.ifindex = 20;
	print_message("with the GUID of no port\n");
	blue.port = 0;
	*blue.device = '\0';
	blue.gid.raw[15] = 9;
	assert_string_equal(harms_by_name(parents, 2, &blue, 4),
			    "sib0/1 red: collision; sib0/1 blue: collision; "
			    "sib0/2 green: other port; ");
	print_message("and the parent has none either\n");
	parents[0].netdev = &changed;
	assert_string_equal(harms_by_name(parents, 2, &blue, 4),
			    "/0 blue: collision; sib0/1 red: collision; "
			    "sib0/2 green: collision; ");
}

/* Only who may be on the port of a claim is to blame for it. */
static void test_shared_ports(void **state)
{
	const struct holder claim = { .device = "sib0", .port = 1 };
	const struct holder other_port = { .device = "sib0", .port = 2 };
	const struct holder other_device = { .device = "sib1", .port = 1 };
	const struct holder stray = { .device = "", .port = 0 };

	(void)state;
	assert_true(holders_may_share_port(&claim, &claim));
	assert_true(holders_may_share_port(&stray, &claim));
	assert_true(holders_may_share_port(&claim, &stray));
	assert_false(holders_may_share_port(&other_port, &claim));
	assert_false(holders_may_share_port(&other_device, &claim));
}

static void put_ifindex(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	assert_int_equal(mkdir(name, 0700), 0);
	snprintf(path, sizeof(path), "%s/ifindex", name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* In a sysfs that is made up, where vx is above ib0.blue. The errno if not everything was seen. */
static int seen_above(const struct ns_link *links, const struct timespec *deadline,
		      size_t expected_count)
{
	struct rdma_ns_netdev blue = { .ifindex = 2, .transport = RDMA_NS_TRANSPORT_IB };
	struct rdma_ns_netdev *list[] = { &blue, NULL };
	const int root = open(".", O_RDONLY | O_DIRECTORY);
	struct netdev_table table = { 0 };
	struct holders holders = { 0 };
	int error = 0;

	for (; links->ifindex; links++) {
		ns_add_link(&table, links);
		if (links->ifindex != 2)
			ns_add_ip(&table, links->ifindex, "10.0.0.5");
	}
	if (holders_add(&holders, list, &table, root, 0, deadline))
		error = errno;
	assert_int_equal(holders.count, expected_count);
	holders_release(&holders);
	netdev_table_release(&table);
	close(root);
	return error;
}

/* What is above a netdev has a name of its owner's choice, which may change at any time. */
static void test_renamed(void **state)
{
	const struct ns_link all[] = { { 2, "ib0.blue" }, { 7, "vx" }, { 0 } };
	const struct ns_link renamed[] = { { 2, "ib0.blue" }, { 7, "other" }, { 0 } };
	const struct ns_link other[] = { { 2, "ib0.blue" }, { 8, "vx" }, { 0 } };
	const struct ns_link itself[] = { { 2, "other" }, { 7, "vx" }, { 0 } };
	const struct ns_link swapped[] = { { 2, "vx" }, { 7, "ib0.blue" }, { 0 } };
	const struct ns_link gone[] = { { 7, "vx" }, { 0 } };
	const struct timespec past = { 0 };
	char folder[] = "/tmp/test_ns_collisions.XXXXXX", command[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(mkdir("class", 0700) | mkdir("class/net", 0700), 0);
	put_ifindex("class/net/ib0.blue", "2\n");
	put_ifindex("class/net/vx", "7\n");
	assert_int_equal(symlink("../vx", "class/net/ib0.blue/upper_vx"), 0);
	print_message("all is as it was\n");
	assert_int_equal(seen_above(all, &never, 1), 0);
	print_message("the time is over\n");
	assert_int_equal(seen_above(all, &past, 0), ETIME);
	print_message("above it is what had another name: it is found, but not what is above that\n");
	assert_int_equal(seen_above(renamed, &never, 1), EAGAIN);
	print_message("above it is what was not there\n");
	assert_int_equal(seen_above(other, &never, 0), EAGAIN);
	print_message("it had another name\n");
	assert_int_equal(seen_above(itself, &never, 0), EAGAIN);
	print_message("they have exchanged their names\n");
	assert_int_equal(seen_above(swapped, &never, 0), EAGAIN);
	print_message("it has been deleted\n");
	assert_int_equal(seen_above(gone, &never, 0), EAGAIN);
	print_message("the kernel is creating the link\n");
	assert_int_equal(unlink("class/net/vx/ifindex"), 0);
	assert_int_equal(seen_above(all, &never, 0), EAGAIN);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(chdir("/") | system(command), 0);
}

static void test_winners(void **state)
{
	const struct rdma_ns_netdev low = { .qpn = 3 }, middle = { .qpn = 4 }, high = { .qpn = 5 };
	const struct rdma_ns_netdev copied = { .qpn = 4, .gid.raw[15] = 1 };
	struct holder group[] = { { .netdev = &high, .created = 20, .device = "sib0" },
				  { .netdev = &low, .created = 30, .device = "sib0" },
				  { .netdev = &middle, .created = 10, .device = "sib0" } };
	bool certain;

	(void)state;
	assert_int_equal(holders_winner(group, COUNT(group), &certain), 2);
	assert_true(certain);
	print_message("with another GUID\n");
	group[2].netdev = &copied;
	assert_int_equal(holders_winner(group, COUNT(group), &certain), 1);
	assert_false(certain);
	group[2].netdev = &middle;
	print_message("perhaps on another port\n");
	group[2].device = "";
	assert_int_equal(holders_winner(group, COUNT(group), &certain), 1);
	assert_false(certain);
	group[2].device = "sib0";
	group[0].created = 0;
	assert_int_equal(holders_winner(group, COUNT(group), &certain), 1);
	assert_false(certain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_collisions),
		cmocka_unit_test(test_permanent),
		cmocka_unit_test(test_bond_without_port),
		cmocka_unit_test(test_hidden_collisions),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_shared_ports),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_winners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
