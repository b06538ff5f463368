// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Step 1 on a namespace with all kinds of netdevs, transport by transport. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingress.h"
#include "ns_messages.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t gid_one[16] = { 0xfe, 0x80, [8] = 2, [15] = 1 };
static const uint8_t gid_two[16] = { 0xfe, 0x80, [8] = 2, [15] = 2 };
static const uint8_t mac[6] = { 0x02, 0, 0, 0, 0, 1 };
static const uint8_t mac_gid[16] = { 0xfe, 0x80, [11] = 0xff, 0xfe, [15] = 1 };
static const uint8_t gid_v4[16] = { [10] = 0xff, 0xff, 192, 168, 0, 1 };
static const uint8_t gid_v4_shared[16] = { [10] = 0xff, 0xff, 192, 168, 0, 2 };
static const uint8_t gid_v4_moved[16] = { [10] = 0xff, 0xff, 192, 168, 9, 9 };

enum {
	IB0 = 2, RED = 6, BLUE = 7, OTHER_PKEY = 8, DOWN = 9, SLAVE1 = 10, SLAVE2 = 11, BOND = 12,
	PORT2 = 13, IDLE = 14, ALL_ACTIVE = 15, ALL_IDLE = 16,
	ETH = 20, VLAN = 21, ETH_OTHER = 22, IW = 30, IW_VLAN = 31, LO = 1,
};

