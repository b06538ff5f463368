// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Step 2: what is asked, and what each answer means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ns_messages.h"
#include "route.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t gid[16] = { 0xfe, 0x80, [8] = 2, [15] = 1 };

enum { LO = 1, A = 6, B = 7, DOWN = 8, VRF = 9, IN_VRF = 10 };

static void build(struct netdev_table *table)
{
	static const struct ns_link links[] = {
		{ LO, "lo", NULL },
		{ A, "ib0.a", "ipoib", .qpn = 6, .pkey = 0xffff, .gid = gid },
		{ B, "ib0.b", "ipoib", .qpn = 7, .pkey = 0x8001, .gid = gid },
		{ DOWN, "ib0.d", "ipoib", .down = true, .qpn = 8, .pkey = 0xffff, .gid = gid },
		{ VRF, "vr", "vrf" },
		{ IN_VRF, "ib0.v", "ipoib", .qpn = 10, .pkey = 0xffff, .gid = gid, .master = VRF },
	};

	memset(table, 0, sizeof(*table));
	for (size_t i = 0; i < COUNT(links); i++)
		ns_add_link(table, &links[i]);
	ns_add_ip(table, A, "10.0.0.5");
	ns_add_ip(table, A, "fd00::5");
	ns_add_ip(table, A, "fe80::5");
	ns_add_ip(table, B, "10.0.1.5");
	ns_add_ip(table, DOWN, "10.0.2.5");
	ns_add_ip(table, IN_VRF, "10.0.3.5");
	ns_add_ip(table, IN_VRF, "fd03::5");
}

static const struct rtattr *find(const struct rtnetlink_request *request, int type)
{
	const struct nlmsghdr *header = &request->header;
	const struct rtattr *attribute = RTM_RTA((struct rtmsg *)NLMSG_DATA(header));
	int left = (int)RTM_PAYLOAD(header);

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type == type)
			return attribute;
	}
	return NULL;
}

static uint32_t number(const struct rtattr *attribute)
{
	uint32_t value = 0;

	if (attribute)
		memcpy(&value, RTA_DATA(attribute), RTA_PAYLOAD(attribute));
	return value;
}

static void test_question(void **state)
{
	static const struct {
		const char *source, *destination;
		uint32_t ingress;
		bool self;
		uint32_t iif, oif;
	} rows[] = {
		{ "10.0.0.9", "10.0.0.5", A, false, A, 0 },
		{ "fd00::9", "fd00::5", A, false, A, 0 },
		{ "10.0.0.5", "10.0.0.5", A, true, 0, 0 },
		{ "10.0.1.5", "10.0.0.5", A, true, 0, 0 },
		{ "127.0.0.1", "10.0.0.5", A, true, 0, 0 },
		{ "::1", "fd00::5", A, true, 0, 0 },
		{ "fe80::5", "fe80::5", A, true, 0, A },
		{ "fe80::9", "fe80::5", A, false, A, 0 },
		{ "10.0.3.9", "10.0.3.5", IN_VRF, false, IN_VRF, 0 },
		{ "10.0.3.5", "10.0.3.5", IN_VRF, true, 0, VRF },
		{ "10.0.0.5", "10.0.3.5", IN_VRF, false, IN_VRF, 0 },
		{ "fd03::9", "fd03::5", IN_VRF, false, VRF, 0 },
		{ "fe80::9", "fe80::a", IN_VRF, false, IN_VRF, 0 },
		{ "fe80::5", "fe80::a", B, false, B, 0 },
		{ "0.0.0.0", "10.0.0.5", A, false, A, 0 },
	};
	struct netdev_table table;

	(void)state;
	build(&table);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct sockaddr_storage source = ns_sockaddr(rows[i].source, 40722);
		const struct sockaddr_storage destination = ns_sockaddr(rows[i].destination, 7471);
		const size_t length = source.ss_family == AF_INET ? 4 : 16;
		const struct rtmsg *route;
		struct rtnetlink_request request;
		struct route_query query;
		bool self;

		print_message("%s -> %s\n", rows[i].source, rows[i].destination);
		route_ask(&table, netdev_table_by_ifindex(&table, rows[i].ingress), &source,
			  &destination, &query, &self);
		assert_int_equal(self, rows[i].self);
		route_build(&query, &request);
		route = NLMSG_DATA(&request.header);
		assert_int_equal(request.header.nlmsg_type, RTM_GETROUTE);
		assert_int_equal(route->rtm_family, source.ss_family);
		assert_int_equal(route->rtm_dst_len, 8 * length);
		assert_int_equal(route->rtm_src_len, 8 * length);
		if (length == 16)
			assert_int_equal(route->rtm_flags, RTM_F_FIB_MATCH);
		else
			assert_true(route->rtm_flags & RTM_F_FIB_MATCH);
		assert_int_equal(RTA_PAYLOAD(find(&request, RTA_DST)), length);
		assert_memory_equal(RTA_DATA(find(&request, RTA_DST)), query.destination, length);
		assert_memory_equal(RTA_DATA(find(&request, RTA_SRC)), query.source, length);
		assert_int_equal(number(find(&request, RTA_IIF)), rows[i].iif);
		assert_int_equal(number(find(&request, RTA_OIF)), rows[i].oif);
		assert_int_equal(number(find(&request, RTA_IP_PROTO)), IPPROTO_UDP);
		assert_int_equal(number(find(&request, RTA_SPORT)), htons(40722));
		assert_int_equal(number(find(&request, RTA_DPORT)), htons(7471));
	}
	netdev_table_release(&table);
}

