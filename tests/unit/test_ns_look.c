// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Records that have come ahead of their requests: found once, by the same addresses and ports. What
 * sends them waits no longer than it may.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <poll.h>
#include <time.h>

#include "look.h"
#include "netns.h"
#include "ns_messages.h"
#include "passive.h"
#include "real.h"

#define LISTENERS 200

static struct rdma_cm_id request(const char *peer, int port)
{
	struct rdma_cm_id id = { .ps = RDMA_PS_TCP };

	id.route.addr.src_storage = ns_sockaddr("10.0.0.5", 7471);
	id.route.addr.dst_storage = ns_sockaddr(peer, (uint16_t)port);
	return id;
}

static void test_found_once(void **state)
{
	const struct qpn_record sent = { .flags = 7, .source_qpn = 0x1b, .destination_qpn = 0x1a };
	struct rdma_cm_id id = request("10.0.0.9", 40722), other;
	struct qpn_record found;

	(void)state;
	assert_false(look_find(&id, &found));
	look_keep(&id, &sent);
	other = request("10.0.0.9", 40723);
	assert_false(look_find(&other, &found));
	other = request("10.0.0.8", 40722);
	assert_false(look_find(&other, &found));
	other = request("fd00::9", 40722);
	assert_false(look_find(&other, &found));
	assert_true(look_find(&id, &found));
	assert_int_equal(found.destination_qpn, 0x1a);
	assert_int_equal(found.source_qpn, 0x1b);
	assert_false(look_find(&id, &found));
}

/* The last word counts, and a flood does not grow: it only pushes out some of what is older. */
static void test_many(void **state)
{
	struct qpn_record sent = { .flags = 3, .source_qpn = 2 }, found;
	struct rdma_cm_id id;
	int left = 0;

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		sent.destination_qpn = 100 + i;
		id = request("10.0.0.9", (int)(1 + i));
		look_keep(&id, &sent);
	}
	assert_true(look_find(&id, &found));
	assert_int_equal(found.destination_qpn, 2099);
	for (int i = 0; i < 2000; i++) {
		id = request("10.0.0.9", 1 + i);
		left += look_find(&id, &found);
	}
	assert_true(left > 0 && left < 1024);
}

static void test_owns_nothing(void **state)
{
	struct rdma_cm_id id = request("10.0.0.9", 1);

	(void)state;
	assert_false(look_owns(&id));
	assert_false(look_owns(NULL));
}

/* A peer that takes step_ms for each of the three steps of a look. */
static int64_t clock_ns = 1000000000;
static int step_ms, steps;
static struct rdma_event_channel channel = { .fd = -1 };
static struct rdma_cm_id look, other_looks[LISTENERS];
static struct rdma_cm_id *next_look = &look;
static struct rdma_cm_event event;

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ clock_ns / 1000000000, clock_ns % 1000000000 };
	return 0;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	(void)fds;
	assert_int_equal(count, 1);
	assert_true(timeout > 0);
	clock_ns += (timeout < step_ms ? timeout : step_ms) * 1000000ll;
	return timeout >= step_ms;
}

static struct rdma_event_channel *fake_create_event_channel(void)
{
	return &channel;
}

static void fake_destroy_event_channel(struct rdma_event_channel *gone)
{
	assert_ptr_equal(gone, &channel);
}

static int fake_create_id(struct rdma_event_channel *of, struct rdma_cm_id **id, void *context,
			  enum rdma_port_space port_space)
{
	assert_ptr_equal(of, &channel);
	assert_int_equal(port_space, RDMA_PS_IPOIB);
	*id = next_look;
	(*id)->context = context;
	return 0;
}

/* Another thread gets the address for an id of the application's at once. */
static int fake_destroy_id(struct rdma_cm_id *id)
{
	id->context = &channel;
	assert_false(look_owns(id));
	return 0;
}

static int fake_bind_addr(struct rdma_cm_id *id, struct sockaddr *address)
{
	(void)id;
	(void)address;
	return 0;
}

static int fake_listen(struct rdma_cm_id *id, int backlog)
{
	(void)id;
	assert_true(backlog > 0);
	return 0;
}

static int begin(enum rdma_cm_event_type type)
{
	event.event = type;
	steps++;
	return 0;
}

static int fake_resolve_addr(struct rdma_cm_id *id, struct sockaddr *source,
			     struct sockaddr *destination, int timeout)
{
	(void)id;
	(void)source;
	(void)destination;
	assert_true(timeout > 0);
	return begin(RDMA_CM_EVENT_ADDR_RESOLVED);
}

static int fake_resolve_route(struct rdma_cm_id *id, int timeout)
{
	(void)id;
	assert_true(timeout > 0);
	return begin(RDMA_CM_EVENT_ROUTE_RESOLVED);
}

static int fake_connect(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	static const uint8_t seen[180] = { 'N', 'S', 'S', 'E', 'E', 'N', 0, 1 };

	(void)param;
	event.id = id;
	event.param.ud.private_data = seen;
	event.param.ud.private_data_len = sizeof(seen);
	return begin(RDMA_CM_EVENT_UNREACHABLE);
}

static int fake_get_cm_event(struct rdma_event_channel *of, struct rdma_cm_event **next)
{
	assert_ptr_equal(of, &channel);
	*next = &event;
	return 0;
}

