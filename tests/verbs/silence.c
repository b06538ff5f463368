// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * RC requests that nobody answers, and receivers that are not ready: the QP's own timers and counts
 * decide when that ends in an error.
 */
#include <errno.h>
#include <string.h>
#include "verbs.h"

/* On top of what the standard allows: the machine may be slow. */
#define MARGIN	1500.0

struct silence {
	enum ibv_wr_opcode opcode;
	size_t length;
	uint8_t timeout, retry_cnt;
	uint16_t pkey_a, pkey_b;
	int (*before)(struct pair *pair);	/* connecting */
	int (*after)(struct pair *pair);
	bool counts_pkey;
	int peer_state;		/* afterwards; 0: do not look */
};

static int wrong_remote_qpn(struct pair *pair)
{
	pair->a.remote_qpn = 0xfffff;
	return 0;
}

static int other_source_qpn(struct pair *pair)
{
	pair->b.remote_qpn = pair->a.qp->qp_num + 1;
	return 0;
}

static int other_source_lid(struct pair *pair)
{
	pair->b.remote_lid = pair->b.node->lid;
	return 0;
}

static int wrong_lid(struct pair *pair)
{
	pair->a.remote_lid = 0xbffe;
	return 0;
}

static int psn_ahead(struct pair *pair)
{
	pair->a.send_psn += 5;
	return 0;
}

static int psn_behind(struct pair *pair)
{
	pair->a.send_psn -= 5;
	return 0;
}

static int destroy_peer(struct pair *pair)
{
	end_destroy_qp(&pair->b);
	return 0;
}

static int reset_peer(struct pair *pair)
{
	return end_set_state(&pair->b, IBV_QPS_RESET);
}

static int peer_in_init(struct pair *pair)
{
	TRY(end_set_state(&pair->b, IBV_QPS_RESET));
	return end_to_init(&pair->b);
}

static int peer_in_error(struct pair *pair)
{
	return end_set_state(&pair->b, IBV_QPS_ERR);
}

static unsigned int pkey_violations(const struct node *node)
{
	struct ibv_port_attr attr = { 0 };

	ibv_query_port(node->context, node->port, &attr);
	return attr.bad_pkey_cntr;
}

/* From one timeout for each attempt, to four times that and what a slow machine needs. */
static int in_due_time(double took, int timeout, int attempts)
{
	double least = attempts * 4.096e-3 * (1ULL << timeout);

	CHECK(took >= least * 0.98, "it ended after %.0f ms, before %d timeouts of %.0f ms", took,
	      attempts, least / attempts);
	CHECK(took <= least * 4 + MARGIN, "it ended after %.0f ms, more than 4 x %.0f ms", took,
	      least);
	return 0;
}

static int silence(const void *argument)
{
	const struct silence *silence = argument;
	struct setup setup = setup_default();
	struct op op = { .opcode = silence->opcode, .id = 1, .length = silence->length };
	struct op next = { .opcode = IBV_WR_SEND, .id = 2, .length = 8 };
	unsigned int violations;
	struct pair *pair;
	double started;

	if (silence->timeout) {
		setup.timeout = silence->timeout;
		setup.retry_cnt = silence->retry_cnt;
	}
	pair = pair_alloc(&setup);
	if (!pair)
		return -1;
	if (silence->pkey_a && (end_use_pkey(&pair->a, silence->pkey_a) ||
				end_use_pkey(&pair->b, silence->pkey_b)))
		return -1;
	if (silence->before)
		TRY(silence->before(pair));
	TRY(pair_connect(pair));
	if (silence->after)
		TRY(silence->after(pair));
	else
		TRY(post_recv(&pair->b, 1000, 0, 4096));
	violations = pkey_violations(pair->b.node);
	started = now_ms();
	TRY(post_send(&pair->a, &op));
	TRY(post_send(&pair->a, &next));
	TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_RETRY_EXC_ERR, 30000, NULL));
	TRY(in_due_time(now_ms() - started, setup.timeout, setup.retry_cnt + 1));
	TRY(expect_wc(pair->a.send_cq, 2, IBV_WC_WR_FLUSH_ERR, 5000, NULL));
	TRY(expect_error_state(&pair->a));
	if (silence->peer_state)
		CHECK(end_state(&pair->b) == silence->peer_state, "the responder's state is %d",
		      end_state(&pair->b));
	if (!silence->after)
		TRY(expect_no_wc(pair->b.recv_cq, 0));
	if (silence->counts_pkey)
		CHECK(pkey_violations(pair->b.node) > violations,
		      "the responder's port has counted no P_Key violation");
	return 0;
}

