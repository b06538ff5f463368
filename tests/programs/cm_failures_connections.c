// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Both sides of connections and of datagram services, step by step. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rdma/rdma_user_cm.h>
#include <rdma/rdma_user_cm_ns_record.h>

#include "cm_failures.h"
#include "netns.h"
#include "own_qp.h"
#include "ucm.h"

#define PORT "7601"
#define COOKIE 0x1122334455667788u

/* A request that was lost is sent again after 4 s, or 8 s. */
static int patience_ms = 20000;
#define RESOLVE_MS 2000

static struct ibv_context *devices[2]; /* the server's and the client's */
static struct ibv_qp *qps[2];
static unsigned int space;
static struct sockaddr_storage address;
static uint32_t id, request, serial;
static bool has_request;
static struct rdma_ucm_event_resp event;

static void open_devices(void)
{
	struct ibv_device **list = ibv_get_device_list(NULL);

	for (struct ibv_device **device = list; device && *device; device++) {
		const char *name = ibv_get_device_name(*device);

		if (!strcmp(name, "sib0") || !strcmp(name, "sib1"))
			devices[name[3] - '0'] = ibv_open_device(*device);
	}
	if (!devices[0] || !devices[1])
		die("sib0 and sib1 are needed");
	ibv_free_device_list(list);
}

static uint32_t new_qp(int side)
{
	if (qps[side])
		ibv_destroy_qp(qps[side]);
	qps[side] = own_qp_of_type(devices[side], space == RDMA_PS_UDP ? IBV_QPT_UD : IBV_QPT_RC);
	return qps[side]->qp_num;
}

static void start_listener(int fd, const char *netns, unsigned int its_space)
{
	const struct sockaddr_storage any = address_of("::", PORT);
	const struct rdma_user_cm_ns_recv_ingress record = {
		.cookie = COOKIE,
		.size = sizeof(struct rdma_user_cm_ns_record),
	};
	uint32_t listener = new_id(fd, netns, its_space);

	set_option(fd, listener, RDMA_OPTION_NS_RECV_INGRESS, &record, sizeof(record));
	if (ucm_bind(fd, listener, &any) || ucm_listen(fd, listener))
		die("listen");
}

static bool next_event(int fd)
{
	if (!ucm_has_event(fd, patience_ms))
		return false;
	if (ucm_get_event(fd, &event))
		die("get event");
	return true;
}

static bool comes(int fd, uint32_t wanted)
{
	if (!next_event(fd)) {
		errno = ETIMEDOUT;
		return false;
	}
	errno = 0;
	if (event.event != wanted)
		die("event %u with status %d instead of %u", event.event, (int)event.status,
		    wanted);
	return true;
}

static void must_come(int fd, uint32_t wanted)
{
	if (!comes(fd, wanted))
		die("no event %u", wanted);
}

static void remove_from(int fd, uint32_t its_id)
{
	if (ucm_destroy(fd, its_id))
		die("destroy");
}

static void remove_all(void)
{
	if (has_request)
		remove_from(server, request);
	has_request = false;
	remove_from(client, id);
	for (int side = 0; side < 2; side++) {
		if (qps[side])
			ibv_destroy_qp(qps[side]);
		qps[side] = NULL;
	}
}

static void before_address(void)
{
	id = new_id(client, "client", space);
}

static void over_ipv4(void)
{
	space = RDMA_PS_TCP;
	address = address_of("10.0.0.5", PORT);
	before_address();
}

static void over_ipv6(void)
{
	space = RDMA_PS_TCP;
	address = address_of("fd00::5", PORT);
	before_address();
}

static void datagrams(void)
{
	space = RDMA_PS_UDP;
	address = address_of("10.0.0.5", PORT);
	before_address();
}

static int resolve_addr(void)
{
	return ucm_resolve_addr(client, id, &address, RESOLVE_MS);
}

/* A failure in the call may make the answer an error. */
static void answer_comes(uint32_t wanted)
{
	if (!next_event(client))
		expect(false, "no answer comes");
	else if (!absorbed)
		expect(event.event == wanted, "the answer is an error");
	remove_all();
}

static void address_comes(void)
{
	answer_comes(UCM_ADDR_RESOLVED);
}

static void has_address(void)
{
	if (resolve_addr())
		die("resolve_addr");
	must_come(client, UCM_ADDR_RESOLVED);
}

static void before_route(void)
{
	over_ipv4();
	has_address();
}