static int fake_ack_cm_event(struct rdma_cm_event *acked)
{
	assert_ptr_equal(acked, &event);
	return 0;
}

const struct real *__wrap_real_librdmacm(void);
const struct real *__wrap_real_librdmacm(void)
{
	static const struct real fake = {
		.create_event_channel = fake_create_event_channel,
		.destroy_event_channel = fake_destroy_event_channel,
		.create_id = fake_create_id,
		.destroy_id = fake_destroy_id,
		.bind_addr = fake_bind_addr,
		.listen = fake_listen,
		.resolve_addr = fake_resolve_addr,
		.resolve_route = fake_resolve_route,
		.connect = fake_connect,
		.get_cm_event = fake_get_cm_event,
		.ack_cm_event = fake_ack_cm_event,
	};

	return &fake;
}

static void test_ask_is_bounded(void **state)
{
	static const struct {
		int step_ms, steps;
		bool answered;
	} rows[] = {
		{ 1, 3, true },	    { 600, 3, true },	{ 700, 3, false },
		{ 1100, 2, false }, { 5000, 1, false },
	};
	const struct qpn_record record = { .flags = 3, .source_qpn = 2, .destination_qpn = 3 };
	struct rdma_cm_id id = request("10.0.0.9", 1);
	struct netns *netns = netns_get(-1);

	(void)state;
	assert_non_null(netns);
	look.ps = RDMA_PS_IPOIB;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const int64_t before = clock_ns;

		steps = 0;
		step_ms = rows[i].step_ms;
		assert_int_equal(look_ask(netns, &id, &record), rows[i].answered);
		assert_int_equal(steps, rows[i].steps);
		assert_true(clock_ns - before <= 2000000000);
	}
	netns_put(netns);
}

/* However many listen, the events of their looks are told from the application's. */
static void test_owns_its_looks(void **state)
{
	struct rdma_cm_id listener = request("10.0.0.9", 1), accepted = { 0 };
	struct netns *netns = netns_get(-1);

	(void)state;
	assert_non_null(netns);
	listener.channel = &channel;
	for (int i = 0; i < LISTENERS; i++) {
		next_look = &other_looks[i];
		assert_ptr_equal(look_listen(netns, &listener), next_look);
	}
	for (int i = 0; i < LISTENERS; i++) {
		assert_true(look_owns(&other_looks[i]));
		/* As librdmacm makes one for a request. */
		accepted.context = other_looks[i].context;
		assert_true(look_owns(&accepted));
		look_destroy(&other_looks[i]);
	}
	assert_false(look_owns(&listener));
	next_look = &look;
	netns_put(netns);
}

enum rdma_ns_transport __wrap_netns_transport(struct netns *netns, const char *device,
					      uint32_t port);
enum rdma_ns_transport __wrap_netns_transport(struct netns *netns, const char *device,
					      uint32_t port)
{
	(void)netns;
	(void)device;
	(void)port;
	return RDMA_NS_TRANSPORT_IB;
}

/* Anybody can send a look in another one's name: it counts only where a look is due. */
static void test_only_without_room(void **state)
{
	static const struct {
		const char *what;
		size_t set, length;
		enum ibv_qp_type type;
		bool counts;
	} rows[] = {
		{ "no data", 0, 56, IBV_QPT_RC, false },
		{ "the last byte that leaves room", 39, 56, IBV_QPT_RC, false },
		{ "the first byte that does not", 40, 56, IBV_QPT_RC, true },
		{ "all bytes", 55, 56, IBV_QPT_RC, true },
		{ "too little for InfiniBand", 45, 48, IBV_QPT_RC, false },
		{ "a datagram's", 179, 180, IBV_QPT_UD, false },
	};
	const struct qpn_record sent = { .flags = 7, .source_qpn = 0x1b, .destination_qpn = 0x1a };
	struct id_state listener = { .netns = netns_get(-1) }, accepted;

	(void)state;
	assert_non_null(listener.netns);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rdma_cm_id id = request("10.0.0.9", 40722), listening = id;
		struct rdma_cm_event asked = { .event = RDMA_CM_EVENT_CONNECT_REQUEST,
					       .id = &id,
					       .listen_id = &listening };
		uint8_t data[180] = { 0 };

		print_message("%s\n", rows[i].what);
		data[rows[i].set] = rows[i].set ? 0xff : 0;
		id.qp_type = rows[i].type;
		if (id.qp_type == IBV_QPT_UD) {
			asked.param.ud.private_data = data;
			asked.param.ud.private_data_len = (uint8_t)rows[i].length;
		} else {
			asked.param.conn.private_data = data;
			asked.param.conn.private_data_len = (uint8_t)rows[i].length;
		}
		look_keep(&id, &sent);
		passive_judge(&asked, &listener, &accepted);
		assert_int_equal(accepted.exchange.received, rows[i].counts);
		assert_int_equal(accepted.exchange.wanted_qpn, rows[i].counts ? 0x1a : 0);
		/* So that the next row finds none. */
		look_find(&id, &(struct qpn_record){ 0 });
	}
	netns_put(listener.netns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_once),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_owns_nothing),
		cmocka_unit_test(test_ask_is_bounded),
		cmocka_unit_test(test_owns_its_looks),
		cmocka_unit_test(test_only_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
