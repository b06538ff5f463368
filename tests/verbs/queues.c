// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Queues of connected QPs: shared ones, many of them, both directions, completions and events. */
#include <poll.h>
#include <string.h>
#include "verbs.h"

#define TIMEOUT	10000

/* QPs that share a receive queue: each message takes one receive, whichever QP it comes in on. */
static int srq_shared(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND_WITH_IMM, .length = 100 };
	struct pair *one, *two;
	struct ibv_wc wc;
	int i;

	(void)argument;
	setup.srq = true;
	one = pair_new(&setup);
	two = pair_alloc(&setup);
	if (!one || !two || end_join(&two->b, &one->b))
		return -1;
	TRY(pair_connect(two));
	for (i = 0; i < 20; i++)
		TRY(post_recv(&one->b, 1000 + i, i * 128, 128));
	for (i = 0; i < 20; i++) {
		struct pair *pair = i % 3 ? one : two;

		op.id = i;
		op.imm = i;
		TRY(post_send(&pair->a, &op));
		TRY(expect_wc(pair->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL));
		TRY(expect_wc(one->b.recv_cq, 1000 + i, IBV_WC_SUCCESS, TIMEOUT, &wc));
		CHECK(wc.qp_num == pair->b.qp->qp_num, "message %d came in on QP 0x%x, not 0x%x", i,
		      wc.qp_num, pair->b.qp->qp_num);
	}
	return 0;
}

static int srq_limit(const void *argument)
{
	struct ibv_srq_attr attr = { .srq_limit = 4 };
	struct op op = { .opcode = IBV_WR_SEND, .length = 16 };
	struct setup setup = setup_default();
	struct pair *pair;
	int i;

	(void)argument;
	setup.srq = true;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (i = 0; i < 6; i++)
		TRY(post_recv(&pair->b, 1000 + i, i * 16, 16));
	CHECK(!ibv_modify_srq(pair->b.srq, &attr, IBV_SRQ_LIMIT), "ibv_modify_srq fails");
	for (i = 0; i < 3; i++) {
		op.id = i;
		TRY(post_send(&pair->a, &op));
		TRY(expect_wc(pair->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL));
	}
	TRY(expect_event(pair->b.node, IBV_EVENT_SRQ_LIMIT_REACHED, 2000));
	CHECK(!ibv_query_srq(pair->b.srq, &attr) && attr.srq_limit == 0,
	      "the limit is still armed: %u", attr.srq_limit);
	return 0;
}

/* Only what asks for it completes, and completes what went before. */
static int unsignaled(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_RDMA_WRITE, .length = 64 };
	struct pair *pair;
	int round, i;

	(void)argument;
	setup.all_signaled = false;
	setup.send_wr = 8;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (round = 0; round < 20; round++) {
		fill(pair->a.buffer, 8 * 64, round);
		for (i = 0; i < 8; i++) {
			op.id = round * 8 + i;
			op.at = op.remote_at = i * 64;
			op.flags = i == 7 ? IBV_SEND_SIGNALED : 0;
			TRY(post_send(&pair->a, &op));
		}
		TRY(expect_wc(pair->a.send_cq, round * 8 + 7, IBV_WC_SUCCESS, TIMEOUT, NULL));
		CHECK(same(pair->b.buffer, 8 * 64, round), "round %d: the data differ", round);
	}
	return 0;
}

static int completion_event(struct end *end, int ms)
{
	struct pollfd poll_fd = { .fd = end->channel->fd, .events = POLLIN };
	struct ibv_cq *cq;
	void *context;

	if (poll(&poll_fd, 1, ms) <= 0)
		return 0;
	CHECK(!ibv_get_cq_event(end->channel, &cq, &context), "ibv_get_cq_event fails");
	ibv_ack_cq_events(cq, 1);
	CHECK(cq == end->recv_cq && context == end, "the event is another CQ's");
	return 1;
}

static int completion_events(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 16 };
	struct pair *pair;
	int i;

	(void)argument;
	setup.channel = true;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (i = 0; i < 5; i++)
		TRY(post_recv(&pair->b, 1000 + i, 0, 64));
	TRY(post_send(&pair->a, &op));
	CHECK(completion_event(&pair->b, 200) == 0, "an event though none was asked for");
	CHECK(!ibv_req_notify_cq(pair->b.recv_cq, 1), "ibv_req_notify_cq fails");
	TRY(post_send(&pair->a, &op));
	CHECK(completion_event(&pair->b, 200) == 0, "an event though not solicited");
	op.flags = IBV_SEND_SOLICITED;
	TRY(post_send(&pair->a, &op));
	CHECK(completion_event(&pair->b, 5000) == 1, "no event though solicited");
	TRY(post_send(&pair->a, &op));
	CHECK(completion_event(&pair->b, 200) == 0, "a second event for one request");
	op.flags = 0;
	CHECK(!ibv_req_notify_cq(pair->b.recv_cq, 0), "ibv_req_notify_cq fails");
	TRY(post_send(&pair->a, &op));
	CHECK(completion_event(&pair->b, 5000) == 1, "no event though asked for");
	return 0;
}

