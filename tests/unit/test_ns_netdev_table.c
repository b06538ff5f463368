// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "ns_messages.h"

#define MANY 100000

static const uint8_t gid_a[16] = { 0xfe, 0x80, [8] = 2, [15] = 1 };
static const uint8_t gid_b[16] = { 0xfe, 0x80, [8] = 2, [15] = 2 };

static const struct ns_link parent = { 2, "ib0", "ipoib", .qpn = 4, .pkey = 0xffff, .gid = gid_a };
static const struct ns_link red = { 6, "ib0.red", "ipoib", .qpn = 6, .pkey = 0xffff, .gid = gid_a };

static int release(void **state)
{
	netdev_table_release(*state);
	free(*state);
	return 0;
}

static int create(void **state)
{
	*state = calloc(1, sizeof(struct netdev_table));
	return *state ? 0 : -1;
}

static uint32_t owner(const struct netdev_table *table, const char *address)
{
	const sa_family_t family = strchr(address, ':') ? AF_INET6 : AF_INET;
	const struct netdev_address *found;
	uint8_t bytes[16];

	assert_int_equal(inet_pton(family, address, bytes), 1);
	found = netdev_table_by_ip(table, family, bytes, NULL);
	return found ? found->netdev->link.ifindex : 0;
}

static void test_ipoib(void **state)
{
	struct netdev_table *table = *state;
	const struct netdev *netdev;

	ns_add_link(table, &parent);
	ns_add_link(table, &red);
	netdev = netdev_table_by_qpn(table, 6, NULL);
	assert_non_null(netdev);
	assert_string_equal(netdev->link.name, "ib0.red");
	assert_string_equal(netdev->link.kind, "ipoib");
	assert_int_equal(netdev->link.pkey, 0xffff);
	assert_memory_equal(netdev->link.gid, gid_a, 16);
	assert_true(netdev_is_up(netdev));
	assert_null(netdev_table_by_qpn(table, 6, netdev));
	assert_null(netdev_table_by_qpn(table, 5, NULL));
	assert_ptr_equal(netdev_table_by_name(table, "ib0.red"), netdev);
	assert_ptr_equal(netdev_table_by_ifindex(table, 6), netdev);
	assert_true(netdev_is_ipoib(netdev, 0xffff, gid_a));
	assert_true(netdev_is_ipoib(netdev, 0x7fff, gid_a));
	assert_false(netdev_is_ipoib(netdev, 0x8001, gid_a));
	assert_false(netdev_is_ipoib(netdev, 0xffff, gid_b));
}

static void test_addresses(void **state)
{
	struct netdev_table *table = *state;
	struct netdev_address *address;
	struct in_addr in;
	int owners = 0;

	ns_add_link(table, &parent);
	ns_add_link(table, &red);
	ns_add_ip(table, 6, "10.0.0.5");
	ns_add_ip(table, 6, "10.0.0.5");
	ns_add_ip(table, 6, "fd00::5");
	assert_int_equal(owner(table, "10.0.0.5"), 6);
	assert_int_equal(owner(table, "fd00::5"), 6);
	assert_int_equal(owner(table, "10.0.0.6"), 0);
	ns_add_ip(table, 2, "10.0.0.5");
	inet_pton(AF_INET, "10.0.0.5", &in);
	for (address = NULL; (address = netdev_table_by_ip(table, AF_INET, &in, address));)
		owners++;
	assert_int_equal(owners, 2);
	ns_remove_ip(table, 6, "10.0.0.5");
	assert_int_equal(owner(table, "10.0.0.5"), 2);
	ns_remove_ip(table, 2, "10.0.0.5");
	assert_int_equal(owner(table, "10.0.0.5"), 0);
	/* Of a netdev that is not there. */
	ns_add_ip(table, 77, "10.0.0.7");
	ns_remove_ip(table, 77, "10.0.0.7");
	assert_int_equal(owner(table, "10.0.0.7"), 0);
}

static void test_unusable_address(void **state)
{
	static const struct {
		uint32_t flags;
		bool usable;
	} rows[] = {
		{ 0, true },
		{ IFA_F_PERMANENT, true },
		{ IFA_F_TENTATIVE, false },
		{ IFA_F_TENTATIVE | IFA_F_OPTIMISTIC, true },
		{ IFA_F_DADFAILED | IFA_F_TENTATIVE, false },
		{ IFA_F_DADFAILED, false },
	};
	struct netdev_table *table = *state;
	const struct netdev *netdev;
	struct ns_message message;
	struct in6_addr in6;

	ns_add_link(table, &red);
	netdev = netdev_table_by_ifindex(table, 6);
	inet_pton(AF_INET6, "fd00::5", &in6);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ns_message_ip(&message, RTM_NEWADDR, 6, "fd00::5", 64, rows[i].flags);
		assert_int_equal(netdev_table_apply(table, &message.header), 0);
		assert_int_equal(netdev_has_ip(table, netdev, AF_INET6, &in6), rows[i].usable);
	}
}

