// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What a responder refuses and a requester may not do, each with the status and event it gives. */
#include <errno.h>
#include <string.h>
#include "verbs.h"

#define TIMEOUT	5000
#define NONE	(-1)
#define WRITE	IBV_ACCESS_REMOTE_WRITE
#define READ	IBV_ACCESS_REMOTE_READ
#define ATOMIC	IBV_ACCESS_REMOTE_ATOMIC

struct refusal {
	enum ibv_wr_opcode opcode;
	size_t length;
	int mr_lacks, qp_lacks;		/* access rights */
	int (*before)(struct pair *pair);		/* connecting */
	int (*spoil)(struct pair *pair, struct op *op);	/* the request */
	size_t receive;			/* its length */
	enum ibv_wc_status status;	/* the requester's */
	enum ibv_wc_status received;	/* the responder's first receive's */
	int event;			/* of the responder's QP */
};

static int unknown_rkey(struct pair *pair, struct op *op)
{
	op->rkey = pair->b.mr->rkey ^ 0x00300000;
	return 0;
}

static int stale_rkey(struct pair *pair, struct op *op)
{
	op->rkey = pair->b.mr->rkey;
	CHECK(!ibv_dereg_mr(pair->b.mr), "ibv_dereg_mr fails");
	pair->b.mr = ibv_reg_mr(pair->b.pd, pair->b.buffer, pair->setup.size,
				pair->setup.mr_access);
	CHECK(pair->b.mr, "ibv_reg_mr fails");
	CHECK(pair->b.mr->rkey != op->rkey, "the same R_Key again");
	return 0;
}

static int foreign_rkey(struct pair *pair, struct op *op)
{
	struct pair *other = pair_alloc(&pair->setup);

	if (!other)
		return -1;
	op->rkey = other->b.mr->rkey;
	op->remote_at = other->b.buffer - pair->b.buffer;
	return 0;
}

static int beyond_end(struct pair *pair, struct op *op)
{
	op->remote_at = pair->setup.size - op->length + 1;
	return 0;
}

static int before_start(struct pair *pair, struct op *op)
{
	(void)pair;
	op->remote_at = -1;
	return 0;
}

static int misaligned(struct pair *pair, struct op *op)
{
	(void)pair;
	op->remote_at = 4;
	return 0;
}

static int no_reads(struct pair *pair)
{
	pair->b.max_dest_rd_atomic = 0;
	return 0;
}

static int smaller_mtu(struct pair *pair)
{
	pair->b.path_mtu = IBV_MTU_256;
	return 0;
}

static int larger_mtu(struct pair *pair)
{
	pair->a.path_mtu = IBV_MTU_256;
	return 0;
}

static int refusal(const void *argument)
{
	const struct refusal *refusal = argument;
	struct setup setup = setup_default();
	struct op op = { .opcode = refusal->opcode, .id = 1, .length = refusal->length };
	struct op next = { .opcode = IBV_WR_SEND, .length = 8 };
	struct pair *pair;
	int i;

	setup.mr_access &= ~refusal->mr_lacks;
	pair = pair_alloc(&setup);
	if (!pair)
		return -1;
	pair->b.qp_access &= ~refusal->qp_lacks;
	if (refusal->before)
		TRY(refusal->before(pair));
	TRY(pair_connect(pair));
	for (i = 0; i < 2; i++)
		TRY(post_recv(&pair->b, 1000 + i, 0, refusal->receive ? refusal->receive : 64));
	if (refusal->spoil)
		TRY(refusal->spoil(pair, &op));
	TRY(post_send(&pair->a, &op));
	for (i = 2; i < 4; i++) {
		next.id = i;
		/* by now the QP may be in ERR: then this, too, is flushed */
		TRY(post_send(&pair->a, &next));
	}
	TRY(expect_wc(pair->a.send_cq, 1, refusal->status, TIMEOUT, NULL));
	for (i = 2; i < 4; i++)
		TRY(expect_wc(pair->a.send_cq, i, IBV_WC_WR_FLUSH_ERR, TIMEOUT, NULL));
	TRY(expect_error_state(&pair->a));
	if (refusal->event != NONE)
		TRY(expect_event(pair->b.node, refusal->event, 2000));
	TRY(expect_error_state(&pair->b));
	TRY(expect_wc(pair->b.recv_cq, 1000, refusal->received, TIMEOUT, NULL));
	TRY(expect_wc(pair->b.recv_cq, 1001, IBV_WC_WR_FLUSH_ERR, TIMEOUT, NULL));
	return 0;
}