static int resolve_route(void)
{
	return ucm_resolve_route(client, id, RESOLVE_MS);
}

static void route_comes(void)
{
	answer_comes(UCM_ROUTE_RESOLVED);
}

static void has_route(void)
{
	const uint32_t exchange = RDMA_NS_EXCHANGE_SEND | RDMA_NS_EXCHANGE_REPLY;

	set_option(client, id, RDMA_OPTION_NS_EXCHANGE, &exchange, sizeof(exchange));
	has_address();
	if (resolve_route())
		die("resolve_route");
	must_come(client, UCM_ROUTE_RESOLVED);
	new_qp(1);
	serial++;
}

static void before_connect(void)
{
	over_ipv4();
	has_route();
}

static void before_connect_ipv6(void)
{
	over_ipv6();
	has_route();
}

static void before_connect_datagrams(void)
{
	datagrams();
	has_route();
}

static int connect_id(void)
{
	return ucm_connect(client, id, qps[1]->qp_num, serial);
}

static const uint8_t *private_data(size_t *length)
{
	*length = space == RDMA_PS_UDP ? event.param.ud.private_data_len :
					 event.param.conn.private_data_len;
	return space == RDMA_PS_UDP ? event.param.ud.private_data : event.param.conn.private_data;
}

/* Requests of earlier clients, who have gone, may come first. */
static bool request_comes(void)
{
	const uint8_t *data;
	size_t length;

	while (next_event(server)) {
		if (event.event != UCM_CONNECT_REQUEST)
			continue;
		data = private_data(&length);
		if (length >= sizeof(serial) && !memcmp(data, &serial, sizeof(serial))) {
			request = event.id;
			has_request = true;
			return true;
		}
		remove_from(server, event.id);
	}
	return false;
}

static void record_is_there(void)
{
	struct rdma_user_cm_ns_record record;
	size_t length;
	const uint8_t *data = private_data(&length);

	if (length < sizeof(record)) {
		expect(false, "the request has no record");
		return;
	}
	memcpy(&record, data + length - sizeof(record), sizeof(record));
	expect(record.cookie == COOKIE && record.ingress.decided_by == RDMA_USER_CM_NS_BY_QPN &&
		       record.ingress.ifindex == ifindex_in("red", "ib0.red"),
	       "the record is wrong");
}

/* What was lost would be sent again much later. */
static void connected(void)
{
	if (!absorbed) {
		expect(request_comes(), "no request comes");
		record_is_there();
	}
	remove_all();
}

static void has_asked(void)
{
	if (connect_id())
		die("connect");
	if (!request_comes())
		die("no request");
	new_qp(0);
}

static void before_answer(void)
{
	before_connect();
	has_asked();
}

static void before_answer_ipv6(void)
{
	before_connect_ipv6();
	has_asked();
}

static void before_answer_datagrams(void)
{
	before_connect_datagrams();
	has_asked();
}

static int accept_request(void)
{
	return ucm_accept(server, request, qps[0]->qp_num);
}

static void accepted(void)
{
	if (!absorbed)
		expect(comes(client, space == RDMA_PS_UDP ? UCM_ESTABLISHED : UCM_CONNECT_RESPONSE),
		       "the client has no answer");
	remove_all();
}

static int reject_request(void)
{
	return ucm_reject(server, request);
}

static void rejected(void)
{
	if (!absorbed)
		expect(comes(client, UCM_REJECTED), "the client has no answer");
	remove_all();
}

static void before_end(void)
{
	before_answer();
	if (accept_request())
		die("accept");
	must_come(client, UCM_CONNECT_RESPONSE);
	if (ucm_establish(client, id))
		die("establish");
	must_come(server, UCM_ESTABLISHED);
}

static int disconnect(void)
{
	return ucm_disconnect(client, id);
}

static void disconnected(void)
{
	if (!absorbed)
		expect(comes(server, UCM_DISCONNECTED), "the server does not hear of it");
	remove_all();
}

static void before_event(void)
{
	before_connect();
	if (connect_id())
		die("connect");
	if (!ucm_has_event(server, patience_ms))
		die("no request");
}

static int get_event(void)
{
	return ucm_get_event(server, &event);
}

static void got_event(void)
{
	expect(event.event == UCM_CONNECT_REQUEST, "it is no request");
	record_is_there();
	request = event.id;
	has_request = true;
	remove_all();
}

static uint64_t answer[512];

static int query_path(void)
{
	return ucm_query(client, id, 1, answer, sizeof(answer));
}

