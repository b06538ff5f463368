// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Every operation of connected QPs at every size, and that data arrive as they were sent. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include "verbs.h"

#define GUARD	64	/* bytes around a message that must stay as they are */
#define LOCAL	(GUARD + 1)
#define REMOTE	(GUARD + 3)
#define TIMEOUT	10000

struct transfer {
	enum ibv_qp_type type;
	enum ibv_wr_opcode opcode;
	int mtus;	/* length = mtus * MTU + bytes */
	int bytes;
	bool loopback, reverse, srq;
	uint16_t pkey_a, pkey_b;
};

static bool consumes_receive(enum ibv_wr_opcode opcode)
{
	return opcode != IBV_WR_RDMA_WRITE && opcode != IBV_WR_RDMA_READ;
}

static enum ibv_wc_opcode send_opcode(enum ibv_wr_opcode opcode)
{
	switch (opcode) {
	case IBV_WR_RDMA_WRITE:
	case IBV_WR_RDMA_WRITE_WITH_IMM:
		return IBV_WC_RDMA_WRITE;
	case IBV_WR_RDMA_READ:
		return IBV_WC_RDMA_READ;
	default:
		return IBV_WC_SEND;
	}
}

static int check_receive(struct end *end, const struct op *op)
{
	bool write = op->opcode == IBV_WR_RDMA_WRITE_WITH_IMM;
	bool imm = write || op->opcode == IBV_WR_SEND_WITH_IMM;
	struct ibv_wc wc;

	TRY(expect_wc(end->recv_cq, op->id + 1000, IBV_WC_SUCCESS, TIMEOUT, &wc));
	CHECK(wc.opcode == (write ? IBV_WC_RECV_RDMA_WITH_IMM : IBV_WC_RECV), "opcode %d",
	      wc.opcode);
	CHECK(wc.byte_len == op->length, "byte_len %u, not %zu", wc.byte_len, op->length);
	CHECK(wc.qp_num == end->qp->qp_num, "qp_num 0x%x, not 0x%x", wc.qp_num, end->qp->qp_num);
	CHECK(!!(wc.wc_flags & IBV_WC_WITH_IMM) == imm, "wc_flags 0x%x", wc.wc_flags);
	CHECK(!imm || ntohl(wc.imm_data) == op->imm, "imm 0x%x, not 0x%x", ntohl(wc.imm_data),
	      op->imm);
	return 0;
}

/* All zero around the message. */
static int check_guard(const uint8_t *buffer, size_t at, size_t length)
{
	static const uint8_t zero[GUARD];

	CHECK(!memcmp(buffer + at - GUARD, zero, GUARD), "bytes before the message changed");
	CHECK(!memcmp(buffer + at + length, zero, GUARD), "bytes after the message changed");
	return 0;
}

static int transfer(const void *argument)
{
	const struct transfer *transfer = argument;
	size_t length = transfer->mtus * nodes[0].mtu + transfer->bytes;
	bool read = transfer->opcode == IBV_WR_RDMA_READ;
	struct setup setup = setup_default();
	struct end *source, *target;
	struct pair *pair;
	struct ibv_wc wc;
	uint32_t round;

	setup.type = transfer->type;
	setup.loopback = transfer->loopback;
	setup.srq = transfer->srq;
	setup.reverse = transfer->reverse;
	setup.size = length + 4096;
	/* the first time that so many pages are touched may take a while */
	setup.timeout = 20;
	pair = pair_alloc(&setup);
	if (!pair)
		return -1;
	if (transfer->pkey_a && (end_use_pkey(&pair->a, transfer->pkey_a) ||
				 end_use_pkey(&pair->b, transfer->pkey_b)))
		return -1;
	TRY(pair_connect(pair));
	source = read ? &pair->b : &pair->a;
	target = read ? &pair->a : &pair->b;
	for (round = 1; round <= 3; round++) {
		struct op op = {
			.opcode = transfer->opcode,
			.id = round,
			.at = LOCAL,
			.remote_at = REMOTE,
			.length = length,
			.imm = 0xdeadbeef + round,
		};
		size_t from = read ? REMOTE : LOCAL;
		size_t to = read ? LOCAL : REMOTE;

		fill(source->buffer + from, length, round);
		if (consumes_receive(op.opcode))
			TRY(post_recv(&pair->b, round + 1000, REMOTE, length));
		TRY(post_send(&pair->a, &op));
		TRY(expect_wc(pair->a.send_cq, round, IBV_WC_SUCCESS, TIMEOUT, &wc));
		CHECK(wc.opcode == send_opcode(op.opcode), "opcode %d", wc.opcode);
		CHECK(wc.qp_num == pair->a.qp->qp_num, "qp_num 0x%x", wc.qp_num);
		if (consumes_receive(op.opcode))
			TRY(check_receive(&pair->b, &op));
		CHECK(same(target->buffer + to, length, round), "round %u: the data differ", round);
		TRY(check_guard(target->buffer, to, length));
	}
	TRY(expect_no_wc(pair->a.send_cq, 0));
	TRY(expect_no_wc(pair->b.recv_cq, 0));
	return 0;
}