/* A short message fits whatever the two think the path MTU is. */
static int short_despite_mtu(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 200 };
	struct pair *pair = pair_alloc(&setup);

	(void)argument;
	if (!pair)
		return -1;
	pair->b.path_mtu = IBV_MTU_256;
	TRY(pair_connect(pair));
	TRY(post_recv(&pair->b, 1000, 0, 200));
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_SUCCESS, TIMEOUT, NULL));
	return 0;
}

/* The receiver's own fault: its receive names memory that it may not write. */
static int bad_receive(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .id = 1, .length = 32 };
	struct ibv_recv_wr wr = { .wr_id = 1000, .num_sge = 1 }, *bad;
	struct ibv_sge sge;
	struct pair *pair = pair_new(&setup);

	(void)argument;
	if (!pair)
		return -1;
	sge.addr = (uintptr_t)pair->b.buffer;
	sge.length = 64;
	sge.lkey = pair->b.mr->lkey ^ 0x00300000;
	wr.sg_list = &sge;
	CHECK(!ibv_post_recv(pair->b.qp, &wr, &bad), "ibv_post_recv fails");
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_LOC_PROT_ERR, TIMEOUT, NULL));
	TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_REM_OP_ERR, TIMEOUT, NULL));
	TRY(expect_error_state(&pair->b));
	return 0;
}

/* Some devices look at an L_Key when the request is posted, others when it is executed. */
static int refused_locally(struct pair *pair, const struct op *op)
{
	int ret = try_send(&pair->a, op);

	if (ret) {
		CHECK(ret == EINVAL, "ibv_post_send: %s, not EINVAL", strerror(ret));
		return 0;
	}
	TRY(expect_wc(pair->a.send_cq, op->id, IBV_WC_LOC_PROT_ERR, TIMEOUT, NULL));
	return 0;
}

static int bad_lkey(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .id = 1, .length = 32 };
	struct pair *pair = pair_new(&setup);

	(void)argument;
	if (!pair)
		return -1;
	TRY(post_recv(&pair->b, 1000, 0, 64));
	op.lkey = pair->a.mr->lkey ^ 0x00300000;
	TRY(refused_locally(pair, &op));
	TRY(expect_no_wc(pair->b.recv_cq, 100));
	return 0;
}

static int outside_local_region(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .id = 1, .at = 65536 - 16, .length = 17 };
	struct pair *pair = pair_new(&setup);

	(void)argument;
	if (!pair)
		return -1;
	TRY(post_recv(&pair->b, 1000, 0, 64));
	TRY(refused_locally(pair, &op));
	TRY(expect_no_wc(pair->b.recv_cq, 100));
	return 0;
}

static int read_into_read_only(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_RDMA_READ, .id = 1, .length = 32 };
	struct pair *pair = pair_new(&setup);
	struct ibv_mr *mr;
	int ret;

	(void)argument;
	if (!pair)
		return -1;
	mr = ibv_reg_mr(pair->a.pd, pair->a.buffer, 4096, 0);
	CHECK(mr, "ibv_reg_mr: %s", strerror(errno));
	op.lkey = mr->lkey;
	fill(pair->b.buffer, 32, 1);
	ret = refused_locally(pair, &op);
	CHECK(!ibv_dereg_mr(mr), "ibv_dereg_mr fails");
	CHECK(!same(pair->a.buffer, 32, 1), "the data came all the same");
	return ret;
}

static int full_send_queue(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 8 };
	struct pair *pair;
	int count, i, ret = 0;

	(void)argument;
	setup.send_wr = 10;
	setup.rnr_retry = 7;	/* nothing is received, so nothing completes */
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (count = 0; count < 64 && !ret; count++) {
		op.id = count;
		ret = try_send(&pair->a, &op);
	}
	count--;
	CHECK(ret == ENOMEM, "ibv_post_send: %s, not ENOMEM", strerror(ret));
	CHECK(count >= 10, "only %d requests fit, not 10", count);
	for (i = 0; i < count; i++)
		TRY(post_recv(&pair->b, 1000 + i, 0, 8));
	for (i = 0; i < count; i++)
		TRY(expect_wc(pair->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL));
	return 0;
}