static void test_answer(void **state)
{
	static const struct {
		const char *name;
		const char *destination;
		uint32_t ingress;
		bool self;
		struct route_reply reply;
		enum rdma_ns_route route;
		uint32_t handling;
	} rows[] = {
		{ "own address", "10.0.0.5", A, false, { 0, RTN_LOCAL, A }, RDMA_NS_ROUTE_DELIVERED, A },
		{ "sibling's address", "10.0.1.5", A, false, { 0, RTN_LOCAL, B }, RDMA_NS_ROUTE_DELIVERED, B },
		{ "self", "10.0.0.5", A, true, { 0, RTN_LOCAL, A }, RDMA_NS_ROUTE_SELF, A },
		{ "self, not local", "10.7.0.5", A, true, { 0, RTN_UNICAST, A }, RDMA_NS_ROUTE_NOT_LOCAL, 0 },
		{ "address on lo, AnyIP", "10.9.9.9", A, false, { 0, RTN_LOCAL, LO },
		  RDMA_NS_ROUTE_DELIVERED, LO },
		{ "kernel says lo, a netdev has it", "10.0.0.5", A, false, { 0, RTN_LOCAL, LO },
		  RDMA_NS_ROUTE_DELIVERED, A },
		{ "VRF", "10.0.3.5", IN_VRF, false, { 0, RTN_LOCAL, IN_VRF }, RDMA_NS_ROUTE_DELIVERED, IN_VRF },
		{ "kernel says the VRF", "fd03::5", IN_VRF, false, { 0, RTN_LOCAL, VRF },
		  RDMA_NS_ROUTE_DELIVERED, IN_VRF },
		{ "owner down", "10.0.2.5", A, false, { 0, RTN_LOCAL, DOWN }, RDMA_NS_ROUTE_OWNER_DOWN, DOWN },
		{ "owner gone", "10.0.9.5", A, false, { 0, RTN_LOCAL, 99 }, RDMA_NS_ROUTE_OWNER_DOWN, 0 },
		{ "forwarded", "10.8.0.1", A, false, { 0, RTN_UNICAST, A }, RDMA_NS_ROUTE_NOT_LOCAL, 0 },
		{ "IPv6, unowned", "fd77::1", A, false, { 0, RTN_UNICAST, A }, RDMA_NS_ROUTE_NOT_LOCAL, 0 },
		{ "broadcast", "10.0.0.255", A, false, { 0, RTN_BROADCAST, A }, RDMA_NS_ROUTE_NOT_UNICAST, 0 },
		{ "multicast", "224.0.0.1", A, false, { 0, RTN_MULTICAST, LO }, RDMA_NS_ROUTE_NOT_UNICAST, 0 },
		{ "anycast", "fd00::", A, false, { 0, RTN_ANYCAST, A }, RDMA_NS_ROUTE_NOT_UNICAST, 0 },
		{ "blackhole", "10.8.0.1", A, false, { 0, RTN_BLACKHOLE, 0 }, RDMA_NS_ROUTE_UNREACHABLE, 0 },
		{ "rp_filter", "10.0.0.5", A, false, { EXDEV, 0, 0 }, RDMA_NS_ROUTE_RP_FILTER, 0 },
		{ "no route", "10.8.0.1", A, false, { EHOSTUNREACH, 0, 0 }, RDMA_NS_ROUTE_NONE, 0 },
		{ "no route, IPv6", "fd77::1", A, false, { ENETUNREACH, 0, 0 }, RDMA_NS_ROUTE_NONE, 0 },
		{ "martian", "10.0.0.5", A, false, { EINVAL, 0, 0 }, RDMA_NS_ROUTE_MARTIAN, 0 },
		{ "blackhole, IPv6", "fd77::1", A, false, { EINVAL, 0, 0 }, RDMA_NS_ROUTE_UNREACHABLE, 0 },
		{ "prohibit, IPv6", "fd77::1", A, false, { EACCES, 0, 0 }, RDMA_NS_ROUTE_UNREACHABLE, 0 },
		{ "no answer", "10.0.0.5", A, false, { ENOBUFS, 0, 0 }, RDMA_NS_ROUTE_FAILED, 0 },
	};
	struct netdev_table table;

	(void)state;
	build(&table);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct sockaddr_storage source =
			ns_sockaddr(strchr(rows[i].destination, ':') ? "fd00::9" : "10.0.0.9", 40722);
		const struct sockaddr_storage destination = ns_sockaddr(rows[i].destination, 7471);
		const struct netdev *ingress = netdev_table_by_ifindex(&table, rows[i].ingress);
		struct route_answer answer;
		struct route_query query;
		bool self;

		print_message("%s\n", rows[i].name);
		route_ask(&table, ingress, &source, &destination, &query, &self);
		route_judge(&table, ingress, &query, rows[i].self, &rows[i].reply, &answer);
		assert_string_equal(rdma_ns_route_str(answer.route),
				    rdma_ns_route_str(rows[i].route));
		assert_int_equal(answer.handling ? answer.handling->link.ifindex : 0,
				 rows[i].handling);
		assert_int_equal(answer.error, rows[i].reply.error);
	}
	netdev_table_release(&table);
}

