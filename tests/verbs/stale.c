// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What a QP still holds of a message that broke off, and how its owner may not get at it. */
#include <errno.h>
#include <string.h>
#include "verbs.h"

#define TIMEOUT	10000
#define STEP	65536	/* sib carries a message in steps of this size */
#define TRIES	200

static int expected_psn(struct end *end, uint32_t *psn)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	CHECK(!ibv_query_qp(end->qp, &attr, IBV_QP_RQ_PSN, &init), "ibv_query_qp fails");
	*psn = attr.rq_psn;
	return 0;
}

/*
 * Sends @length bytes through a wire that loses packets, until a message breaks off after its first
 * step. The receiver then stands at *@psn.
 */
static struct pair *broken_send(const struct setup *setup, size_t length, uint32_t *psn)
{
	const struct op op = { .opcode = IBV_WR_SEND, .id = 1, .length = length };
	uint32_t packets;
	struct pair *pair;
	int i, failed;

	for (i = 0; i < TRIES; i++) {
		pair = pair_new(setup);
		if (!pair || post_recv(&pair->b, 1000, 0, setup->size))
			return NULL;
		memset(pair->a.buffer, 0xab, length);
		if (hurt(pair->a.node, "drop", "50000"))
			return NULL;
		failed = post_send(&pair->a, &op);
		if (hurt(pair->a.node, "drop", "0") || failed || expected_psn(&pair->b, psn))
			return NULL;
		packets = (*psn - pair->b.recv_psn) & 0xffffff;
		if (packets >= STEP / 4096 && packets < length / 4096)
			return pair;
		pair_free(pair);
	}
	complain(__FILE__, __LINE__, "no message of %d broke off", TRIES);
	return NULL;
}

/*
 * The receiver fails and is connected anew where the message stopped, without a receive. The rest
 * of the message must not find the memory of the old receive.
 */
static int receiver_reset(const void *argument)
{
	struct setup setup = setup_default();
	size_t i, changed = 0;
	struct pair *pair;
	uint32_t psn;

	(void)argument;
	setup.size = 8 * STEP;
	setup.timeout = 18;	/* 1 s: the sender tries again when the receiver is back */
	setup.retry_cnt = 7;
	pair = broken_send(&setup, setup.size, &psn);
	if (!pair)
		return -1;
	TRY(end_set_state(&pair->b, IBV_QPS_ERR));
	TRY(end_set_state(&pair->b, IBV_QPS_RESET));
	CHECK(!ibv_dereg_mr(pair->b.mr), "ibv_dereg_mr fails");
	pair->b.mr = NULL;
	memset(pair->b.buffer, 0, setup.size);
	pair->b.recv_psn = psn;
	TRY(end_to_init(&pair->b));
	TRY(end_to_rtr(&pair->b, &setup));
	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_WR_FLUSH_ERR, TIMEOUT, NULL));
	TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_REM_INV_REQ_ERR, TIMEOUT, NULL));
	TRY(expect_error_state(&pair->b));
	TRY(expect_no_wc(pair->b.recv_cq, 0));
	for (i = 0; i < setup.size; i++)
		changed += pair->b.buffer[i] != 0;
	CHECK(!changed, "%zu bytes were written to a region that is gone", changed);
	return 0;
}

/* On UC, the next message gets the receive. The QP then lets go of the receive's memory. */
static int write_takes_receive(const void *argument)
{
	struct op write = { .opcode = IBV_WR_RDMA_WRITE_WITH_IMM, .id = 2, .length = 8 };
	struct op send = { .opcode = IBV_WR_SEND, .id = 3, .length = 8 };
	struct setup setup = setup_default();
	struct pair *pair;
	struct ibv_wc wc;
	uint32_t psn;

	(void)argument;
	setup.type = IBV_QPT_UC;
	setup.size = 4 * STEP;
	pair = broken_send(&setup, setup.size, &psn);
	if (!pair)
		return -1;
	TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(post_send(&pair->a, &write));
	TRY(expect_wc(pair->a.send_cq, 2, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_SUCCESS, TIMEOUT, &wc));
	CHECK(wc.opcode == IBV_WC_RECV_RDMA_WITH_IMM, "the completion's opcode is %d", wc.opcode);
	TRY(post_recv(&pair->b, 1001, 0, 64));
	TRY(post_send(&pair->a, &send));
	TRY(expect_wc(pair->a.send_cq, 3, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_wc(pair->b.recv_cq, 1001, IBV_WC_SUCCESS, TIMEOUT, NULL));
	CHECK(!ibv_dereg_mr(pair->b.mr), "something still holds the region: %s", strerror(errno));
	pair->b.mr = NULL;
	return 0;
}

/* The caller says what state the QP is in; the kernel knows better. */
static int claim_state(struct end *end, enum ibv_qp_state claimed)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTS,
		.cur_qp_state = claimed,
		.timeout = 14,
		.max_rd_atomic = 1,
	};
	int mask = IBV_QP_STATE | IBV_QP_CUR_STATE;

	if (claimed == IBV_QPS_RTR)
		mask |= IBV_QP_SQ_PSN | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
			IBV_QP_MAX_QP_RD_ATOMIC;
	return ibv_modify_qp(end->qp, &attr, mask);
}

static int false_state(const void *argument)
{
	struct setup setup = setup_default();
	struct pair *pair = pair_alloc(&setup);
	int ret;

	(void)argument;
	if (!pair)
		return -1;
	TRY(end_to_init(&pair->a));
	ret = claim_state(&pair->a, IBV_QPS_RTR);
	CHECK(ret == EINVAL, "from INIT to RTS: %s", strerror(ret));
	CHECK(end_state(&pair->a) == IBV_QPS_INIT, "the state is %d", end_state(&pair->a));
	TRY(end_to_rtr(&pair->a, &setup));
	ret = claim_state(&pair->a, IBV_QPS_RTR);
	CHECK(!ret, "from RTR to RTS: %s", strerror(ret));
	TRY(end_set_state(&pair->a, IBV_QPS_ERR));
	ret = claim_state(&pair->a, IBV_QPS_RTS);
	CHECK(ret == EINVAL, "from ERR to RTS: %s", strerror(ret));
	CHECK(end_state(&pair->a) == IBV_QPS_ERR, "the state is %d", end_state(&pair->a));
	return 0;
}

static const struct test_case cases[] = {
	{ "a current state that is not", false_state, NULL },
	{ "send goes on after the receiver's reset", receiver_reset, NULL },
	{ "write completes the receive of a broken-off send", write_takes_receive, NULL },
};

int main(int argc, char **argv)
{
	return verbs_main(argc, argv, cases, ARRAY_SIZE(cases));
}
