// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Events that the application does not get: however many come, a call on a channel that does not
 * block ends, and one on a channel that does waits for what the application gets. Requests that a
 * synchronous listener gets: each is judged once, whether librdmacm takes its event itself or from
 * this library. And the result of a synchronous connection, which is told once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "cm.h"
#include "id_table.h"
#include "look.h"
#include "real.h"

static struct rdma_event_channel channel;
static unsigned int left; /* so many are withheld, then the application gets one */

/* A thread can while it waits, but not once it has an event, which nobody else will get. */
static bool can_be_cancelled(void)
{
	int before, ignored;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	pthread_setcancelstate(before, &ignored);
	return before == PTHREAD_CANCEL_ENABLE;
}

static int fake_get_cm_event(struct rdma_event_channel *of, struct rdma_cm_event **event)
{
	static struct rdma_cm_event next;

	assert_ptr_equal(of, &channel);
	assert_true(can_be_cancelled());
	next.event = RDMA_CM_EVENT_TIMEWAIT_EXIT;
	*event = &next;
	return 0;
}

static struct rdma_cm_id listener, requesting;
static struct rdma_cm_event request;
static bool through_plt, as_error; /* how librdmacm takes events, and what it does with a look */
static unsigned int requests; /* so many come, then the call fails */
static unsigned int rejected, acknowledged, destroyed;

static int fake_get_request(struct rdma_cm_id *of, struct rdma_cm_id **id)
{
	struct rdma_cm_event *event = &request;

	assert_ptr_equal(of, &listener);
	if (!requests--) {
		errno = EINTR;
		return -1;
	}
	request = (struct rdma_cm_event){ .id = &requesting, .listen_id = &listener };
	request.event = left ? RDMA_CM_EVENT_TIMEWAIT_EXIT : RDMA_CM_EVENT_CONNECT_REQUEST;
	if (left && as_error) {
		of->event = event;
		errno = EINVAL;
		return -1;
	}
	if (through_plt && rdma_ns_get_cm_event(&channel, &event))
		return -1;
	*id = event->id;
	(*id)->event = event;
	return 0;
}

static int get_request_event(struct rdma_event_channel *of, struct rdma_cm_event **event)
{
	if (!through_plt)
		return fake_get_cm_event(of, event);
	*event = &request;
	return 0;
}

static int fake_reject(struct rdma_cm_id *id, const void *data, uint8_t length)
{
	assert_ptr_equal(id, &requesting);
	/* The library could not look. The peer has no reason to doubt its neighbour entry. */
	assert_true(!data && !length);
	rejected++;
	return 0;
}

static int fake_ack_cm_event(struct rdma_cm_event *event)
{
	assert_ptr_equal(event, &request);
	acknowledged++;
	return 0;
}

static int fake_destroy_id(struct rdma_cm_id *id)
{
	assert_null(id->event);
	destroyed++;
	return 0;
}

static bool fails_at_once;
static struct rdma_cm_event result;

/* librdmacm has freed the old event, and gets the same memory for the new one. */
static int fake_connect(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	(void)param;
	if (fails_at_once) {
		errno = EINVAL;
		return -1;
	}
	result = (struct rdma_cm_event){ .id = id, .status = 28 };
	result.event = RDMA_CM_EVENT_REJECTED;
	id->event = &result;
	errno = ECONNREFUSED;
	return -1;
}

const struct real *__wrap_real_librdmacm(void);
const struct real *__wrap_real_librdmacm(void)
{
	static const struct real fake = {
		.get_cm_event = get_request_event,
		.get_request = fake_get_request,
		.reject = fake_reject,
		.ack_cm_event = fake_ack_cm_event,
		.destroy_id = fake_destroy_id,
		.connect = fake_connect,
	};

	return &fake;
}

/* Is it another id's than the application's? The library asks twice an event. */
bool __wrap_look_owns(const struct rdma_cm_id *id);
bool __wrap_look_owns(const struct rdma_cm_id *id)
{
	(void)id;
	return left > 0;
}

void __wrap_look_take(struct rdma_cm_event *event);
void __wrap_look_take(struct rdma_cm_event *event)
{
	assert_int_equal(event->event, RDMA_CM_EVENT_TIMEWAIT_EXIT);
	assert_false(can_be_cancelled());
	left--;
}

static void open_channel(int flags)
{
	int fds[2];

	assert_int_equal(pipe2(fds, flags), 0);
	close(fds[1]);
	channel.fd = fds[0];
}

static void test_not_blocking(void **state)
{
	struct rdma_cm_event *event;
	unsigned int calls = 1;

	(void)state;
	open_channel(O_NONBLOCK);
	left = 1;
	assert_int_equal(rdma_ns_get_cm_event(&channel, &event), 0);
	left = 1000;
	while (rdma_ns_get_cm_event(&channel, &event)) {
		assert_int_equal(errno, EAGAIN);
		calls++;
	}
	assert_int_equal(left, 0);
	assert_true(calls > 10);
	close(channel.fd);
}

