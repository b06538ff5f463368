// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <netinet/in.h>
#include <string.h>

#include <cmocka.h>

#include "listener.h"
#include "ns_messages.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LISTENERS 4

enum { INGRESS = 6, SIBLING = 7, VRF = 9 };

struct described {
	const char *address; /* NULL: no more */
	uint32_t ifindex;
	uint16_t port; /* 0: 7471 */
	enum rdma_port_space port_space; /* 0: TCP */
	bool afonly;
	uint32_t scope;
};

static const struct row {
	const char *name;
	const char *destination;
	struct described listeners[LISTENERS];
	int expected;
	enum rdma_ns_rule rule;
} rows[] = {
	{ "nobody", "10.0.0.5", { { NULL } }, -1, RDMA_NS_RULE_NONE },
	{ "wildcard", "10.0.0.5", { { "0.0.0.0" } }, 0, RDMA_NS_RULE_WILDCARD },
	{ "address", "10.0.0.5", { { "10.0.0.5" } }, 0, RDMA_NS_RULE_ADDRESS },
	{ "another address", "10.0.0.5", { { "10.0.0.6" } }, -1, RDMA_NS_RULE_NONE },
	{ "another port", "10.0.0.5", { { "0.0.0.0", .port = 7472 } }, -1, RDMA_NS_RULE_NONE },
	{ "another port space", "10.0.0.5", { { "0.0.0.0", .port_space = RDMA_PS_UDP } }, -1,
	  RDMA_NS_RULE_NONE },
	{ "address before wildcard", "10.0.0.5", { { "0.0.0.0" }, { "10.0.0.5" } }, 1,
	  RDMA_NS_RULE_ADDRESS },
	{ "address before wildcard, the other way round", "10.0.0.5", { { "10.0.0.5" }, { "0.0.0.0" } }, 0,
	  RDMA_NS_RULE_ADDRESS },
	{ "bound wildcard before wildcard", "10.0.0.5", { { "0.0.0.0" }, { "0.0.0.0", INGRESS } }, 1,
	  RDMA_NS_RULE_WILDCARD_NETDEV },
	{ "address before bound wildcard", "10.0.0.5", { { "0.0.0.0", INGRESS }, { "10.0.0.5" } }, 1,
	  RDMA_NS_RULE_ADDRESS },
	{ "bound address before address", "10.0.0.5",
	  { { "10.0.0.5" }, { "10.0.0.5", INGRESS }, { "0.0.0.0", INGRESS } }, 1,
	  RDMA_NS_RULE_ADDRESS_NETDEV },
	{ "bound to the VRF", "10.0.0.5", { { "0.0.0.0" }, { "0.0.0.0", VRF } }, 1,
	  RDMA_NS_RULE_WILDCARD_NETDEV },
	{ "bound to a sibling", "10.0.0.5", { { "0.0.0.0", SIBLING } }, -1, RDMA_NS_RULE_BOUND_ELSEWHERE },
	{ "address, bound to a sibling", "10.0.0.5", { { "10.0.0.5", SIBLING } }, -1,
	  RDMA_NS_RULE_BOUND_ELSEWHERE },
	{ "one bound to a sibling is passed over", "10.0.0.5",
	  { { "10.0.0.5", SIBLING }, { "0.0.0.0" } }, 1, RDMA_NS_RULE_WILDCARD },
	{ "the same, the other way round", "10.0.0.5", { { "0.0.0.0" }, { "10.0.0.5", SIBLING } }, 0,
	  RDMA_NS_RULE_WILDCARD },
	{ "bound to a sibling, for another port", "10.0.0.5", { { "0.0.0.0", SIBLING, .port = 7472 } }, -1,
	  RDMA_NS_RULE_NONE },
	{ "the first of equals", "10.0.0.5", { { "0.0.0.0" }, { "0.0.0.0" } }, 0, RDMA_NS_RULE_WILDCARD },
	{ "IPv6 wildcard takes IPv4", "10.0.0.5", { { "::" } }, 0, RDMA_NS_RULE_WILDCARD },
	{ "unless it is IPv6 only", "10.0.0.5", { { "::", .afonly = true } }, -1, RDMA_NS_RULE_NONE },
	{ "IPv4 wildcard before it", "10.0.0.5", { { "::" }, { "0.0.0.0" } }, 1, RDMA_NS_RULE_WILDCARD },
	{ "bound IPv6 wildcard before that", "10.0.0.5", { { "0.0.0.0" }, { "::", INGRESS } }, 1,
	  RDMA_NS_RULE_WILDCARD_NETDEV },
	{ "IPv4 wildcard takes no IPv6", "fd00::5", { { "0.0.0.0" } }, -1, RDMA_NS_RULE_NONE },
	{ "IPv6", "fd00::5", { { "::" }, { "fd00::5" }, { "fd00::6" } }, 1, RDMA_NS_RULE_ADDRESS },
	{ "link-local, of this netdev", "fe80::5", { { "fe80::5", .scope = INGRESS } }, 0,
	  RDMA_NS_RULE_ADDRESS },
	{ "link-local, of another netdev", "fe80::5", { { "fe80::5", .scope = SIBLING } }, -1,
	  RDMA_NS_RULE_BOUND_ELSEWHERE },
};

static void describe(const struct described *from, struct rdma_ns_listener *listener)
{
	listener->address = ns_sockaddr(from->address, from->port ? from->port : 7471);
	if (from->scope)
		((struct sockaddr_in6 *)&listener->address)->sin6_scope_id = from->scope;
	listener->port_space = from->port_space ? from->port_space : RDMA_PS_TCP;
	listener->ifindex = from->ifindex;
	listener->afonly = from->afonly;
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sockaddr_storage destination = ns_sockaddr(rows[i].destination, 7471);
		const struct listener_request request = {
			.destination = &destination,
			.port_space = RDMA_PS_TCP,
			.ingress = INGRESS,
			.vrf = VRF,
		};
		/* What a later version of the structure would look like. */
		struct {
			struct rdma_ns_listener listener;
			char more[24];
		} listeners[LISTENERS];
		enum rdma_ns_rule rule;
		size_t count = 0;

		print_message("%s\n", rows[i].name);
		memset(listeners, 0, sizeof(listeners));
		while (count < LISTENERS && rows[i].listeners[count].address) {
			describe(&rows[i].listeners[count], &listeners[count].listener);
			count++;
		}
		assert_int_equal(listener_find(&listeners[0].listener, count, sizeof(listeners[0]),
					       &request, &rule),
				 rows[i].expected);
		assert_string_equal(rdma_ns_rule_str(rule), rdma_ns_rule_str(rows[i].rule));
	}
}

/* Where step 1 has found nothing, nothing is bound to the right netdev. */
static void test_unresolved(void **state)
{
	struct sockaddr_storage destination = ns_sockaddr("10.0.0.5", 7471);
	const struct listener_request request = { .destination = &destination,
						  .port_space = RDMA_PS_TCP };
	struct rdma_ns_listener listener = { .address = ns_sockaddr("0.0.0.0", 7471),
					     .port_space = RDMA_PS_TCP };
	enum rdma_ns_rule rule;

	(void)state;
	assert_int_equal(listener_find(&listener, 1, sizeof(listener), &request, &rule), 0);
	listener.ifindex = INGRESS;
	assert_int_equal(listener_find(&listener, 1, sizeof(listener), &request, &rule), -1);
	assert_int_equal(rule, RDMA_NS_RULE_BOUND_ELSEWHERE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_unresolved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
