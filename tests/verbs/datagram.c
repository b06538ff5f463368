// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* UD: what a datagram brings with it, and what becomes of those that nobody may receive. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include "verbs.h"

#define TIMEOUT		5000
#define GRH		40
#define QKEY		0x11223344	/* as pair_alloc() sets it */
#define RECEIVE		4096		/* where in the buffer */
#define FULL		0xffff

struct datagram {
	size_t length;
	bool whole_mtu, imm, grh, loopback, reverse, srq;
	uint16_t pkey_a, pkey_b;
};

static struct setup ud_setup(void)
{
	struct setup setup = setup_default();

	setup.type = IBV_QPT_UD;
	return setup;
}

static struct ibv_ah *address(struct pair *pair, uint16_t lid, bool grh)
{
	struct ibv_ah_attr attr = {
		.dlid = lid,
		.port_num = pair->a.node->port,
		.is_global = grh,
		.grh = { .dgid = pair->b.node->gid, .hop_limit = 1 },
	};
	struct ibv_ah *ah = ibv_create_ah(pair->a.pd, &attr);

	if (!ah)
		complain(__FILE__, __LINE__, "ibv_create_ah: %s", strerror(errno));
	return ah;
}

static int check_grh(struct pair *pair, const uint8_t *grh, size_t length)
{
	CHECK(grh[0] >> 4 == 6, "IP version %d", grh[0] >> 4);
	CHECK(grh[6] == 0x1b, "next header 0x%x", grh[6]);
	/* base and datagram header, payload and padding, immediate, invariant CRC */
	CHECK((size_t)(grh[4] << 8 | grh[5]) >= length + 24, "payload length %d",
	      grh[4] << 8 | grh[5]);
	CHECK(!memcmp(grh + 8, &pair->a.node->gid, 16), "the source GID is not the sender's");
	CHECK(!memcmp(grh + 24, &pair->b.node->gid, 16), "the destination GID is not the own");
	return 0;
}

static int check_datagram(struct pair *pair, const struct datagram *datagram,
			  const struct op *op)
{
	static const uint8_t zero[64];
	uint8_t *at = pair->b.buffer + RECEIVE;
	struct ibv_wc wc;

	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_SUCCESS, TIMEOUT, &wc));
	CHECK(wc.byte_len == GRH + op->length, "byte_len %u, not %zu", wc.byte_len,
	      GRH + op->length);
	CHECK(wc.src_qp == pair->a.qp->qp_num, "src_qp 0x%x, not 0x%x", wc.src_qp,
	      pair->a.qp->qp_num);
	CHECK(wc.slid == pair->a.node->lid, "slid %d, not %d", wc.slid, pair->a.node->lid);
	CHECK(wc.dlid_path_bits == 0 && wc.sl == 0, "path bits %d, sl %d", wc.dlid_path_bits,
	      wc.sl);
	CHECK(!!(wc.wc_flags & IBV_WC_GRH) == datagram->grh, "wc_flags 0x%x", wc.wc_flags);
	CHECK(!!(wc.wc_flags & IBV_WC_WITH_IMM) == datagram->imm, "wc_flags 0x%x", wc.wc_flags);
	CHECK(!datagram->imm || ntohl(wc.imm_data) == op->imm, "imm 0x%x", ntohl(wc.imm_data));
	if (datagram->grh)
		TRY(check_grh(pair, at, op->length));
	CHECK(same(at + GRH, op->length, 7), "the data differ");
	CHECK(!memcmp(at + GRH + op->length, zero, sizeof(zero)), "bytes behind the data changed");
	return 0;
}