/* RC does not speak with UC. */
static int other_transport(const void *argument)
{
	struct setup rc = setup_default(), uc = setup_default();
	struct op op = { .opcode = IBV_WR_RDMA_WRITE, .length = 8 };
	struct pair *one, *two;

	(void)argument;
	uc.type = IBV_QPT_UC;
	one = pair_alloc(&rc);
	two = pair_alloc(&uc);
	if (!one || !two)
		return -1;
	one->a.remote_qpn = two->b.qp->qp_num;
	two->b.remote_qpn = one->a.qp->qp_num;
	two->b.recv_psn = one->a.send_psn;
	TRY(pair_connect(one));
	TRY(pair_connect(two));
	one->a.peer = &two->b;
	TRY(post_send(&one->a, &op));
	TRY(expect_wc(one->a.send_cq, 0, IBV_WC_RETRY_EXC_ERR, 10000, NULL));
	return 0;
}

/* A timeout of 0 is none at all. */
static int no_timeout(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 8 };
	struct pair *pair;

	(void)argument;
	setup.timeout = 0;
	pair = pair_alloc(&setup);
	if (!pair)
		return -1;
	pair->a.remote_qpn = 0xfffff;
	TRY(pair_connect(pair));
	TRY(post_send(&pair->a, &op));
	TRY(expect_no_wc(pair->a.send_cq, 1500));
	TRY(end_set_state(&pair->a, IBV_QPS_ERR));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_WR_FLUSH_ERR, 5000, NULL));
	return 0;
}

/* A peer that comes alive before the last retry has missed nothing. */
static int late_peer(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 8 };
	struct pair *pair;
	double started;

	(void)argument;
	setup.timeout = 16;
	setup.retry_cnt = 7;
	pair = pair_alloc(&setup);
	if (!pair)
		return -1;
	TRY(end_to_init(&pair->a));
	TRY(end_to_rtr(&pair->a, &setup));
	TRY(end_to_rts(&pair->a, &setup));
	TRY(end_to_init(&pair->b));
	TRY(post_recv(&pair->b, 1000, 0, 8));
	started = now_ms();
	TRY(post_send(&pair->a, &op));
	TRY(expect_no_wc(pair->a.send_cq, 700));
	TRY(end_to_rtr(&pair->b, &setup));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, 5000, NULL));
	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_SUCCESS, 5000, NULL));
	CHECK(now_ms() - started < 700 + 4 * 268 + MARGIN, "it took %.0f ms", now_ms() - started);
	return 0;
}

/* min_rnr_timer 24 is 40.96 ms. */
static int not_ready(const void *argument)
{
	const struct silence *how = argument;
	struct setup setup = setup_default();
	struct op op = { .opcode = how->opcode, .id = 1, .length = how->length };
	double started, took, least;
	struct pair *pair;

	setup.min_rnr_timer = 24;
	setup.rnr_retry = how->retry_cnt;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	started = now_ms();
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_RNR_RETRY_EXC_ERR, 10000, NULL));
	took = now_ms() - started;
	least = how->retry_cnt * 40.96;
	CHECK(took >= least * 0.98, "%.0f ms, less than %d times 40.96 ms", took, how->retry_cnt);
	CHECK(took <= least * 2 + MARGIN, "%.0f ms for %d times 40.96 ms", took, how->retry_cnt);
	TRY(expect_error_state(&pair->a));
	CHECK(end_state(&pair->b) == IBV_QPS_RTS, "the responder's state is %d",
	      end_state(&pair->b));
	return 0;
}

/*
 * On a CQ for sends and receives: who stops at the first failure would take a flushed receive for
 * it.
 */
static int cause_first(const void *argument)
{
	const struct op op = { .opcode = IBV_WR_SEND, .id = 1, .length = 64 };
	struct setup setup = setup_default();
	struct pair *pair;

	(void)argument;
	setup.one_cq = true;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	TRY(post_recv(&pair->a, 1000, 0, 64));
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_RNR_RETRY_EXC_ERR, 10000, NULL));
	TRY(expect_wc(pair->a.send_cq, 1000, IBV_WC_WR_FLUSH_ERR, 5000, NULL));
	return expect_error_state(&pair->a);
}

