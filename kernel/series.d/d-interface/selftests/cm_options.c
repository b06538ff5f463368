// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Options of ids, and what a listener is told of a request: "cm_options NETDEV ADDRESS", where a
 * RoCE device is on NETDEV, which has the IPv4 address ADDRESS. Requests for a datagram service
 * name no QP, so that no program is needed beside this one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <rdma/rdma_user_cm.h>
#include <rdma/rdma_user_cm_ns.h>

#include "../../kselftest.h"
#include "ucm.h"

#define PORT 7474
#define PATIENCE_MS 20000
#define RESOLVE_MS 5000
#define STRANGE_QPN 0x123456

static struct sockaddr_storage any, address;
static uint32_t netdev;

static struct sockaddr_storage address_of(in_addr_t host)
{
	const struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = host,
	};
	struct sockaddr_storage storage = { 0 };

	memcpy(&storage, &in, sizeof(in));
	return storage;
}

static uint32_t new_id(int fd)
{
	uint32_t id;

	if (ucm_create(fd, RDMA_PS_UDP, &id))
		ksft_exit_fail_msg("no id: %s\n", strerror(errno));
	return id;
}

static int set(int fd, uint32_t id, uint32_t option, uint32_t value)
{
	return ucm_set_option(fd, id, RDMA_OPTION_NS, option, &value, sizeof(value));
}

static bool fails(int status, int error)
{
	return status == -1 && errno == error;
}

static bool next_event(int fd, struct rdma_ucm_event_resp *event)
{
	return ucm_has_event(fd, PATIENCE_MS) && !ucm_get_event(fd, event);
}

static void test_values(void)
{
	uint64_t known = RDMA_NS_FEATURE_RESOLVE | RDMA_NS_FEATURE_POLICY, unknown = 1ULL << 63;
	int fd = ucm_open();
	uint32_t id = new_id(fd);

	ksft_test_result(!ucm_set_option(fd, id, RDMA_OPTION_NS, RDMA_OPTION_NS_FEATURES, &known,
					 sizeof(known)),
			 "features that there are\n");
	ksft_test_result(fails(ucm_set_option(fd, id, RDMA_OPTION_NS, RDMA_OPTION_NS_FEATURES,
					      &unknown, sizeof(unknown)),
			       EOPNOTSUPP),
			 "a feature that there is not\n");
	ksft_test_result(fails(ucm_set_option(fd, id, RDMA_OPTION_NS, RDMA_OPTION_NS_FEATURES,
					      &known, sizeof(known) - 1),
			       EINVAL),
			 "an option of another length\n");
	ksft_test_result(fails(set(fd, id, RDMA_OPTION_NS_POLICY, 3), EINVAL), "no such policy\n");
	ksft_test_result(fails(set(fd, id, RDMA_OPTION_NS_BIND_IFINDEX, INT32_MAX), ENODEV),
			 "no such net_dev\n");
	ksft_test_result(fails(set(fd, id, RDMA_OPTION_NS_NETNS_FD, (uint32_t)fd), EINVAL),
			 "a file that is no network namespace\n");
	close(fd);
}

static void listen_on(int fd, uint32_t ifindex)
{
	uint32_t id = new_id(fd);

	if (set(fd, id, RDMA_OPTION_NS_BIND_IFINDEX, ifindex) || ucm_bind(fd, id, &any) ||
	    ucm_listen(fd, id))
		ksft_exit_fail_msg("no listener: %s\n", strerror(errno));
}

static void ask(int fd)
{
	struct rdma_ucm_event_resp event;
	uint32_t id = new_id(fd);

	if (ucm_resolve_addr(fd, id, &address, RESOLVE_MS) || !next_event(fd, &event) ||
	    event.event != UCM_ADDR_RESOLVED)
		ksft_exit_fail_msg("the address is not resolved\n");
	if (ucm_resolve_route(fd, id, RESOLVE_MS) || !next_event(fd, &event) ||
	    event.event != UCM_ROUTE_RESOLVED)
		ksft_exit_fail_msg("the route is not resolved\n");
	if (ucm_connect(fd, id, 0, 0))
		ksft_exit_fail_msg("connect: %s\n", strerror(errno));
}