static int full_receive_queue(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 8 };
	struct pair *pair;
	int count, i, ret = 0;

	setup.recv_wr = 10;
	setup.srq = argument != NULL;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (count = 0; count < 64 && !ret; count++)
		ret = try_recv(&pair->b, 1000 + count, 0, 8);
	count--;
	CHECK(ret == ENOMEM, "posting: %s, not ENOMEM", strerror(ret));
	CHECK(count >= 10, "only %d receives fit, not 10", count);
	for (i = 0; i < count; i++) {
		op.id = i;
		TRY(post_send(&pair->a, &op));
		TRY(expect_wc(pair->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL));
		TRY(expect_wc(pair->b.recv_cq, 1000 + i, IBV_WC_SUCCESS, TIMEOUT, NULL));
	}
	return 0;
}

static int too_many_sges(const void *argument)
{
	struct setup setup = setup_default();
	struct ibv_send_wr wr = { .opcode = IBV_WR_SEND, .num_sge = 3 }, *bad;
	struct ibv_sge sge[3];
	struct pair *pair;
	int i, ret;

	(void)argument;
	setup.sge = 2;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (i = 0; i < 3; i++)
		sge[i] = (struct ibv_sge){ (uintptr_t)pair->a.buffer, 8, pair->a.mr->lkey };
	wr.sg_list = sge;
	ret = ibv_post_send(pair->a.qp, &wr, &bad);
	CHECK(ret == EINVAL || ret == ENOMEM, "ibv_post_send: %s", strerror(ret));
	return 0;
}

static int no_rd_atomic(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_RDMA_READ, .length = 8 };
	struct pair *pair = pair_alloc(&setup);
	int ret;

	(void)argument;
	if (!pair)
		return -1;
	pair->a.max_rd_atomic = 0;
	TRY(pair_connect(pair));
	ret = try_send(&pair->a, &op);
	CHECK(ret == EINVAL, "a read is posted with max_rd_atomic 0: %s", strerror(ret));
	return 0;
}

static int posted_before_rts(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 8 };
	struct pair *pair = pair_alloc(&setup);
	int ret;

	(void)argument;
	if (!pair)
		return -1;
	ret = try_send(&pair->a, &op);
	CHECK(ret == EINVAL, "in RESET: %s", strerror(ret));
	TRY(end_to_init(&pair->a));
	ret = try_send(&pair->a, &op);
	CHECK(ret == EINVAL, "in INIT: %s", strerror(ret));
	return 0;
}

static int bad_transitions(const void *argument)
{
	static const struct { enum ibv_qp_state from, to; } steps[] = {
		{ IBV_QPS_RESET, IBV_QPS_RTR }, { IBV_QPS_RESET, IBV_QPS_RTS },
		{ IBV_QPS_RESET, IBV_QPS_SQD }, { IBV_QPS_INIT, IBV_QPS_RTS },
		{ IBV_QPS_INIT, IBV_QPS_SQD },
	};
	struct setup setup = setup_default();
	struct pair *pair;
	size_t i;
	int ret;

	(void)argument;
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		struct ibv_qp_attr attr = { .qp_state = steps[i].to };

		pair = pair_alloc(&setup);
		if (!pair)
			return -1;
		if (steps[i].from == IBV_QPS_INIT)
			TRY(end_to_init(&pair->a));
		ret = ibv_modify_qp(pair->a.qp, &attr, IBV_QP_STATE);
		CHECK(ret == EINVAL, "state %d to %d: %s", steps[i].from, steps[i].to,
		      strerror(ret));
		CHECK(end_state(&pair->a) == (int)steps[i].from, "the state has changed to %d",
		      end_state(&pair->a));
		pair_free(pair);
	}
	return 0;
}

/*
 * In ERR all that was posted, and all that is sent still, is flushed. Receives posted in ERR are
 * not looked at: rdmavt's user-space provider puts them into the ring without the kernel knowing.
 */
static int flush(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 8 };
	struct pair *pair;
	int i;

	(void)argument;
	setup.rnr_retry = 7;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (i = 0; i < 6; i++) {
		if (i == 3)
			TRY(end_set_state(&pair->a, IBV_QPS_ERR));
		op.id = i;
		TRY(post_send(&pair->a, &op));
		if (i < 3)
			TRY(post_recv(&pair->a, 1000 + i, 0, 8));
	}
	for (i = 0; i < 6; i++)
		TRY(expect_wc(pair->a.send_cq, i, IBV_WC_WR_FLUSH_ERR, TIMEOUT, NULL));
	for (i = 0; i < 3; i++)
		TRY(expect_wc(pair->a.recv_cq, 1000 + i, IBV_WC_WR_FLUSH_ERR, TIMEOUT, NULL));
	return 0;
}