static int atomic(struct pair *pair, const struct op *op, uint64_t before, uint64_t after)
{
	uint64_t *result = (uint64_t *)(pair->a.buffer + op->at);
	uint64_t *target = (uint64_t *)(pair->b.buffer + op->remote_at);
	bool add = op->opcode == IBV_WR_ATOMIC_FETCH_AND_ADD;
	struct ibv_wc wc;

	*result = 0x5555555555555555;
	TRY(post_send(&pair->a, op));
	TRY(expect_wc(pair->a.send_cq, op->id, IBV_WC_SUCCESS, TIMEOUT, &wc));
	CHECK(wc.opcode == (add ? IBV_WC_FETCH_ADD : IBV_WC_COMP_SWAP), "opcode %d", wc.opcode);
	CHECK(*result == before, "the value returned is 0x%llx, not 0x%llx",
	      (unsigned long long)*result, (unsigned long long)before);
	CHECK(*target == after, "the value there is 0x%llx, not 0x%llx",
	      (unsigned long long)*target, (unsigned long long)after);
	return 0;
}

static int atomics(const void *argument)
{
	struct setup setup = setup_default();
	struct op add = { .opcode = IBV_WR_ATOMIC_FETCH_AND_ADD, .at = 8, .remote_at = 16,
			  .length = 8, .compare_add = 0x100000001 };
	struct op swap = { .opcode = IBV_WR_ATOMIC_CMP_AND_SWP, .at = 8, .remote_at = 16,
			   .length = 8, .compare_add = 1, .swap = 7 };
	struct pair *pair;

	setup.loopback = argument != NULL;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	*(uint64_t *)(pair->b.buffer + 16) = 0xffffffffffffffff;
	TRY(atomic(pair, &add, 0xffffffffffffffff, 0x100000000));
	TRY(atomic(pair, &add, 0x100000000, 0x200000001));
	TRY(atomic(pair, &swap, 0x200000001, 0x200000001));
	swap.compare_add = 0x200000001;
	TRY(atomic(pair, &swap, 0x200000001, 7));
	return 0;
}

/* 200 times from each side at once: none of them is lost. */
static int atomics_together(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_ATOMIC_FETCH_AND_ADD, .length = 8, .compare_add = 1 };
	struct pair *one, *two;
	uint64_t sum;
	int i;

	(void)argument;
	setup.timeout = 18;
	one = pair_new(&setup);
	two = pair_alloc(&setup);
	if (!one || !two || end_join(&two->b, &one->b) || pair_connect(two))
		return -1;
	two->a.peer = &one->b;
	for (i = 0; i < 200; i++) {
		struct pair *pair = i & 1 ? one : two;

		op.id = i;
		TRY(post_send(&pair->a, &op));
		if (i < 20)
			continue;
		pair = (i - 20) & 1 ? one : two;
		TRY(expect_wc(pair->a.send_cq, i - 20, IBV_WC_SUCCESS, TIMEOUT, NULL));
	}
	for (i = 180; i < 200; i++)
		TRY(expect_wc((i & 1 ? one : two)->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL));
	sum = *(uint64_t *)one->b.buffer;
	CHECK(sum == 200, "%llu of 200 were counted", (unsigned long long)sum);
	return 0;
}