#define IPOIB(index, qpn_, pkey_, ...)                                                             \
	{ index, "if" #index, "ipoib", .qpn = qpn_, .pkey = pkey_, .gid = gid_one, __VA_ARGS__ }

static const struct ns_link links[] = {
	{ LO, "lo", NULL },
	IPOIB(IB0, 4, 0xffff),
	IPOIB(RED, 6, 0xffff),
	IPOIB(BLUE, 7, 0xffff),
	IPOIB(OTHER_PKEY, 8, 0x8001),
	IPOIB(DOWN, 9, 0xffff, .down = true),
	IPOIB(SLAVE1, 10, 0x8002, .master = BOND),
	{ SLAVE2, "slave2", "ipoib", .qpn = 11, .pkey = 0x8002, .gid = gid_two, .master = BOND },
	{ BOND, "bond", "bond", .qpn = 10, .pkey = 0x8002, .gid = gid_one, .pkey_in_broadcast_only = true,
	  .drops_backups = true },
	IPOIB(IDLE, 14, 0x8002, .master = BOND, .backup = true),
	{ ALL_ACTIVE, "bond2", "bond", .qpn = 17, .pkey = 0x8003, .gid = gid_two, .pkey_in_broadcast_only = true },
	IPOIB(ALL_IDLE, 16, 0x8003, .master = ALL_ACTIVE, .backup = true),
	{ PORT2, "ib1", "ipoib", .qpn = 6, .pkey = 0xffff, .gid = gid_two },
	{ ETH, "eth", NULL, .mac = mac },
	{ VLAN, "eth.7", "vlan", .mac = mac, .vlan = 7, .lower = ETH },
	{ ETH_OTHER, "other", NULL, .mac = mac },
	{ IW, "iw", NULL, .mac = mac },
	{ IW_VLAN, "iw.8", "vlan", .mac = mac, .vlan = 8, .lower = IW },
};

static const struct {
	uint32_t ifindex;
	const char *address;
} addresses[] = {
	{ IB0, "10.0.0.1" },	{ RED, "10.0.0.5" },	 { BLUE, "10.0.0.6" }, { BLUE, "10.0.0.7" },
	{ RED, "10.0.0.7" },	{ RED, "10.0.0.8" },	 { DOWN, "10.0.0.8" }, { DOWN, "10.0.0.9" },
	{ OTHER_PKEY, "10.0.1.5" }, { BOND, "10.0.2.5" }, { LO, "10.9.9.9" },  { RED, "fe80::5" },
	{ BLUE, "fe80::5" },	{ RED, "fd00::5" },	 { ETH, "192.168.0.1" }, { ETH, "192.168.0.2" },
	{ VLAN, "192.168.0.2" }, { VLAN, "192.168.7.1" }, { IW, "172.16.0.1" }, { IW_VLAN, "172.16.8.1" },
	{ IW_VLAN, "172.16.0.2" }, { IW, "172.16.0.2" },
};

static struct port_gid ib_gids[] = { { .gid = { 0xfe, 0x80, [8] = 2, [15] = 1 } } };
static struct port_gid roce_gids[] = {
	{ 0, { 0xfe, 0x80, [11] = 0xff, 0xfe, [15] = 1 }, "eth" },
	{ 1, { [10] = 0xff, 0xff, 192, 168, 0, 1 }, "eth" },
	{ 2, { [10] = 0xff, 0xff, 192, 168, 0, 1 }, "eth" }, /* RoCE v1 and v2 */
	{ 3, { [10] = 0xff, 0xff, 192, 168, 0, 2 }, "eth" },
	{ 4, { [10] = 0xff, 0xff, 192, 168, 0, 2 }, "eth.7" },
	{ 5, { [10] = 0xff, 0xff, 192, 168, 7, 1 }, "eth.7" },
	/* Of a netdev in another namespace that is called as one here. */
	{ 6, { [10] = 0xff, 0xff, 192, 168, 9, 9 }, "other" },
};

static const struct port ports[] = {
	[RDMA_NS_TRANSPORT_IB] = { "sib0", 1, RDMA_NS_TRANSPORT_IB, 0, ib_gids, COUNT(ib_gids) },
	[RDMA_NS_TRANSPORT_ROCE] = { "rxe0", 1, RDMA_NS_TRANSPORT_ROCE, 0, roce_gids, COUNT(roce_gids) },
	[RDMA_NS_TRANSPORT_IWARP] = { "siw0", 1, RDMA_NS_TRANSPORT_IWARP, IW, NULL, 0 },
};

#define QPN(number) \
	.flags = RDMA_NS_REQUEST_GID | RDMA_NS_REQUEST_QPN, .gid = gid_one, .qpn = number
#define GID(which) .flags = RDMA_NS_REQUEST_GID, .gid = which
#define TAG(number) .vlan = number, .flags_more = RDMA_NS_REQUEST_VLAN

static const struct row {
	const char *name;
	enum rdma_ns_transport transport;
	const char *destination;
	uint16_t pkey;
	uint32_t flags, flags_more;
	const uint8_t *gid;
	uint32_t qpn;
	uint16_t vlan;
	uint32_t scope;
	/* expected */
	uint32_t ifindex;
	uint32_t port_ifindex;
	uint32_t candidates;
	enum rdma_ns_decided_by by;
	bool backup; /* what arrives at port_ifindex is dropped */
} rows[] = {
#define IB RDMA_NS_TRANSPORT_IB
#define EXPECT(ifindex_, candidates_, by_)                                                         \
	.ifindex = ifindex_, .candidates = candidates_, .by = RDMA_NS_BY_##by_
	{ "QPN", IB, "10.0.0.5", 0xffff, QPN(6), EXPECT(RED, 1, QPN) },
	{ "QPN, whoever has the address", IB, "10.0.0.5", 0xffff, QPN(7), EXPECT(BLUE, 1, QPN) },
	{ "QPN, limited member", IB, "10.0.0.5", 0x7fff, QPN(6), EXPECT(RED, 1, QPN) },
	{ "QPN of nobody", IB, "10.0.0.5", 0xffff, QPN(77), EXPECT(0, 0, NOTHING) },
	{ "QPN of another P_Key", IB, "10.0.0.5", 0xffff, QPN(8), EXPECT(0, 0, NOTHING) },
	{ "QPN of another port", IB, "10.0.0.5", 0xffff,
	  .flags = RDMA_NS_REQUEST_GID | RDMA_NS_REQUEST_QPN, .gid = gid_two, .qpn = 7,
	  EXPECT(0, 0, NOTHING) },
	{ "QPN, GID of the port", IB, "10.0.0.5", 0xffff, .flags = RDMA_NS_REQUEST_QPN, .qpn = 6,
	  EXPECT(RED, 1, QPN) },
	{ "QPN, the same number on the other port", IB, "10.0.0.5", 0xffff,
	  .flags = RDMA_NS_REQUEST_GID | RDMA_NS_REQUEST_QPN, .gid = gid_two, .qpn = 6,
	  EXPECT(PORT2, 1, QPN) },
	{ "QPN of the bond's active port", IB, "10.0.2.5", 0x8002, QPN(10), EXPECT(BOND, 1, QPN),
	  .port_ifindex = SLAVE1 },
	{ "QPN of the bond's other port", IB, "10.0.2.5", 0x8002,
	  .flags = RDMA_NS_REQUEST_GID | RDMA_NS_REQUEST_QPN, .gid = gid_two, .qpn = 11,
	  EXPECT(BOND, 1, QPN), .port_ifindex = SLAVE2 },
	{ "QPN of the bond's backup port", IB, "10.0.2.5", 0x8002, QPN(14), EXPECT(BOND, 1, QPN),
	  .port_ifindex = IDLE, .backup = true },
	{ "QPN of a backup port, with all_slaves_active", IB, "10.0.2.5", 0x8003, QPN(16),
	  EXPECT(ALL_ACTIVE, 1, QPN), .port_ifindex = ALL_IDLE },
	{ "QPN of one that is down", IB, "10.0.0.9", 0xffff, QPN(9), EXPECT(DOWN, 1, QPN) },
	{ "address", IB, "10.0.0.5", 0xffff, GID(gid_one), EXPECT(RED, 1, ADDRESS) },
	{ "address, IPv6", IB, "fd00::5", 0xffff, GID(gid_one), EXPECT(RED, 1, ADDRESS) },
	{ "address, no GID", IB, "10.0.0.5", 0xffff, EXPECT(RED, 1, ADDRESS) },
	{ "address of two", IB, "10.0.0.7", 0xffff, GID(gid_one), EXPECT(RED, 2, AMBIGUOUS) },
	{ "address of two, one is down", IB, "10.0.0.8", 0xffff, GID(gid_one),
	  EXPECT(RED, 1, ADDRESS) },
	{ "address of one that is down", IB, "10.0.0.9", 0xffff, GID(gid_one),
	  EXPECT(DOWN, 1, ADDRESS) },
	{ "link-local address of two", IB, "fe80::5", 0xffff, GID(gid_one),
	  EXPECT(RED, 2, AMBIGUOUS) },
	{ "link-local address with its netdev", IB, "fe80::5", 0xffff, GID(gid_one), .scope = BLUE,
	  EXPECT(BLUE, 1, ADDRESS) },
	{ "address on another P_Key, many here", IB, "10.0.1.5", 0xffff, GID(gid_one),
	  EXPECT(IB0, 3, AMBIGUOUS) },
	{ "address elsewhere, one netdev on this P_Key", IB, "10.0.0.5", 0x8001, GID(gid_one),
	  EXPECT(OTHER_PKEY, 1, GID) },
	{ "address of the bond", IB, "10.0.2.5", 0x8002, GID(gid_one), EXPECT(BOND, 1, ADDRESS) },
	{ "bond, address elsewhere: one candidate", IB, "10.0.0.5", 0x8002, GID(gid_one),
	  EXPECT(BOND, 1, GID), .port_ifindex = SLAVE1 },
	{ "no netdev on this P_Key", IB, "10.0.0.5", 0x9999, GID(gid_one), EXPECT(0, 0, NOTHING) },
#undef IB
#define ROCE RDMA_NS_TRANSPORT_ROCE
	{ "RoCE", ROCE, "192.168.0.1", .flags = RDMA_NS_REQUEST_GID, .gid = gid_v4,
	  EXPECT(ETH, 1, GID) },
	{ "RoCE, GID from the address", ROCE, "192.168.0.1", EXPECT(ETH, 1, GID) },
	{ "RoCE, GID from the MAC", ROCE, "fe80::ff:fe00:1", .flags = RDMA_NS_REQUEST_GID,
	  .gid = mac_gid, EXPECT(ETH, 1, GID) },
	{ "RoCE, VLAN", ROCE, "192.168.7.1", EXPECT(VLAN, 1, VLAN) },
	{ "RoCE, the same address with and without VLAN", ROCE, "192.168.0.2",
	  .flags = RDMA_NS_REQUEST_GID, .gid = gid_v4_shared, EXPECT(ETH, 2, AMBIGUOUS) },
	{ "RoCE, and the VLAN is known", ROCE, "192.168.0.2", TAG(7), EXPECT(VLAN, 1, VLAN) },
	{ "RoCE, and there is none", ROCE, "192.168.0.2", TAG(0), EXPECT(ETH, 1, GID) },
	{ "RoCE, another VLAN", ROCE, "192.168.0.2", TAG(9), EXPECT(0, 0, NOTHING) },
	{ "RoCE, a netdev of another namespace is not believed", ROCE, "192.168.9.9",
	  .flags = RDMA_NS_REQUEST_GID, .gid = gid_v4_moved, EXPECT(0, 0, NOTHING) },
	{ "RoCE, no such GID", ROCE, "192.168.0.3", EXPECT(0, 0, NOTHING) },
#undef ROCE
#define IWARP RDMA_NS_TRANSPORT_IWARP
	{ "iWARP", IWARP, "172.16.0.1", EXPECT(IW, 1, TCP) },
	{ "iWARP, VLAN", IWARP, "172.16.8.1", EXPECT(IW_VLAN, 1, TCP) },
	{ "iWARP, address of two", IWARP, "172.16.0.2", EXPECT(IW, 2, AMBIGUOUS) },
	{ "iWARP, and the VLAN is known", IWARP, "172.16.0.2", TAG(8), EXPECT(IW_VLAN, 1, TCP) },
	{ "iWARP, address of neither", IWARP, "192.168.0.1", EXPECT(IW, 2, AMBIGUOUS) },
	{ "iWARP, address of neither, untagged", IWARP, "192.168.0.1", TAG(0), EXPECT(IW, 1, TCP) },
#undef IWARP
};

static void build(struct netdev_table *table)
{
	memset(table, 0, sizeof(*table));
	for (size_t i = 0; i < COUNT(links); i++)
		ns_add_link(table, &links[i]);
	for (size_t i = 0; i < COUNT(addresses); i++)
		ns_add_ip(table, addresses[i].ifindex, addresses[i].address);
}

static void test_table(void **state)
{
	struct netdev_table table;

	(void)state;
	build(&table);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rdma_ns_request request = {
			.flags = rows[i].flags | rows[i].flags_more,
			.pkey = rows[i].pkey,
			.qpn = rows[i].qpn,
			.vlan = rows[i].vlan,
			.destination = ns_sockaddr(rows[i].destination, 7471),
		};
		struct ingress ingress;

		print_message("%s\n", rows[i].name);
		if (rows[i].gid)
			memcpy(request.gid.raw, rows[i].gid, 16);
		if (rows[i].scope)
			((struct sockaddr_in6 *)&request.destination)->sin6_scope_id =
				rows[i].scope;
		ingress_find(&table, &ports[rows[i].transport], &request, &ingress);
		assert_string_equal(rdma_ns_decided_by_str(ingress.decided_by),
				    rdma_ns_decided_by_str(rows[i].by));
		assert_int_equal(ingress.netdev ? ingress.netdev->link.ifindex : 0,
				 rows[i].ifindex);
		assert_int_equal(ingress.port ? ingress.port->link.ifindex : 0,
				 rows[i].port_ifindex);
		assert_int_equal(netdev_is_backup(&table, ingress.port), rows[i].backup);
		assert_int_equal(ingress.candidates, rows[i].candidates);
	}
	netdev_table_release(&table);
}