static void test_rename_and_change(void **state)
{
	struct netdev_table *table = *state;
	struct ns_link link = red;
	struct netdev *netdev;

	ns_add_link(table, &red);
	ns_add_ip(table, 6, "10.0.0.5");
	link.name = "blue";
	link.qpn = 9;
	link.down = true;
	ns_add_link(table, &link);
	netdev = netdev_table_by_name(table, "blue");
	assert_non_null(netdev);
	assert_null(netdev_table_by_name(table, "ib0.red"));
	assert_ptr_equal(netdev_table_by_qpn(table, 9, NULL), netdev);
	assert_null(netdev_table_by_qpn(table, 6, NULL));
	assert_false(netdev_is_up(netdev));
	assert_int_equal(owner(table, "10.0.0.5"), 6);
	assert_ptr_equal(netdev_table_next(table, NULL), netdev);
	assert_null(netdev_table_next(table, netdev));
}

/* To another namespace: here it is a deletion. */
static void test_gone(void **state)
{
	struct netdev_table *table = *state;

	ns_add_link(table, &parent);
	ns_add_link(table, &red);
	ns_add_ip(table, 6, "10.0.0.5");
	ns_remove_link(table, 6);
	assert_null(netdev_table_by_ifindex(table, 6));
	assert_null(netdev_table_by_qpn(table, 6, NULL));
	assert_null(netdev_table_by_name(table, "ib0.red"));
	assert_int_equal(owner(table, "10.0.0.5"), 0);
	ns_remove_link(table, 6);
	assert_non_null(netdev_table_by_ifindex(table, 2));
}

/*
 * What a bond over IPoIB looks like: address and QPN of the active port, P_Key in the broadcast
 * address.
 */
static void test_bond_and_vrf(void **state)
{
	const struct ns_link bond = { 20, "bd", "bond", .qpn = 6, .pkey = 0x8001, .gid = gid_a,
				      .pkey_in_broadcast_only = true, .master = 21 };
	const struct ns_link vrf = { 21, "vr", "vrf" };
	struct ns_link port = red;
	struct netdev_table *table = *state;
	struct netdev *netdev;
	int found = 0;

	port.master = 20;
	ns_add_link(table, &port);
	/* Ports may be listed before their master. */
	netdev = netdev_table_by_ifindex(table, 6);
	assert_ptr_equal(netdev_aggregate(table, netdev), netdev);
	ns_add_link(table, &bond);
	ns_add_link(table, &vrf);
	assert_int_equal(netdev_table_by_ifindex(table, 20)->link.pkey, 0x8001);
	for (netdev = NULL; (netdev = netdev_table_by_qpn(table, 6, netdev));) {
		assert_int_equal(netdev_aggregate(table, netdev)->link.ifindex, 20);
		found++;
	}
	assert_int_equal(found, 2);
	netdev = netdev_table_by_ifindex(table, 20);
	assert_int_equal(netdev_vrf(table, netdev)->link.ifindex, 21);
	assert_null(netdev_vrf(table, netdev_table_by_ifindex(table, 6)));
}

static void test_vlan(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	const struct ns_link lower = { 3, "v0", NULL, .mac = mac };
	const struct ns_link vlan = { 5, "v0.7", "vlan", .mac = mac, .vlan = 7, .lower = 3 };
	struct netdev_table *table = *state;

	ns_add_link(table, &lower);
	ns_add_link(table, &vlan);
	assert_int_equal(netdev_table_by_ifindex(table, 5)->link.vlan, 7);
	assert_int_equal(netdev_table_by_ifindex(table, 5)->link.lower, 3);
	assert_int_equal(netdev_table_by_ifindex(table, 5)->link.qpn, 0);
	/* An IPoIB child's IFLA_LINK is an ifindex of another namespace. */
	ns_add_link(table, &(struct ns_link){ 6, "ib0.red", "ipoib", .lower = 3, .qpn = 6,
					      .pkey = 0xffff, .gid = gid_a });
	assert_int_equal(netdev_table_by_ifindex(table, 6)->link.lower, 0);
	assert_int_equal(netdev_table_by_ifindex(table, 6)->link.parent, 3);
	ns_add_link(table, &(struct ns_link){ 6, "ib0.red", "ipoib", .qpn = 6, .gid = gid_a });
	assert_int_equal(netdev_table_by_ifindex(table, 6)->link.parent, 6);
}