static int query_gid(void)
{
	return ucm_query(client, id, 2, answer, sizeof(answer));
}

static int init_qp_attr(void)
{
	return ucm_init_qp_attr(client, id);
}

static void prepare(void)
{
	const char *slow = getenv("RDMA_NS_SLOW");

	if (slow)
		patience_ms *= atoi(slow);
	open_devices();
	start_listener(server, "red", RDMA_PS_TCP);
	start_listener(server, "red", RDMA_PS_UDP);
}

void walk_connections(void)
{
	static const struct path paths[] = {
		{ "resolve address",
		  over_ipv4,
		  resolve_addr,
		  NULL,
		  address_comes,
		  false,
		  { ENOBUFS } },
		{ "resolve address, IPv6",
		  over_ipv6,
		  resolve_addr,
		  NULL,
		  address_comes,
		  false,
		  { ENOBUFS } },
		{ "resolve route", before_route, resolve_route, NULL, route_comes, false, { 0 } },
		{ "connect", before_connect, connect_id, NULL, connected, false, { 0 } },
		{ "connect, IPv6", before_connect_ipv6, connect_id, NULL, connected, false, { 0 } },
		{ "connect, datagrams",
		  before_connect_datagrams,
		  connect_id,
		  NULL,
		  connected,
		  false,
		  { 0 } },
		{ "get event", before_event, get_event, NULL, got_event, false, { 0 } },
		{ "accept", before_answer, accept_request, remove_all, accepted, true, { 0 } },
		{ "accept, IPv6",
		  before_answer_ipv6,
		  accept_request,
		  remove_all,
		  accepted,
		  true,
		  { 0 } },
		{ "accept, datagrams",
		  before_answer_datagrams,
		  accept_request,
		  remove_all,
		  accepted,
		  true,
		  { 0 } },
		{ "reject", before_answer, reject_request, remove_all, rejected, true, { 0 } },
		{ "disconnect", before_end, disconnect, remove_all, disconnected, true, { 0 } },
		{ "query path", before_connect, query_path, NULL, remove_all, false, { 0 } },
		{ "query GID", before_connect, query_gid, NULL, remove_all, false, { 0 } },
		{ "init QP attributes",
		  before_connect,
		  init_qp_attr,
		  NULL,
		  remove_all,
		  false,
		  { 0 } },
	};

	prepare();
	walk(paths, sizeof(paths) / sizeof(paths[0]));
}

/* How often the handler of requests has returned: see tests/fail_in. */
static int handled(void)
{
	static int file = -1;
	char text[16] = "";

	if (file < 0)
		file = open("/sys/module/fail_in/parameters/calls", O_RDONLY | O_CLOEXEC);
	if (pread(file, text, sizeof(text) - 1, 0) <= 0)
		die("/sys/module/fail_in/parameters/calls");
	return atoi(text);
}

static unsigned int taken, refused, dropped;

/* Nobody waits until what was dropped is sent again. */
static void ask_once(void (*begin)(void))
{
	const int before = handled();

	begin();
	if (connect_id())
		die("connect");
	for (int waited = 0; handled() == before; waited++) {
		if (waited > patience_ms)
			die("the request does not arrive");
		poll(NULL, 0, 1);
	}
	if (ucm_has_event(client, 0)) {
		next_event(client);
		refused++;
	} else if (ucm_has_event(server, 0) && request_comes()) {
		taken++;
	} else if (ucm_has_event(client, 100)) {
		next_event(client);
		refused++;
	} else {
		dropped++;
	}
	remove_all();
}

static void ask_often(const char *kind, unsigned long count, void (*begin)(void))
{
	taken = 0;
	refused = 0;
	dropped = 0;
	for (unsigned long i = 0; i < count; i++)
		ask_once(begin);
	printf("%s: red %u, refused %u, dropped %u\n", kind, taken, refused, dropped);
}

/* Blue listens at the same addresses and port. What it gets is stolen. */
void make_requests(unsigned long count)
{
	const int blue = ucm_open();

	prepare();
	start_listener(blue, "blue", RDMA_PS_TCP);
	start_listener(blue, "blue", RDMA_PS_UDP);
	ask_often("IPv4", count, before_connect);
	ask_often("IPv6", count, before_connect_ipv6);
	ask_often("datagrams", count, before_connect_datagrams);
	puts(ucm_has_event(blue, 1000) ? "blue got a request" : "blue got nothing");
}