static int datagram(const void *argument)
{
	const struct datagram *datagram = argument;
	struct setup setup = ud_setup();
	struct op op = { .opcode = IBV_WR_SEND, .length = datagram->length, .imm = 0xabcd1234 };
	struct pair *pair;
	int ret;

	setup.loopback = datagram->loopback;
	setup.reverse = datagram->reverse;
	setup.srq = datagram->srq;
	pair = pair_alloc(&setup);
	if (!pair)
		return -1;
	if (datagram->pkey_a && (end_use_pkey(&pair->a, datagram->pkey_a) ||
				 end_use_pkey(&pair->b, datagram->pkey_b)))
		return -1;
	TRY(pair_connect(pair));
	if (datagram->whole_mtu)
		op.length = pair->a.node->mtu;
	if (datagram->imm)
		op.opcode = IBV_WR_SEND_WITH_IMM;
	fill(pair->a.buffer, op.length, 7);
	op.qpn = pair->b.qp->qp_num;
	op.qkey = QKEY;
	op.ah = address(pair, pair->b.node->lid, datagram->grh);
	if (!op.ah)
		return -1;
	ret = post_recv(&pair->b, 1000, RECEIVE, GRH + op.length);
	if (!ret)
		ret = post_send(&pair->a, &op);
	if (!ret)
		ret = expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL);
	if (!ret)
		ret = check_datagram(pair, datagram, &op);
	CHECK(!ibv_destroy_ah(op.ah), "ibv_destroy_ah fails");
	return ret;
}

struct counters {
	uint32_t pkey, qkey;
};

static struct counters violations(const struct node *node)
{
	struct ibv_port_attr attr = { 0 };

	ibv_query_port(node->context, node->port, &attr);
	return (struct counters){ attr.bad_pkey_cntr, attr.qkey_viol_cntr };
}

struct lost {
	uint16_t pkey_a, pkey_b;
	uint32_t qkey;		/* 0: the right one */
	uint32_t qpn;		/* 0: the right one */
	uint16_t lid;
	size_t length;
	bool receiver_in_init;
	bool at_switch;		/* it may have refused it before the receiver counts */
	unsigned int pkey_violations, qkey_violations;
};

/* The sender does not learn of it, the receiver gets only the datagram sent afterwards. */
static int lost_with(struct pair *pair, const struct lost *lost, struct ibv_ah *ah,
		     struct ibv_ah *wrong)
{
	struct op op = { .opcode = IBV_WR_SEND,
			 .id = 1,
			 .length = lost->length ? lost->length : 32 };
	struct counters before, after;
	struct ibv_wc wc;

	op.ah = lost->lid ? wrong : ah;
	op.qpn = lost->qpn ? lost->qpn : pair->b.qp->qp_num;
	op.qkey = lost->qkey ? lost->qkey : QKEY;
	TRY(post_recv(&pair->b, 1000, RECEIVE, GRH + 64));
	before = violations(pair->b.node);
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->a.send_cq, 1, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_no_wc(pair->b.recv_cq, 200));
	after = violations(pair->b.node);
	CHECK(lost->at_switch || after.pkey - before.pkey == lost->pkey_violations,
	      "%u P_Key violations were counted, not %u", after.pkey - before.pkey,
	      lost->pkey_violations);
	CHECK(after.qkey - before.qkey == lost->qkey_violations,
	      "%u Q_Key violations were counted, not %u", after.qkey - before.qkey,
	      lost->qkey_violations);
	if (lost->pkey_a)
		return 0;
	if (lost->receiver_in_init) {
		TRY(end_to_rtr(&pair->b, &pair->setup));
		TRY(end_to_rts(&pair->b, &pair->setup));
	}
	op = (struct op){ .opcode = IBV_WR_SEND, .id = 2, .length = 48, .ah = ah,
			  .qpn = pair->b.qp->qp_num, .qkey = QKEY };
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->a.send_cq, 2, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_SUCCESS, TIMEOUT, &wc));
	CHECK(wc.byte_len == GRH + 48, "byte_len %u", wc.byte_len);
	return 0;
}