/* Bridges and wireless speak in RTM_NEWLINK too; and RTM_DELLINK of a bridge is no deletion. */
static void test_other_messages(void **state)
{
	struct netdev_table *table = *state;
	struct ns_message message;
	struct ifinfomsg *info = NLMSG_DATA(&message.header);
	const struct ns_link nameless = { .ifindex = 6 };

	ns_add_link(table, &red);
	ns_message_link(&message, RTM_DELLINK, &red);
	info->ifi_family = AF_BRIDGE;
	assert_int_equal(netdev_table_apply(table, &message.header), 0);
	assert_non_null(netdev_table_by_ifindex(table, 6));
	ns_message_link(&message, RTM_NEWLINK, &nameless);
	assert_int_equal(netdev_table_apply(table, &message.header), 0);
	assert_string_equal(netdev_table_by_ifindex(table, 6)->link.name, "ib0.red");
	ns_message_link(&message, RTM_NEWLINK, &red);
	message.header.nlmsg_type = RTM_NEWNEIGH;
	assert_int_equal(netdev_table_apply(table, &message.header), 0);
	for (uint32_t length = sizeof(struct nlmsghdr); length < NLMSG_LENGTH(sizeof(*info));
	     length++) {
		ns_message_link(&message, RTM_DELLINK, &red);
		message.header.nlmsg_len = length;
		assert_int_equal(netdev_table_apply(table, &message.header), 0);
		assert_non_null(netdev_table_by_ifindex(table, 6));
	}
}

/* Every truncation, on the heap so that a read past the end is seen. */
static void apply_truncated(struct netdev_table *table, const struct ns_message *message)
{
	for (uint32_t length = sizeof(struct nlmsghdr); length <= message->header.nlmsg_len;
	     length++) {
		struct nlmsghdr *copy = malloc(length);

		assert_non_null(copy);
		memcpy(copy, message, length);
		copy->nlmsg_len = length;
		assert_int_equal(netdev_table_apply(table, copy), 0);
		free(copy);
	}
}

static void test_truncated(void **state)
{
	struct netdev_table *table = *state;
	struct ns_message message;

	ns_message_link(&message, RTM_NEWLINK, &red);
	apply_truncated(table, &message);
	assert_int_equal(netdev_table_by_qpn(table, 6, NULL)->link.ifindex, 6);
	ns_message_ip(&message, RTM_NEWADDR, 6, "fd00::5", 64, 0);
	apply_truncated(table, &message);
	assert_int_equal(owner(table, "fd00::5"), 6);
}

/* After a dump only what it has shown is left. */
static void test_dump(void **state)
{
	struct netdev_table *table = *state;

	ns_add_link(table, &parent);
	ns_add_link(table, &red);
	ns_add_ip(table, 2, "10.0.0.1");
	ns_add_ip(table, 2, "10.0.0.2");
	ns_add_ip(table, 6, "10.0.0.5");
	netdev_table_begin_dump(table);
	ns_add_link(table, &parent);
	ns_add_ip(table, 2, "10.0.0.2");
	ns_add_ip(table, 2, "10.0.0.3");
	netdev_table_end_dump(table);
	assert_null(netdev_table_by_ifindex(table, 6));
	assert_int_equal(owner(table, "10.0.0.1"), 0);
	assert_int_equal(owner(table, "10.0.0.2"), 2);
	assert_int_equal(owner(table, "10.0.0.3"), 2);
	assert_int_equal(owner(table, "10.0.0.5"), 0);
}

