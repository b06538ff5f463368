// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Ids that do not connect: their options, their ports, and listening. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <rdma/rdma_user_cm.h>
#include <rdma/rdma_user_cm_ns_record.h>

#include "cm_failures.h"
#include "netns.h"
#include "ucm.h"

#define PORT "7600"

static uint32_t id, ifindex, policy;
static int netns;
static struct sockaddr_storage address;
static const struct rdma_user_cm_ns_recv_ingress wanted = {
	.cookie = 1,
	.size = sizeof(struct rdma_user_cm_ns_record),
};

static void remove_id(void)
{
	if (ucm_destroy(server, id))
		die("destroy");
}

/* What an id that is bound like this one meets: 0, or an error. */
static int bind_another(void)
{
	uint32_t other = new_id(server, netns ? "client" : "red", RDMA_PS_TCP);
	int error = 0;

	if (ifindex)
		set_option(server, other, RDMA_OPTION_NS_BIND_IFINDEX, &ifindex, sizeof(ifindex));
	if (ucm_bind(server, other, &address))
		error = errno;
	if (ucm_destroy(server, other))
		die("destroy");
	errno = error;
	return error;
}

static void port_is_free(void)
{
	expect(!bind_another(), "the port is taken");
}

/* rdma_cm has an error of its own for conflicts with an id that has all addresses. */
static void others_fail(void)
{
	const bool any =
		address.ss_family == AF_INET && !((struct sockaddr_in *)&address)->sin_addr.s_addr;

	expect(bind_another() == (any ? EADDRNOTAVAIL : EADDRINUSE),
	       "another id gets the port, too");
}

static void port_is_taken(void)
{
	others_fail();
	remove_id();
	port_is_free();
}

static void nothing(void)
{
}

static int create(void)
{
	return ucm_create(server, RDMA_PS_TCP, &id);
}

static void plain(void)
{
	id = new_id(server, "red", RDMA_PS_TCP);
	ifindex = 0;
	netns = 0;
	address = address_of("10.0.0.5", PORT);
}

static int option(uint32_t number, const void *value, size_t length)
{
	return ucm_set_option(server, id, RDMA_OPTION_NS, number, value, length);
}

static int ask_features(void)
{
	const uint64_t features = RDMA_NS_FEATURE_RESOLVE | RDMA_NS_FEATURE_IPOIB;

	return option(RDMA_OPTION_NS_FEATURES, &features, sizeof(features));
}

static int set_policy(void)
{
	const uint32_t verify = RDMA_USER_CM_NS_VERIFY;

	return option(RDMA_OPTION_NS_POLICY, &verify, sizeof(verify));
}

static int set_exchange(void)
{
	const uint32_t all = RDMA_NS_EXCHANGE_SEND | RDMA_NS_EXCHANGE_REPLY;

	return option(RDMA_OPTION_NS_EXCHANGE, &all, sizeof(all));
}

static int set_record(void)
{
	return option(RDMA_OPTION_NS_RECV_INGRESS, &wanted, sizeof(wanted));
}

static int set_reuse(void)
{
	const uint32_t one = 1;

	return ucm_set_option(server, id, RDMA_OPTION_ID, RDMA_OPTION_ID_REUSEADDR, &one,
			      sizeof(one));
}

static void before_netns(void)
{
	plain();
	netns = netns_open("client");
}

static int set_netns(void)
{
	const int32_t fd = netns;

	return option(RDMA_OPTION_NS_NETNS_FD, &fd, sizeof(fd));
}

/* It has the client's addresses now, and red's no more. */
static void has_netns(void)
{
	close(netns);
	expect(ucm_bind(server, id, &address) && errno == EADDRNOTAVAIL, "red's address is there");
	address = address_of("10.0.0.9", PORT);
	expect(!ucm_bind(server, id, &address), "the client's address is not there");
	remove_id();
}

static void before_netdev(void)
{
	plain();
	ifindex = ifindex_in("red", "ib0.red");
}

static int set_netdev(void)
{
	return option(RDMA_OPTION_NS_BIND_IFINDEX, &ifindex, sizeof(ifindex));
}

static void has_netdev(void)
{
	const struct sockaddr_storage elsewhere = address_of("10.0.1.5", PORT);

	expect(ucm_bind(server, id, &elsewhere) && errno == EADDRNOTAVAIL,
	       "an address of another netdev is there");
	expect(!ucm_bind(server, id, &address), "the netdev's address is not there");
	remove_id();
}

static int bind_id(void)
{
	return ucm_bind(server, id, &address);
}

static void before_bind_ipv6(void)
{
	plain();
	address = address_of("fd00::5", PORT);
}

static void before_bind_any(void)
{
	plain();
	address = address_of("0.0.0.0", PORT);
}

static void before_bind_netdev(void)
{
	before_netdev();
	if (set_netdev())
		die("netdev");
}