static void test_blocking(void **state)
{
	struct rdma_cm_event *event;

	(void)state;
	open_channel(0);
	left = 1000;
	assert_int_equal(rdma_ns_get_cm_event(&channel, &event), 0);
	assert_int_equal(left, 0);
	close(channel.fd);
}

static void test_can_be_cancelled_before_and_after(void **state)
{
	(void)state;
	assert_true(can_be_cancelled());
	test_blocking(state);
	assert_true(can_be_cancelled());
}

static int get_request(enum rdma_ns_policy policy, struct rdma_ns_statistics *counted)
{
	struct rdma_ns_statistics before, after;
	struct rdma_cm_id *id = NULL;
	int status;

	listener = (struct rdma_cm_id){ .ps = RDMA_PS_TCP, .qp_type = IBV_QPT_RC };
	listener.route.addr.src_addr.sa_family = AF_INET;
	requesting = listener;
	requesting.route.addr.dst_addr.sa_family = AF_INET;
	rejected = acknowledged = destroyed = 0;
	assert_int_equal(rdma_ns_set_policy(&listener, policy), 0);
	assert_int_equal(rdma_ns_get_statistics(&before, sizeof(before)), 0);
	status = rdma_ns_get_request(&listener, &id);
	assert_int_equal(rdma_ns_get_statistics(&after, sizeof(after)), 0);
	counted->accepted = after.accepted - before.accepted;
	counted->refused = after.refused - before.refused;
	assert_true(status || id == &requesting);
	rdma_ns_destroy_id(&listener);
	requesting.event = NULL;
	if (!status)
		rdma_ns_destroy_id(&requesting);
	return status;
}

static void test_requests_are_judged_once(void **state)
{
	struct rdma_ns_statistics counted;

	(void)state;
	left = 0;
	for (int i = 0; i < 2; i++) {
		through_plt = i;
		requests = 1;
		assert_int_equal(get_request(RDMA_NS_POLICY_REPORT, &counted), 0);
		assert_int_equal(counted.accepted, 1);
	}
	through_plt = false;
	requests = 3;
	assert_int_equal(get_request(RDMA_NS_POLICY_VERIFY, &counted), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(counted.accepted, 0);
	assert_int_equal(counted.refused, 3);
	assert_int_equal(rejected, 3);
	assert_int_equal(acknowledged, 3);
	assert_int_equal(destroyed, 3 + 1);
}

/* librdmacm knows nothing of looks: it gives them out as requests, or takes them for errors. */
static void test_looks_are_no_requests(void **state)
{
	struct rdma_ns_statistics counted;

	(void)state;
	for (int i = 0; i < 2; i++) {
		as_error = i;
		left = 2;
		requests = 3;
		assert_int_equal(get_request(RDMA_NS_POLICY_REPORT, &counted), 0);
		assert_int_equal(left, 0);
		assert_int_equal(counted.accepted, 1);
	}
}

static void count(const struct rdma_ns_observation *observation, void *context)
{
	assert_int_equal(observation->status, 28);
	++*(unsigned int *)context;
}

static void test_a_result_is_told_once(void **state)
{
	struct rdma_cm_id id = { .ps = RDMA_PS_TCP, .qp_type = IBV_QPT_RC, .event = &result };
	const struct id_state connected = {
		.id = &id,
		.active = true,
		.reply_seen = true,
		.exchange = { .sent = RDMA_NS_SENT, .received = 1, .peer_qpn = 4 },
	};
	struct rdma_ns_exchange exchange;
	unsigned int told = 0;

	(void)state;
	left = 0;
	result = (struct rdma_cm_event){ .id = &id };
	result.event = RDMA_CM_EVENT_ESTABLISHED;
	assert_int_equal(id_table_set(&connected), 0);
	rdma_ns_set_observer(count, &told);
	fails_at_once = true;
	assert_int_equal(rdma_ns_connect(&id, NULL), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(told, 0);
	assert_int_equal(result.event, RDMA_CM_EVENT_ESTABLISHED);
	assert_int_equal(rdma_ns_get_exchange(&id, &exchange, sizeof(exchange)), 0);
	assert_memory_equal(&exchange, &connected.exchange, sizeof(exchange));
	fails_at_once = false;
	for (unsigned int i = 1; i < 3; i++) {
		assert_int_equal(rdma_ns_connect(&id, NULL), -1);
		assert_int_equal(errno, ECONNREFUSED);
		assert_int_equal(told, i);
		assert_int_equal(result.event, RDMA_CM_EVENT_REJECTED);
		assert_int_equal(rdma_ns_get_exchange(&id, &exchange, sizeof(exchange)), 0);
		assert_int_equal(exchange.received, 0);
	}
	rdma_ns_set_observer(NULL, NULL);
	id.event = NULL;
	rdma_ns_destroy_id(&id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_blocking),
		cmocka_unit_test(test_blocking),
		cmocka_unit_test(test_can_be_cancelled_before_and_after),
		cmocka_unit_test(test_requests_are_judged_once),
		cmocka_unit_test(test_looks_are_no_requests),
		cmocka_unit_test(test_a_result_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