/* Pieces of any length and alignment, gathered here and scattered otherwise there. */
static int scatter_gather(const void *argument)
{
	static const size_t out[] = { 1, 4095, 3, 8192, 5000 };
	static const size_t in[] = { 9000, 2, 4096, 4193 };
	enum ibv_wr_opcode opcode = *(const enum ibv_wr_opcode *)argument;
	bool read = opcode == IBV_WR_RDMA_READ;
	struct ibv_sge gather[ARRAY_SIZE(out)], scatter[ARRAY_SIZE(in)];
	struct ibv_recv_wr recv = { .wr_id = 1001, .sg_list = scatter, .num_sge = ARRAY_SIZE(in) };
	struct ibv_send_wr send = { .wr_id = 1, .opcode = opcode, .sg_list = gather,
				    .num_sge = ARRAY_SIZE(out) };
	struct setup setup = setup_default();
	struct ibv_recv_wr *bad_recv;
	struct ibv_send_wr *bad_send;
	static uint8_t expected[17291];
	size_t i, at, done;
	struct pair *pair;

	setup.sge = 5;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	fill(expected, sizeof(expected), 5);
	for (i = 0, at = 11, done = 0; i < ARRAY_SIZE(out); i++) {
		gather[i].addr = (uintptr_t)pair->a.buffer + at;
		gather[i].length = out[i];
		gather[i].lkey = pair->a.mr->lkey;
		if (!read)
			memcpy(pair->a.buffer + at, expected + done, out[i]);
		at += out[i] + 17;
		done += out[i];
	}
	for (i = 0, at = 33; i < ARRAY_SIZE(in); i++) {
		scatter[i].addr = (uintptr_t)pair->b.buffer + at;
		scatter[i].length = in[i];
		scatter[i].lkey = pair->b.mr->lkey;
		at += in[i] + 29;
	}
	if (read)
		memcpy(pair->b.buffer + 5, expected, sizeof(expected));
	send.wr.rdma.remote_addr = (uintptr_t)pair->b.buffer + 5;
	send.wr.rdma.rkey = pair->b.mr->rkey;
	if (opcode == IBV_WR_SEND)
		CHECK(!ibv_post_recv(pair->b.qp, &recv, &bad_recv), "ibv_post_recv fails");
	CHECK(!ibv_post_send(pair->a.qp, &send, &bad_send), "ibv_post_send fails");
	TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_SUCCESS, TIMEOUT, NULL));
	if (opcode == IBV_WR_SEND) {
		TRY(expect_wc(pair->b.recv_cq, 1001, IBV_WC_SUCCESS, TIMEOUT, NULL));
		for (i = 0, done = 0; i < ARRAY_SIZE(in); done += in[i++])
			CHECK(!memcmp((void *)(uintptr_t)scatter[i].addr, expected + done, in[i]),
			      "piece %zu differs", i);
	} else if (read) {
		for (i = 0, done = 0; i < ARRAY_SIZE(out); done += out[i++])
			CHECK(!memcmp((void *)(uintptr_t)gather[i].addr, expected + done, out[i]),
			      "piece %zu differs", i);
	} else {
		CHECK(!memcmp(pair->b.buffer + 5, expected, sizeof(expected)), "the data differ");
	}
	return 0;
}

/* A read behind a write, and a fenced send behind a read, see what went before. */
static int order(const void *argument)
{
	struct setup setup = setup_default();
	struct op write = { .opcode = IBV_WR_RDMA_WRITE, .id = 1, .length = 20000 };
	struct op read = { .opcode = IBV_WR_RDMA_READ, .id = 2, .at = 24000, .length = 20000 };
	struct op send = { .opcode = IBV_WR_SEND, .id = 3, .at = 24000, .length = 20000,
			   .flags = IBV_SEND_FENCE };
	struct pair *pair;
	int i;

	(void)argument;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (i = 0; i < 10; i++) {
		fill(pair->a.buffer, 20000, i);
		TRY(post_recv(&pair->b, 1003, 30000, 20000));
		TRY(post_send(&pair->a, &write));
		TRY(post_send(&pair->a, &read));
		TRY(post_send(&pair->a, &send));
		TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_SUCCESS, TIMEOUT, NULL));
		TRY(expect_wc(pair->a.send_cq, 2, IBV_WC_SUCCESS, TIMEOUT, NULL));
		TRY(expect_wc(pair->a.send_cq, 3, IBV_WC_SUCCESS, TIMEOUT, NULL));
		TRY(expect_wc(pair->b.recv_cq, 1003, IBV_WC_SUCCESS, TIMEOUT, NULL));
		CHECK(same(pair->b.buffer + 30000, 20000, i), "round %d: the data differ", i);
	}
	return 0;
}