static void before_bind_netns(void)
{
	before_netns();
	if (set_netns())
		die("netns");
	close(netns);
	address = address_of("10.0.0.9", PORT);
}

/* As if it had never been tried: the address that it did not get binds it to nothing. */
static void may_bind_elsewhere(void)
{
	const struct sockaddr_storage elsewhere = address_of("10.0.1.5", PORT);
	uint32_t other = ifindex_in("red", "ib0.8001");

	port_is_free();
	expect(!option(RDMA_OPTION_NS_BIND_IFINDEX, &other, sizeof(other)),
	       "the id cannot be bound to another netdev");
	expect(!ucm_bind(server, id, &elsewhere), "nor to its address");
	remove_id();
}

static void after_bind_elsewhere(void)
{
	if (absorbed)
		expect(ucm_destroy(server, id) == 0, "destroy");
	else
		port_is_taken();
}

static void bound(void)
{
	plain();
	if (bind_id())
		die("bind");
}

static void bound_any(void)
{
	before_bind_any();
	if (bind_id())
		die("bind");
}

static void before_late_netdev(void)
{
	bound_any();
	ifindex = ifindex_in("red", "ib0.red");
}

static void before_listen(uint32_t chosen)
{
	policy = chosen;
	option(RDMA_OPTION_NS_POLICY, &policy, sizeof(policy));
}

static void before_listen_report(void)
{
	bound();
	before_listen(RDMA_USER_CM_NS_REPORT);
}

static void before_listen_verify(void)
{
	bound_any();
	before_listen(RDMA_USER_CM_NS_VERIFY);
}

static void before_listen_strict(void)
{
	before_bind_netdev();
	if (bind_id())
		die("bind");
	before_listen(RDMA_USER_CM_NS_STRICT);
}

static int listen_id(void)
{
	return ucm_listen(server, id);
}

static uint64_t answer[512];

static int query_address(void)
{
	return ucm_query(server, id, 0, answer, sizeof(answer));
}

static int other_file;

static void before_migrate(void)
{
	bound();
	other_file = ucm_open();
}

static int migrate(void)
{
	return ucm_migrate(other_file, &id, server);
}

static void migrated(void)
{
	others_fail();
	expect(!ucm_destroy(other_file, id), "the new file does not have the id");
	close(other_file);
	port_is_free();
}

void walk_ids(void)
{
	static const struct path paths[] = {
		{ "create", nothing, create, NULL, remove_id, false, { 0 } },
		{ "option features", plain, ask_features, NULL, remove_id, false, { 0 } },
		{ "option policy", plain, set_policy, NULL, remove_id, false, { 0 } },
		{ "option record", plain, set_record, NULL, remove_id, false, { 0 } },
		{ "option exchange", plain, set_exchange, NULL, remove_id, false, { 0 } },
		{ "option reuse", plain, set_reuse, NULL, remove_id, false, { 0 } },
		{ "option netns", before_netns, set_netns, NULL, has_netns, false, { 0 } },
		{ "option netdev", before_netdev, set_netdev, NULL, has_netdev, false, { 0 } },
		{ "option netdev, bound",
		  before_late_netdev,
		  set_netdev,
		  NULL,
		  port_is_taken,
		  false,
		  { 0 } },
		{ "bind", plain, bind_id, port_is_free, port_is_taken, false, { 0 } },
		{ "bind to IPv6",
		  before_bind_ipv6,
		  bind_id,
		  port_is_free,
		  port_is_taken,
		  false,
		  { 0 } },
		{ "bind to any address",
		  before_bind_any,
		  bind_id,
		  port_is_free,
		  port_is_taken,
		  false,
		  { 0 } },
		{ "bind on a netdev",
		  before_bind_netdev,
		  bind_id,
		  port_is_free,
		  port_is_taken,
		  false,
		  { 0 } },
		{ "bind in a namespace",
		  before_bind_netns,
		  bind_id,
		  port_is_free,
		  port_is_taken,
		  false,
		  { 0 } },
		{ "bind, then elsewhere",
		  plain,
		  bind_id,
		  may_bind_elsewhere,
		  after_bind_elsewhere,
		  true,
		  { 0 } },
		{ "listen, report",
		  before_listen_report,
		  listen_id,
		  NULL,
		  port_is_taken,
		  false,
		  { 0 } },
		{ "listen, any address, verify",
		  before_listen_verify,
		  listen_id,
		  NULL,
		  port_is_taken,
		  false,
		  { 0 } },
		{ "listen, a netdev, strict",
		  before_listen_strict,
		  listen_id,
		  NULL,
		  port_is_taken,
		  false,
		  { 0 } },
		{ "query", bound, query_address, NULL, port_is_taken, false, { 0 } },
		{ "migrate", before_migrate, migrate, NULL, migrated, false, { 0 } },
	};

	walk(paths, sizeof(paths) / sizeof(paths[0]));
}