static int waits_for_receive(const void *argument)
{
	const struct silence *how = argument;
	struct setup setup = setup_default();
	struct op op = { .opcode = how->opcode, .length = how->length };
	struct pair *pair;
	int i;

	setup.min_rnr_timer = 14;	/* 1.28 ms */
	setup.rnr_retry = 7;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (i = 0; i < 2; i++) {
		op.id = i;
		op.at = op.remote_at = i * 8192;
		fill(pair->a.buffer + op.at, op.length, i);
		TRY(post_send(&pair->a, &op));
	}
	TRY(expect_no_wc(pair->a.send_cq, 1000));
	for (i = 0; i < 2; i++) {
		TRY(post_recv(&pair->b, 1000, i * 8192, op.length));
		TRY(expect_wc(pair->a.send_cq, i, IBV_WC_SUCCESS, 5000, NULL));
		TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_SUCCESS, 5000, NULL));
		CHECK(same(pair->b.buffer + i * 8192, op.length, i), "message %d differs", i);
		TRY(expect_no_wc(pair->a.send_cq, 100));
	}
	return 0;
}

#define SEND	.opcode = IBV_WR_SEND, .length = 8
#define READ	.opcode = IBV_WR_RDMA_READ, .length = 8
#define SILENT(text, ...) { text, silence, &(const struct silence){ __VA_ARGS__ } }
#define RNR(count)                                                                        \
	{ "receiver not ready, rnr_retry " #count, not_ready,                             \
	  &(const struct silence){ SEND, .retry_cnt = count } }

static const struct silence write_imm = { .opcode = IBV_WR_RDMA_WRITE_WITH_IMM, .length = 5000,
					  .retry_cnt = 2 };
static const struct silence long_send = { .opcode = IBV_WR_SEND, .length = 5000 };

static const struct test_case cases[] = {
	SILENT("send to a QP that there is not", SEND, .before = wrong_remote_qpn),
	SILENT("read from a QP that there is not", READ, .before = wrong_remote_qpn),
	SILENT("atomic on a QP that there is not", .opcode = IBV_WR_ATOMIC_FETCH_AND_ADD,
	       .length = 8, .before = wrong_remote_qpn),
	SILENT("timeout 14, no retry", SEND, .timeout = 14, .retry_cnt = 0,
	       .before = wrong_remote_qpn),
	SILENT("timeout 14, 7 retries", SEND, .timeout = 14, .retry_cnt = 7,
	       .before = wrong_remote_qpn),
	SILENT("timeout 16, 3 retries", SEND, .timeout = 16, .retry_cnt = 3,
	       .before = wrong_remote_qpn),
	SILENT("timeout 8, 7 retries", SEND, .timeout = 8, .retry_cnt = 7,
	       .before = wrong_remote_qpn),
	SILENT("no such LID", SEND, .before = wrong_lid),
	SILENT("peer QP destroyed", SEND, .after = destroy_peer),
	SILENT("peer QP in RESET", SEND, .after = reset_peer, .peer_state = 0),
	SILENT("peer QP in INIT", SEND, .after = peer_in_init, .peer_state = IBV_QPS_INIT),
	SILENT("peer QP in ERR", SEND, .after = peer_in_error, .peer_state = IBV_QPS_ERR),
	SILENT("peer expects another QPN", SEND, .before = other_source_qpn,
	       .peer_state = IBV_QPS_RTS),
	SILENT("peer expects another LID", SEND, .before = other_source_lid,
	       .peer_state = IBV_QPS_RTS),
	SILENT("PSN ahead", SEND, .before = psn_ahead, .peer_state = IBV_QPS_RTS),
	SILENT("PSN behind", SEND, .before = psn_behind, .peer_state = IBV_QPS_RTS),
	SILENT("P_Keys differ", SEND, .pkey_a = 0xffff, .pkey_b = 0x8001, .counts_pkey = true,
	       .peer_state = IBV_QPS_RTS),
	SILENT("P_Keys differ, read", READ, .pkey_a = 0x8001, .pkey_b = 0xffff,
	       .counts_pkey = true, .peer_state = IBV_QPS_RTS),
	/* the switch may have refused it before it reached the responder's port */
	SILENT("limited member to limited member", SEND, .pkey_a = 0x0002, .pkey_b = 0x0002,
	       .peer_state = IBV_QPS_RTS),
	{ "RC to a UC QP", other_transport, NULL },
	{ "no timeout at all", no_timeout, NULL },
	{ "peer that comes late", late_peer, NULL },
	RNR(0), RNR(1), RNR(2), RNR(3), RNR(4), RNR(5), RNR(6),
	{ "receiver not ready for write with immediate", not_ready, &write_imm },
	{ "the cause comes before flushed receives", cause_first, NULL },
	{ "rnr_retry 7 waits, send", waits_for_receive, &long_send },
	{ "rnr_retry 7 waits, write with immediate", waits_for_receive, &write_imm },
};

int main(int argc, char **argv)
{
	return verbs_main(argc, argv, cases, ARRAY_SIZE(cases));
}