/* RESET forgets what was posted, and the QP can be connected again. */
static int reset_and_again(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .id = 5, .length = 8 };
	struct pair *pair;
	int round;

	(void)argument;
	setup.rnr_retry = 7;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (round = 0; round < 5; round++) {
		TRY(post_send(&pair->a, &op));
		TRY(post_recv(&pair->a, 1000, 0, 8));
		TRY(end_set_state(&pair->a, IBV_QPS_RESET));
		TRY(end_set_state(&pair->b, IBV_QPS_RESET));
		TRY(expect_no_wc(pair->a.send_cq, 20));
		TRY(expect_no_wc(pair->a.recv_cq, 0));
		TRY(pair_connect(pair));
		TRY(post_recv(&pair->b, 1001, 64, 8));
		fill(pair->a.buffer, 8, round);
		op.id = 6 + round;
		TRY(post_send(&pair->a, &op));
		TRY(expect_wc(pair->a.send_cq, 6 + round, IBV_WC_SUCCESS, TIMEOUT, NULL));
		TRY(expect_wc(pair->b.recv_cq, 1001, IBV_WC_SUCCESS, TIMEOUT, NULL));
		CHECK(same(pair->b.buffer + 64, 8, round), "the data differ");
	}
	return 0;
}

static int last_wqe(const void *argument)
{
	struct setup setup = setup_default();
	struct pair *pair;

	(void)argument;
	setup.srq = true;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	TRY(end_set_state(&pair->b, IBV_QPS_ERR));
	TRY(expect_event(pair->b.node, IBV_EVENT_QP_LAST_WQE_REACHED, 2000));
	return 0;
}

static int cq_overrun(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = 8 };
	struct pair *pair;
	int i;

	(void)argument;
	setup.cqe = 4;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	/* the senders' own completions are taken away, the receiver's never */
	for (i = 0; i < 20; i++) {
		struct ibv_wc wc;

		TRY(post_recv(&pair->b, 1000 + i, 0, 8));
		op.id = i;
		if (try_send(&pair->a, &op) || poll_wc(pair->a.send_cq, &wc, 2000) <= 0 ||
		    wc.status != IBV_WC_SUCCESS)
			break;
	}
	TRY(expect_event(pair->b.node, IBV_EVENT_CQ_ERR, 2000));
	return expect_error_state(&pair->b);
}