static int lost(const void *argument)
{
	const struct lost *lost = argument;
	struct setup setup = ud_setup();
	struct ibv_ah *ah, *wrong;
	struct pair *pair = pair_alloc(&setup);
	int ret;

	if (!pair)
		return -1;
	if (lost->pkey_a && (end_use_pkey(&pair->a, lost->pkey_a) ||
			     end_use_pkey(&pair->b, lost->pkey_b)))
		return -1;
	TRY(pair_connect(pair));
	if (lost->receiver_in_init) {
		TRY(end_set_state(&pair->b, IBV_QPS_RESET));
		TRY(end_to_init(&pair->b));
	}
	ah = address(pair, pair->b.node->lid, false);
	wrong = address(pair, lost->lid ? lost->lid : 1, false);
	ret = ah && wrong ? lost_with(pair, lost, ah, wrong) : -1;
	if (ah)
		ibv_destroy_ah(ah);
	if (wrong)
		ibv_destroy_ah(wrong);
	return ret;
}

/* Without a receive a datagram is dropped, and no error. */
static int no_receive(struct pair *pair, struct op *op)
{
	TRY(post_send(&pair->a, op));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(post_recv(&pair->b, 1000, RECEIVE, GRH + 64));
	TRY(expect_no_wc(pair->b.recv_cq, 100));
	TRY(post_send(&pair->a, op));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_SUCCESS, TIMEOUT, NULL));
	return 0;
}

/* They come in the order in which they were sent. */
static int in_order(struct pair *pair, struct op *op)
{
	enum { COUNT = 400, DEPTH = 32 };
	struct ibv_wc wc;
	int i;

	op->opcode = IBV_WR_SEND_WITH_IMM;
	for (i = 0; i < DEPTH; i++)
		TRY(post_recv(&pair->b, i, RECEIVE + i * 128, 128));
	for (i = 0; i < COUNT; i++) {
		op->imm = op->id = i;
		TRY(post_send(&pair->a, op));
		TRY(expect_wc(pair->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL));
		TRY(expect_wc(pair->b.recv_cq, i, IBV_WC_SUCCESS, TIMEOUT, &wc));
		CHECK(ntohl(wc.imm_data) == (uint32_t)i, "datagram %u instead of %d",
		      ntohl(wc.imm_data), i);
		TRY(post_recv(&pair->b, i + DEPTH, RECEIVE + i % DEPTH * 128, 128));
	}
	return 0;
}

static int longer_than_mtu(struct pair *pair, struct op *op)
{
	int ret;

	op->length = pair->a.node->mtu + 1;
	ret = try_send(&pair->a, op);
	if (!ret)
		TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_LOC_LEN_ERR, TIMEOUT, NULL));
	else
		CHECK(ret == EINVAL, "ibv_post_send: %s", strerror(ret));
	return 0;
}

/* With its highest bit set, a request's Q_Key gives way to the QP's own. */
static int own_qkey(struct pair *pair, struct op *op)
{
	TRY(post_recv(&pair->b, 1000, RECEIVE, GRH + 64));
	op->qkey = 0x80000000;
	TRY(post_send(&pair->a, op));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(expect_wc(pair->b.recv_cq, 1000, IBV_WC_SUCCESS, TIMEOUT, NULL));
	return 0;
}

/* The P_Key at @index in the receiver's table, in network order. */
static __be16 receiver_pkey(struct pair *pair, int index)
{
	__be16 pkey = 0;

	if (ibv_query_pkey(pair->b.node->context, pair->b.node->port, index, &pkey))
		complain(__FILE__, __LINE__, "ibv_query_pkey fails");
	return pkey;
}

/* Only management's own QP may manage: a datagram cannot set the receiver's P_Key table. */
static int to_qp0(struct pair *pair, struct op *op)
{
	enum { CLASS = 1, VERSION = 2, METHOD = 3, ATTRIBUTE = 17, DATA = 64 };
	enum { SUBN_LID_ROUTED = 1, SET = 2, P_KEY_TABLE = 0x16, SPARE = 9 };
	uint8_t *smp = pair->a.buffer;
	double deadline;
	__be16 pkey;
	int i;

	smp[0] = smp[VERSION] = 1;
	smp[CLASS] = SUBN_LID_ROUTED;
	smp[METHOD] = SET;
	smp[ATTRIBUTE] = P_KEY_TABLE;
	for (i = 0; i < SPARE; i++) {
		pkey = receiver_pkey(pair, i);
		memcpy(smp + DATA + 2 * i, &pkey, sizeof(pkey));
	}
	pkey = htons(0x9abc);
	memcpy(smp + DATA + 2 * SPARE, &pkey, sizeof(pkey));
	op->qpn = 0;
	op->length = 256;
	TRY(post_send(&pair->a, op));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL));
	deadline = now_ms() + 500;
	while (now_ms() < deadline)
		CHECK(receiver_pkey(pair, SPARE) != pkey, "it has set the receiver's P_Key table");
	return 0;
}