/* An unknown kind of port, or an iWARP port whose netdev is in another namespace. */
static void test_no_netdevs(void **state)
{
	const struct rdma_ns_request request = { .destination = ns_sockaddr("172.16.0.1", 7471) };
	struct port port = ports[RDMA_NS_TRANSPORT_IWARP];
	struct netdev_table table;
	struct ingress ingress;

	(void)state;
	build(&table);
	port.netdev = 0;
	ingress_find(&table, &port, &request, &ingress);
	assert_int_equal(ingress.decided_by, RDMA_NS_BY_NOTHING);
	port.transport = RDMA_NS_TRANSPORT_UNKNOWN;
	ingress_find(&table, &port, &request, &ingress);
	assert_int_equal(ingress.decided_by, RDMA_NS_BY_NOTHING);
	assert_null(ingress.netdev);
	netdev_table_release(&table);
}

/* However many share the address, they are counted, and the first one stays the first. */
static void test_many_candidates(void **state)
{
	struct rdma_ns_request request = { .flags = RDMA_NS_REQUEST_GID, .pkey = 0xffff,
					   .destination = ns_sockaddr("10.0.0.5", 7471) };
	struct netdev_table table = { 0 };
	struct ingress ingress;

	(void)state;
	memcpy(request.gid.raw, gid_one, 16);
	for (uint32_t i = 100; i < 400; i++) {
		char name[16];
		const struct ns_link link = { i, name, "ipoib", .qpn = i, .pkey = 0xffff,
					      .gid = gid_one };

		snprintf(name, sizeof(name), "c%u", i);
		ns_add_link(&table, &link);
		ns_add_ip(&table, i, "10.0.0.5");
	}
	ingress_find(&table, &ports[RDMA_NS_TRANSPORT_IB], &request, &ingress);
	assert_int_equal(ingress.candidates, 300);
	assert_int_equal(ingress.netdev->link.ifindex, 100);
	assert_int_equal(ingress.decided_by, RDMA_NS_BY_AMBIGUOUS);
	netdev_table_release(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_no_netdevs),
		cmocka_unit_test(test_many_candidates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