/* UC has nobody to tell: what is refused is dropped, and the QPs live on. */
static int uc_drops(const void *argument)
{
	struct setup setup = setup_default();
	struct op bad = { .opcode = IBV_WR_RDMA_WRITE, .id = 1, .length = 32 };
	struct op good = { .opcode = IBV_WR_RDMA_WRITE, .id = 2, .length = 32, .remote_at = 128 };
	struct op send = { .opcode = IBV_WR_SEND, .id = 3, .length = 8 };
	struct pair *pair;

	(void)argument;
	setup.type = IBV_QPT_UC;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	fill(pair->a.buffer, 32, 9);
	bad.rkey = pair->b.mr->rkey ^ 0x00300000;
	TRY(post_send(&pair->a, &bad));
	TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(post_send(&pair->a, &good));
	TRY(expect_wc(pair->a.send_cq, 2, IBV_WC_SUCCESS, TIMEOUT, NULL));
	CHECK(same(pair->b.buffer + 128, 32, 9), "the good one was lost, too");
	/* nobody receives: dropped; then somebody does */
	TRY(post_send(&pair->a, &send));
	TRY(expect_wc(pair->a.send_cq, 3, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(post_recv(&pair->b, 1000, 0, 64));
	TRY(expect_no_wc(pair->b.recv_cq, 100));
	TRY(post_send(&pair->a, &send));
	TRY(expect_wc(pair->a.send_cq, 3, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_SUCCESS, TIMEOUT, NULL));
	return 0;
}

#define REFUSAL(text, ...) { text, refusal, &(const struct refusal){ __VA_ARGS__ } }
#define ACCESS_ERROR .status = IBV_WC_REM_ACCESS_ERR, .received = IBV_WC_WR_FLUSH_ERR, \
		.event = IBV_EVENT_QP_ACCESS_ERR
#define INVALID_REQUEST .status = IBV_WC_REM_INV_REQ_ERR, .received = IBV_WC_WR_FLUSH_ERR, \
		.event = IBV_EVENT_QP_REQ_ERR
#define OP(name) .opcode = IBV_WR_##name, .length = 32
#define OP_ATOMIC .opcode = IBV_WR_ATOMIC_FETCH_AND_ADD, .length = 8

static const bool with_srq = true;

static const struct test_case cases[] = {
	REFUSAL("write, unknown R_Key", OP(RDMA_WRITE), .spoil = unknown_rkey, ACCESS_ERROR),
	REFUSAL("read, unknown R_Key", OP(RDMA_READ), .spoil = unknown_rkey, ACCESS_ERROR),
	REFUSAL("atomic, unknown R_Key", OP_ATOMIC, .spoil = unknown_rkey, ACCESS_ERROR),
	REFUSAL("write, R_Key of a region that is gone", OP(RDMA_WRITE), .spoil = stale_rkey,
		ACCESS_ERROR),
	REFUSAL("write, R_Key of another protection domain", OP(RDMA_WRITE),
		.spoil = foreign_rkey, ACCESS_ERROR),
	REFUSAL("write beyond the region's end", OP(RDMA_WRITE), .spoil = beyond_end,
		ACCESS_ERROR),
	REFUSAL("read beyond the region's end", OP(RDMA_READ), .spoil = beyond_end, ACCESS_ERROR),
	REFUSAL("write before the region's start", OP(RDMA_WRITE), .spoil = before_start,
		ACCESS_ERROR),
	REFUSAL("write, region without remote write", OP(RDMA_WRITE), .mr_lacks = WRITE | ATOMIC,
		ACCESS_ERROR),
	REFUSAL("read, region without remote read", OP(RDMA_READ), .mr_lacks = READ,
		ACCESS_ERROR),
	REFUSAL("atomic, region without remote atomic", OP_ATOMIC, .mr_lacks = ATOMIC,
		ACCESS_ERROR),
	REFUSAL("write, QP without remote write", OP(RDMA_WRITE), .qp_lacks = WRITE,
		INVALID_REQUEST),
	REFUSAL("read, QP without remote read", OP(RDMA_READ), .qp_lacks = READ, INVALID_REQUEST),
	REFUSAL("atomic, QP without remote atomic", OP_ATOMIC, .qp_lacks = ATOMIC,
		INVALID_REQUEST),
	REFUSAL("atomic, misaligned", OP_ATOMIC, .spoil = misaligned, INVALID_REQUEST),
	REFUSAL("read, responder takes none", OP(RDMA_READ), .before = no_reads, INVALID_REQUEST),
	REFUSAL("send longer than the receive", OP(SEND), .receive = 31,
		.status = IBV_WC_REM_INV_REQ_ERR, .received = IBV_WC_LOC_LEN_ERR, .event = NONE),
	REFUSAL("send, responder's path MTU is smaller", .opcode = IBV_WR_SEND, .length = 5000,
		.before = smaller_mtu, .receive = 8192, .status = IBV_WC_REM_INV_REQ_ERR,
		.received = IBV_WC_WR_FLUSH_ERR, .event = NONE),
	REFUSAL("write, responder's path MTU is larger", .opcode = IBV_WR_RDMA_WRITE,
		.length = 5000, .before = larger_mtu, .status = IBV_WC_REM_INV_REQ_ERR,
		.received = IBV_WC_WR_FLUSH_ERR, .event = NONE),
	{ "short send despite different path MTUs", short_despite_mtu, NULL },
	{ "receive with a bad L_Key", bad_receive, NULL },
	{ "send with a bad L_Key", bad_lkey, NULL },
	{ "send from outside the region", outside_local_region, NULL },
	{ "read into a region that may not be written", read_into_read_only, NULL },
	{ "full send queue", full_send_queue, NULL },
	{ "full receive queue", full_receive_queue, NULL },
	{ "full SRQ", full_receive_queue, &with_srq },
	{ "more SGEs than agreed", too_many_sges, NULL },
	{ "read without initiator resources", no_rd_atomic, NULL },
	{ "send before RTS", posted_before_rts, NULL },
	{ "state transitions that there are not", bad_transitions, NULL },
	{ "flush in ERR", flush, NULL },
	{ "reset and connected again", reset_and_again, NULL },
	{ "last WQE reached event", last_wqe, NULL },
	{ "CQ overrun", cq_overrun, NULL },
	{ "UC drops what RC refuses", uc_drops, NULL },
};

int main(int argc, char **argv)
{
	return verbs_main(argc, argv, cases, ARRAY_SIZE(cases));
}