/* The kernel does not look at IFF_UP, and is not even asked. */
static void test_ingress_down(void **state)
{
	const struct sockaddr_storage source = ns_sockaddr("10.0.2.9", 40722);
	const struct sockaddr_storage destination = ns_sockaddr("10.0.2.5", 7471);
	struct netlink closed = { .fd = -1 };
	struct netdev_table table;
	struct route_answer answer;

	(void)state;
	build(&table);
	route_check(&closed, &table, netdev_table_by_ifindex(&table, DOWN), &source, &destination,
		    &answer);
	assert_int_equal(answer.route, RDMA_NS_ROUTE_INGRESS_DOWN);
	assert_null(answer.handling);
	route_check(&closed, &table, netdev_table_by_ifindex(&table, A), &source, &destination,
		    &answer);
	assert_int_equal(answer.route, RDMA_NS_ROUTE_FAILED);
	assert_int_equal(answer.error, EBADF);
	netdev_table_release(&table);
}

static void test_parse(void **state)
{
	struct {
		struct nlmsghdr header;
		struct rtmsg route;
		struct rtattr oif_header;
		uint32_t oif;
	} message = {
		.header = { .nlmsg_len = sizeof(message), .nlmsg_type = RTM_NEWROUTE },
		.route = { .rtm_family = AF_INET, .rtm_type = RTN_LOCAL },
		.oif_header = { .rta_len = RTA_LENGTH(4), .rta_type = RTA_OIF },
		.oif = 6,
	};
	struct route_reply reply = { .error = EBADMSG };

	(void)state;
	assert_int_equal(route_parse(&message.header, &reply), 0);
	assert_int_equal(reply.error, 0);
	assert_int_equal(reply.type, RTN_LOCAL);
	assert_int_equal(reply.oif, 6);
	for (uint32_t length = sizeof(struct nlmsghdr); length < sizeof(message); length++) {
		struct nlmsghdr *copy = malloc(length);

		assert_non_null(copy);
		memcpy(copy, &message, length);
		copy->nlmsg_len = length;
		reply = (struct route_reply){ .oif = 99 };
		if (length < sizeof(struct nlmsghdr) + sizeof(struct rtmsg))
			assert_int_equal(route_parse(copy, &reply), -1);
		else
			assert_int_equal(route_parse(copy, &reply) || reply.oif, 0);
		free(copy);
	}
	message.header.nlmsg_type = RTM_NEWLINK;
	assert_int_equal(route_parse(&message.header, &reply), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_question),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_ingress_down),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