/* A listener bound to @ifindex gets the request, and is told @rule. */
static void test_heard(uint32_t ifindex, uint8_t rule, const char *name)
{
	struct rdma_user_cm_ns_ingress ingress[2];
	struct rdma_ucm_event_resp event;
	int server = ucm_open(), client = ucm_open();
	bool told;

	listen_on(server, ifindex);
	ask(client);
	if (!next_event(server, &event) || event.event != UCM_CONNECT_REQUEST) {
		ksft_test_result_fail("%s: the request comes\n", name);
		ksft_test_result_fail("%s: and says where it arrived\n", name);
		ksft_test_result_fail("%s: in no more bytes than there are\n", name);
		ksft_test_result_fail("%s: no answer can name a QP of others\n", name);
		goto out;
	}
	ksft_test_result_pass("%s: the request comes\n", name);

	memset(ingress, 0xff, sizeof(ingress));
	told = !ucm_query(server, event.id, RDMA_USER_CM_QUERY_INGRESS, ingress, sizeof(ingress));
	ksft_test_result(told && ingress[0].size == sizeof(ingress[0]) &&
				 ingress[0].ifindex == netdev &&
				 ingress[0].transport == RDMA_USER_CM_NS_TRANSPORT_ROCE &&
				 ingress[0].decided_by == RDMA_USER_CM_NS_BY_GID &&
				 ingress[0].rule == rule && !ingress[0].reason,
			 "%s: and says where it arrived\n", name);
	ksft_test_result(ingress[1].size == 0xffff &&
				 fails(ucm_query(server, event.id, RDMA_USER_CM_QUERY_INGRESS,
						 ingress, sizeof(ingress[0]) - 1),
				       ENOSPC),
			 "%s: in no more bytes than there are\n", name);
	ksft_test_result(fails(ucm_accept(server, event.id, STRANGE_QPN), EPERM),
			 "%s: no answer can name a QP of others\n", name);
	ucm_reject(server, event.id);
	ucm_destroy(server, event.id);
out:
	close(client);
	close(server);
}

static void test_not_heard(void)
{
	struct rdma_ucm_event_resp event;
	int server = ucm_open(), client = ucm_open();

	listen_on(server, if_nametoindex("lo"));
	ask(client);
	ksft_test_result(next_event(client, &event) && event.event != UCM_ESTABLISHED &&
				 !ucm_has_event(server, 0),
			 "a listener bound to another net_dev hears nothing\n");
	close(client);
	close(server);
}

static void test_no_request(void)
{
	struct rdma_user_cm_ns_ingress ingress;
	int fd = ucm_open();
	uint32_t id = new_id(fd);

	ksft_test_result(!ucm_bind(fd, id, &address) &&
				 fails(ucm_query(fd, id, RDMA_USER_CM_QUERY_INGRESS, &ingress,
						 sizeof(ingress)),
				       ENODATA),
			 "an id without a request arrived nowhere\n");
	close(fd);
}

int main(int argc, char **argv)
{
	in_addr_t host;

	ksft_print_header();
	if (argc != 3 || inet_pton(AF_INET, argv[2], &host) != 1)
		ksft_exit_fail_msg("usage: cm_options NETDEV ADDRESS\n");
	netdev = if_nametoindex(argv[1]);
	if (!netdev)
		ksft_exit_fail_msg("there is no %s\n", argv[1]);
	any = address_of(INADDR_ANY);
	address = address_of(host);

	ksft_set_plan(16);
	test_values();
	test_no_request();
	test_heard(0, RDMA_USER_CM_NS_RULE_WILDCARD, "any net_dev");
	test_heard(netdev, RDMA_USER_CM_NS_RULE_WILDCARD_NETDEV, "its net_dev");
	test_not_heard();
	ksft_finished();
}
