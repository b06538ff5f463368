// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Events that the application does not get: however many come, a call on a channel that does not
 * block ends, and one on a channel that does waits for what the application gets.
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

const struct real *__wrap_real_librdmacm(void);
const struct real *__wrap_real_librdmacm(void)
{
	static const struct real fake = { .get_cm_event = fake_get_cm_event };

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_blocking),
		cmocka_unit_test(test_blocking),
		cmocka_unit_test(test_can_be_cancelled_before_and_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