static void many_link(uint32_t i, struct ns_link *link, char name[16])
{
	snprintf(name, 16, "c%u", i);
	*link = (struct ns_link){ i, name, "ipoib", .qpn = 100 + i, .pkey = 0xffff, .gid = gid_a };
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Nanoseconds for one lookup among @count netdevs. */
static double lookup_time(const struct netdev_table *table, uint32_t count)
{
	const int rounds = 200000;
	uint32_t at = 12345;
	double start = seconds();

	for (int i = 0; i < rounds; i++) {
		const struct netdev *netdev;

		at = at * 1664525 + 1013904223;
		netdev = netdev_table_by_qpn(table, 101 + at % count, NULL);
		assert_true(netdev && netdev_is_ipoib(netdev, 0xffff, gid_a));
	}
	return (seconds() - start) * 1e9 / rounds;
}

static void test_many(void **state)
{
	struct netdev_table *table = *state;
	struct ns_link link;
	double start, small;
	uint32_t count = 0;
	char name[16], text[32];

	for (uint32_t i = 1; i <= MANY; i++) {
		many_link(i, &link, name);
		ns_add_link(table, &link);
		snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16, i >> 8 & 0xff, i & 0xff);
		ns_add_ip(table, i, text);
		if (i == 10) {
			small = lookup_time(table, i);
			print_message("lookup among %u netdevs: %.0f ns\n", i, small);
		}
	}
	print_message("lookup among %u netdevs: %.0f ns\n", MANY, lookup_time(table, MANY));
	assert_int_equal(owner(table, "10.1.134.160"), MANY);

	/* Every third renamed, every third moved away, every third given a new QPN. */
	start = seconds();
	for (uint32_t i = 1; i <= MANY; i++) {
		many_link(i, &link, name);
		if (i % 3 == 0)
			name[0] = 'r';
		else if (i % 3 == 2)
			link.qpn += MANY;
		if (i % 3 == 1)
			ns_remove_link(table, i);
		else
			ns_add_link(table, &link);
	}
	print_message("%u changes: %.3f s\n", MANY, seconds() - start);
	for (struct netdev *netdev = NULL; (netdev = netdev_table_next(table, netdev));) {
		const uint32_t i = netdev->link.ifindex;

		count++;
		many_link(i, &link, name);
		if (i % 3 == 0)
			name[0] = 'r';
		else
			link.qpn += MANY;
		assert_int_not_equal(i % 3, 1);
		assert_ptr_equal(netdev_table_by_name(table, name), netdev);
		assert_ptr_equal(netdev_table_by_qpn(table, link.qpn, NULL), netdev);
	}
	assert_int_equal(count, MANY - (MANY + 2) / 3);
	assert_int_equal(table->by_ip.count, count);
	netdev_table_begin_dump(table);
	netdev_table_end_dump(table);
	assert_null(netdev_table_next(table, NULL));
	assert_int_equal(table->by_ip.count, 0);
}

/*
 * Many addresses on one netdev, one address on many netdevs: quadratic time would not end in time.
 */
static void test_many_addresses(void **state)
{
	struct netdev_table *table = *state;
	struct ns_link link;
	char name[16], text[32];
	double start = seconds();
	size_t listed = 0;

	ns_add_link(table, &red);
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16, i >> 8 & 0xff, i & 0xff);
		ns_add_ip(table, red.ifindex, text);
	}
	for (uint32_t i = 10; i < MANY; i++) {
		many_link(i, &link, name);
		ns_add_link(table, &link);
		ns_add_ip(table, i, "fe80::202:0:0:1");
	}
	for (const struct netdev_address *address =
		     netdev_table_by_ifindex(table, red.ifindex)->addresses;
	     address; address = address->next)
		assert_int_equal(address->ip.bytes[3], listed++ & 0xff);
	assert_int_equal(listed, MANY);
	for (uint32_t i = 0; i < MANY; i += 2) {
		snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16, i >> 8 & 0xff, i & 0xff);
		ns_remove_ip(table, red.ifindex, text);
	}
	for (uint32_t i = 10; i < MANY; i += 2)
		ns_remove_link(table, i);
	assert_int_equal(owner(table, "10.0.0.2"), 0);
	assert_int_equal(owner(table, "10.0.0.3"), red.ifindex);
	assert_int_equal(table->by_ip.count, MANY / 2 + (MANY - 10) / 2);
	assert_int_equal(table->by_owner.count, table->by_ip.count);
	print_message("%u addresses twice: %.3f s\n", MANY, seconds() - start);
}

/* The function's authors publish this value for it. */
static void test_hash(void **state)
{
	const uint64_t key[] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
	uint8_t bytes[15];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(hash_keyed(key, bytes, sizeof(bytes)), 0xa129ca6149be45e5);
	assert_int_equal(hash_bytes(bytes, 15), hash_bytes(bytes, 15));
	assert_int_not_equal(hash_bytes(bytes, 15), (uint32_t)0x49be45e5);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, create, release)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		CASE(test_ipoib),
		CASE(test_addresses),
		CASE(test_unusable_address),
		CASE(test_rename_and_change),
		CASE(test_gone),
		CASE(test_bond_and_vrf),
		CASE(test_vlan),
		CASE(test_other_messages),
		CASE(test_truncated),
		CASE(test_dump),
		CASE(test_many),
		CASE(test_many_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