static int with_pair(const void *argument)
{
	int (*const *run)(struct pair *, struct op *) = argument;
	struct setup setup = ud_setup();
	struct pair *pair = pair_new(&setup);
	struct op op = { .opcode = IBV_WR_SEND, .length = 32, .qkey = QKEY };
	int ret;

	if (!pair)
		return -1;
	op.qpn = pair->b.qp->qp_num;
	op.ah = address(pair, pair->b.node->lid, false);
	if (!op.ah)
		return -1;
	ret = (*run)(pair, &op);
	CHECK(!ibv_destroy_ah(op.ah), "ibv_destroy_ah fails");
	return ret;
}

#define DATAGRAM(text, ...) { text, datagram, &(const struct datagram){ __VA_ARGS__ } }
#define LOST(text, ...) { text, lost, &(const struct lost){ __VA_ARGS__ } }

typedef int (*const pair_function)(struct pair *, struct op *);
static pair_function run_no_receive = no_receive;
static pair_function run_in_order = in_order;
static pair_function run_longer_than_mtu = longer_than_mtu;
static pair_function run_own_qkey = own_qkey;
static pair_function run_to_qp0 = to_qp0;

static const struct test_case cases[] = {
	DATAGRAM("no data", .length = 0),
	DATAGRAM("1 byte", .length = 1),
	DATAGRAM("2048 bytes", .length = 2048),
	DATAGRAM("a whole MTU", .whole_mtu = true),
	DATAGRAM("with GRH", .length = 100, .grh = true),
	DATAGRAM("with GRH, a whole MTU", .whole_mtu = true, .grh = true),
	DATAGRAM("with immediate", .length = 100, .imm = true),
	DATAGRAM("with GRH and immediate, no data", .grh = true, .imm = true),
	DATAGRAM("to the own port", .length = 100, .loopback = true),
	DATAGRAM("to the own port with GRH", .length = 100, .loopback = true, .grh = true),
	DATAGRAM("into an SRQ", .length = 100, .srq = true),
	DATAGRAM("P_Key 0x8001", .length = 100, .pkey_a = 0x8001, .pkey_b = 0x8001),
	DATAGRAM("full member to limited member", .length = 100, .pkey_a = 0x8003,
		 .pkey_b = 0x0003),
	DATAGRAM("limited member to full member", .length = 100, .pkey_a = 0x0003,
		 .pkey_b = 0x8003, .reverse = true),
	LOST("P_Keys differ", .pkey_a = FULL, .pkey_b = 0x8001, .pkey_violations = 1),
	LOST("limited member to limited member", .pkey_a = 0x0002, .pkey_b = 0x0002,
	     .at_switch = true),
	LOST("wrong Q_Key", .qkey = 0x11223345, .qkey_violations = 1),
	LOST("no such QP", .qpn = 0xfffff),
	LOST("no such LID", .lid = 0xbffe),
	LOST("longer than the receive", .length = 65),
	LOST("receiver in INIT", .receiver_in_init = true),
	{ "nobody receives", with_pair, &run_no_receive },
	{ "400 in order", with_pair, &run_in_order },
	{ "longer than the MTU", with_pair, &run_longer_than_mtu },
	{ "the QP's own Q_Key", with_pair, &run_own_qkey },
	{ "to QP 0", with_pair, &run_to_qp0 },
};

int main(int argc, char **argv)
{
	return verbs_main(argc, argv, cases, ARRAY_SIZE(cases));
}