static int many_qps(const void *argument)
{
	enum { QPS = 64 };
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 5000 };
	static struct pair *pairs[QPS];
	int i, round;

	(void)argument;
	setup.size = 16384;
	for (i = 0; i < QPS; i++) {
		pairs[i] = pair_new(&setup);
		if (!pairs[i])
			return -1;
		fill(pairs[i]->a.buffer, 5000, i);
	}
	for (round = 0; round < 4; round++) {
		for (i = 0; i < QPS; i++) {
			op.id = i;
			memset(pairs[i]->b.buffer, 0, 5000);
			TRY(post_recv(&pairs[i]->b, 1000 + i, 0, 5000));
			TRY(post_send(&pairs[i]->a, &op));
		}
		for (i = 0; i < QPS; i++) {
			TRY(expect_wc(pairs[i]->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL));
			TRY(expect_wc(pairs[i]->b.recv_cq, 1000 + i, IBV_WC_SUCCESS, TIMEOUT,
				      NULL));
			CHECK(same(pairs[i]->b.buffer, 5000, i), "QP %d: the data differ", i);
		}
	}
	return 0;
}

/* Receives are in each upper half, sends in each lower half. */
static int both_directions(const void *argument)
{
	enum { MESSAGES = 100, DEPTH = 8, SIZE = 65536, BUFFERS = DEPTH * SIZE };
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = SIZE };
	struct end *ends[2];
	struct pair *pair;
	struct ibv_wc wc;
	int i, side;

	setup.size = 2 * BUFFERS;
	setup.timeout = 20;
	setup.loopback = argument != NULL;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	ends[0] = &pair->a;
	ends[1] = &pair->b;
	for (side = 0; side < 2; side++)
		for (i = 0; i < DEPTH; i++)
			TRY(post_recv(ends[side], i, BUFFERS + i * SIZE, SIZE));
	for (i = 0; i < MESSAGES; i++) {
		for (side = 0; side < 2; side++) {
			op.id = i;
			op.at = i % DEPTH * SIZE;
			fill(ends[side]->buffer + op.at, SIZE, i * 2 + side);
			TRY(post_send(ends[side], &op));
		}
		for (side = 0; side < 2; side++) {
			size_t at = BUFFERS + i % DEPTH * SIZE;

			TRY(expect_wc(ends[side]->recv_cq, i, IBV_WC_SUCCESS, TIMEOUT, &wc));
			CHECK(same(ends[side]->buffer + at, SIZE, i * 2 + !side),
			      "message %d: the data differ", i);
			TRY(post_recv(ends[side], i + DEPTH, at, SIZE));
			TRY(expect_wc(ends[!side]->send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL));
		}
	}
	return 0;
}

/* A draining send queue ends what it has begun, holds back the rest, and goes on when told. */
static int drain(const void *argument)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_SQD, .en_sqd_async_notify = 1 };
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 100 };
	struct pair *pair;
	int i, ret;

	(void)argument;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (i = 0; i < 3; i++)
		TRY(post_recv(&pair->b, 1000 + i, 0, 100));
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL));
	ret = ibv_modify_qp(pair->a.qp, &attr, IBV_QP_STATE | IBV_QP_EN_SQD_ASYNC_NOTIFY);
	CHECK(!ret, "QP to SQD: %s", strerror(ret));
	TRY(expect_event(pair->a.node, IBV_EVENT_SQ_DRAINED, 2000));
	CHECK(end_state(&pair->a) == IBV_QPS_SQD, "the state is %d", end_state(&pair->a));
	op.id = 1;
	TRY(post_send(&pair->a, &op));
	TRY(expect_no_wc(pair->a.send_cq, 300));
	/* the other direction does not care */
	TRY(post_recv(&pair->a, 2000, 0, 100));
	op.id = 7;
	TRY(post_send(&pair->b, &op));
	TRY(expect_wc(pair->b.send_cq, 7, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_wc(pair->a.recv_cq, 2000, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(end_set_state(&pair->a, IBV_QPS_RTS));
	TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_SUCCESS, TIMEOUT, NULL));
	op.id = 2;
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->a.send_cq, 2, IBV_WC_SUCCESS, TIMEOUT, NULL));
	return 0;
}

static int no_inline(const void *argument)
{
	struct ibv_qp_init_attr init = { 0 };
	struct setup setup = setup_default();
	struct ibv_qp_attr attr;
	struct pair *pair;

	(void)argument;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	CHECK(!ibv_query_qp(pair->a.qp, &attr, IBV_QP_CAP, &init), "ibv_query_qp fails");
	CHECK(attr.cap.max_inline_data == 0, "max_inline_data is %u", attr.cap.max_inline_data);
	return 0;
}

static int events_of_comm_est(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 4 };
	struct pair *pair;

	(void)argument;
	pair = pair_alloc(&setup);
	if (!pair)
		return -1;
	TRY(end_to_init(&pair->a));
	TRY(end_to_init(&pair->b));
	TRY(post_recv(&pair->b, 1000, 0, 4));
	TRY(end_to_rtr(&pair->b, &setup));
	TRY(end_to_rtr(&pair->a, &setup));
	TRY(end_to_rts(&pair->a, &setup));
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_event(pair->b.node, IBV_EVENT_COMM_EST, 2000));
	return 0;
}

static const bool loopback = true;

static const struct test_case cases[] = {
	{ "an SRQ shared by two QPs", srq_shared, NULL },
	{ "SRQ limit event", srq_limit, NULL },
	{ "unsignaled requests", unsignaled, NULL },
	{ "completion events, solicited and not", completion_events, NULL },
	{ "64 QPs at once", many_qps, NULL },
	{ "both directions at once", both_directions, NULL },
	{ "both directions at once on the own port", both_directions, &loopback },
	{ "send queue drained and resumed", drain, NULL },
	{ "no inline data", no_inline, NULL },
	{ "communication established event in RTR", events_of_comm_est, NULL },
};

int main(int argc, char **argv)
{
	return verbs_main(argc, argv, cases, ARRAY_SIZE(cases));
}