#define RC		.type = IBV_QPT_RC, .opcode
#define UC		.type = IBV_QPT_UC, .opcode
#define ONE(text, ...)	{ text, transfer, &(const struct transfer){ __VA_ARGS__ } }
#define SIZES(text, ...)                                              \
	ONE(text ", 0 bytes", __VA_ARGS__),                           \
	ONE(text ", 1 byte", __VA_ARGS__, .bytes = 1),                \
	ONE(text ", MTU - 1", __VA_ARGS__, .mtus = 1, .bytes = -1),   \
	ONE(text ", MTU", __VA_ARGS__, .mtus = 1),                    \
	ONE(text ", MTU + 1", __VA_ARGS__, .mtus = 1, .bytes = 1),    \
	ONE(text ", 64 KiB", __VA_ARGS__, .bytes = 65536),            \
	ONE(text ", 1 MiB", __VA_ARGS__, .bytes = 1 << 20),           \
	ONE(text ", 8 MiB + 3", __VA_ARGS__, .bytes = (8 << 20) + 3)

static const enum ibv_wr_opcode op_send = IBV_WR_SEND;
static const enum ibv_wr_opcode op_write = IBV_WR_RDMA_WRITE;
static const enum ibv_wr_opcode op_read = IBV_WR_RDMA_READ;
static const bool loopback = true;

static const struct test_case cases[] = {
	SIZES("RC send", RC = IBV_WR_SEND),
	SIZES("RC write", RC = IBV_WR_RDMA_WRITE),
	SIZES("RC read", RC = IBV_WR_RDMA_READ),
	SIZES("UC send", UC = IBV_WR_SEND),
	SIZES("UC write", UC = IBV_WR_RDMA_WRITE),
	ONE("RC send with immediate", RC = IBV_WR_SEND_WITH_IMM, .bytes = 5000),
	ONE("RC send with immediate and no data", RC = IBV_WR_SEND_WITH_IMM),
	ONE("RC write with immediate", RC = IBV_WR_RDMA_WRITE_WITH_IMM, .bytes = 5000),
	ONE("RC write with immediate and no data", RC = IBV_WR_RDMA_WRITE_WITH_IMM),
	ONE("UC send with immediate", UC = IBV_WR_SEND_WITH_IMM, .bytes = 5000),
	ONE("UC write with immediate", UC = IBV_WR_RDMA_WRITE_WITH_IMM, .bytes = 5000),
	ONE("RC send into an SRQ", RC = IBV_WR_SEND, .bytes = 70000, .srq = true),
	ONE("RC write with immediate, receive from an SRQ", RC = IBV_WR_RDMA_WRITE_WITH_IMM,
	    .bytes = 70000, .srq = true),
	ONE("RC send to the own port", RC = IBV_WR_SEND, .bytes = 70000, .loopback = true),
	ONE("RC write to the own port", RC = IBV_WR_RDMA_WRITE, .bytes = 70000, .loopback = true),
	ONE("RC read from the own port", RC = IBV_WR_RDMA_READ, .bytes = 70000, .loopback = true),
	ONE("UC send to the own port", UC = IBV_WR_SEND, .bytes = 70000, .loopback = true),
	ONE("RC send, full member to limited member", RC = IBV_WR_SEND, .bytes = 5000,
	    .pkey_a = 0x8003, .pkey_b = 0x0003),
	ONE("RC send, limited member to full member", RC = IBV_WR_SEND, .bytes = 5000,
	    .pkey_a = 0x0003, .pkey_b = 0x8003, .reverse = true),
	{ "atomics", atomics, NULL },
	{ "atomics on the own port", atomics, &loopback },
	{ "atomics from two QPs at once", atomics_together, NULL },
	{ "gather and scatter of a send", scatter_gather, &op_send },
	{ "gather of a write", scatter_gather, &op_write },
	{ "scatter of a read", scatter_gather, &op_read },
	{ "order of write, read and fenced send", order, NULL },
};

int main(int argc, char **argv)
{
	return verbs_main(argc, argv, cases, ARRAY_SIZE(cases));
}
