// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Links that go down and come up, packets that get lost, a P_Key table that changes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "verbs.h"

#define TIMEOUT		20000
#define ACTIVE_AGAIN	20000	/* ms; the subnet manager has to notice and sweep */

static int up_again(struct node *node)
{
	TRY(hurt(node, "link", "up"));
	return wait_port_state(node, IBV_PORT_ACTIVE, ACTIVE_AGAIN);
}

static int link_events(const void *argument)
{
	struct node *node = &nodes[*(const int *)argument];

	TRY(hurt(node, "link", "down"));
	if (expect_event(node, IBV_EVENT_PORT_ERR, 2000) ||
	    wait_port_state(node, IBV_PORT_DOWN, 1000)) {
		up_again(node);
		return -1;
	}
	TRY(hurt(node, "link", "up"));
	TRY(expect_event(node, IBV_EVENT_PORT_ACTIVE, ACTIVE_AGAIN));
	return wait_port_state(node, IBV_PORT_ACTIVE, 1000);
}

static int pkey_event(const void *argument)
{
	__be16 pkey;

	(void)argument;
	TRY(hurt(&nodes[0], "pkeys", "15 0x9abc"));
	TRY(expect_event(&nodes[0], IBV_EVENT_PKEY_CHANGE, 2000));
	CHECK(!ibv_query_pkey(nodes[0].context, nodes[0].port, 15, &pkey) &&
	      pkey == __builtin_bswap16(0x9abc), "the table has not changed");
	TRY(hurt(&nodes[0], "pkeys", "15 0"));
	return expect_event(&nodes[0], IBV_EVENT_PKEY_CHANGE, 2000);
}

/* With its P_Key gone from the table a QP reaches nobody; when it is back, it does. */
static int pkey_removed(const void *argument)
{
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_RDMA_WRITE, .length = 8 };
	struct pair *pair;
	char text[32];

	(void)argument;
	setup.timeout = 16;
	setup.retry_cnt = 7;
	pair = pair_alloc(&setup);
	if (!pair || end_use_pkey(&pair->a, 0x8001) || end_use_pkey(&pair->b, 0x8001))
		return -1;
	TRY(pair_connect(pair));
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL));
	snprintf(text, sizeof(text), "%d 0", pair->a.pkey_index);
	TRY(hurt(&nodes[0], "pkeys", text));
	TRY(post_send(&pair->a, &op));
	if (expect_no_wc(pair->a.send_cq, 500))
		op.id = 1;
	snprintf(text, sizeof(text), "%d 0x8001", pair->a.pkey_index);
	TRY(hurt(&nodes[0], "pkeys", text));
	CHECK(!op.id, "the request passed without a P_Key");
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL));
	return 0;
}

/*
 * Retries of 2 s bridge a link that is down for a while, with all of the data. They last for longer
 * than the 10 s after which OpenSM looks by itself, should it have missed the switch's notice.
 */
static int heals(const void *argument)
{
	enum { MESSAGES = 40, SIZE = 100000 };
	struct node *node = &nodes[*(const int *)argument];
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_RDMA_WRITE, .length = SIZE };
	struct pair *pair;
	int i;

	setup.size = SIZE;
	setup.timeout = 19;
	setup.retry_cnt = 7;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	for (i = 0; i < MESSAGES; i++) {
		if (i == MESSAGES / 2)
			TRY(hurt(node, "link", "down"));
		fill(pair->a.buffer, SIZE, i);
		op.id = i;
		TRY(post_send(&pair->a, &op));
		if (i == MESSAGES / 2) {
			if (expect_no_wc(pair->a.send_cq, 1000)) {
				up_again(node);
				return -1;
			}
			TRY(up_again(node));
		}
		TRY(expect_wc(pair->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL));
		CHECK(same(pair->b.buffer, SIZE, i), "message %d differs", i);
	}
	return 0;
}

/* A link that stays down ends the connection in due time, and neither at once nor never. */
static int dead_link(const void *argument)
{
	struct node *node = &nodes[*(const int *)argument];
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_RDMA_WRITE, .length = 8 };
	struct pair *pair = pair_new(&setup);
	double started, took;
	int ret;

	if (!pair)
		return -1;
	TRY(post_send(&pair->a, &op));
	TRY(expect_wc(pair->a.send_cq, 0, IBV_WC_SUCCESS, TIMEOUT, NULL));
	TRY(hurt(node, "link", "down"));
	started = now_ms();
	op.id = 1;
	ret = post_send(&pair->a, &op) ||
	      expect_wc(pair->a.send_cq, 1, IBV_WC_RETRY_EXC_ERR, TIMEOUT, NULL);
	took = now_ms() - started;
	TRY(up_again(node));
	TRY(ret);
	CHECK(took > 3 * 67 * 0.98 && took < 3 * 67 * 4 + 1500, "it ended after %.0f ms", took);
	return 0;
}

/* Reliable means reliable; what is measured here is also that packets do get lost. */
static int loss_rc(const void *argument)
{
	enum { MESSAGES = 60, SIZE = 50000 };
	const struct op *kind = argument;
	struct setup setup = setup_default();
	struct op op = { .opcode = kind->opcode, .length = SIZE };
	bool read = kind->opcode == IBV_WR_RDMA_READ;
	struct end *source, *target;
	double clean = 0, started;
	int i, rate, ret = 0;
	struct pair *pair;

	setup.size = SIZE;
	setup.timeout = 12;	/* 17 ms */
	setup.retry_cnt = 7;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	source = read ? &pair->b : &pair->a;
	target = read ? &pair->a : &pair->b;
	for (rate = 0; rate < 2 && !ret; rate++) {
		if (rate)
			TRY(hurt(pair->a.node, "drop", "20000"));
		started = now_ms();
		for (i = 0; i < MESSAGES && !ret; i++) {
			op.id = i;
			fill(source->buffer, SIZE, i + rate);
			ret = op.opcode == IBV_WR_SEND ? post_recv(&pair->b, 1000 + i, 0, SIZE) : 0;
			ret = ret || post_send(&pair->a, &op) ||
			      expect_wc(pair->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL);
			if (!ret && op.opcode == IBV_WR_SEND)
				ret = expect_wc(pair->b.recv_cq, 1000 + i, IBV_WC_SUCCESS, TIMEOUT,
						NULL);
			if (!ret && !same(target->buffer, SIZE, i + rate)) {
				complain(__FILE__, __LINE__, "message %d differs", i);
				ret = -1;
			}
		}
		if (!rate)
			clean = now_ms() - started;
	}
	TRY(hurt(pair->a.node, "drop", "0"));
	TRY(ret);
	/* 13 packets a message, 2 percent lost: about 15 timeouts of 17 ms in all */
	CHECK(now_ms() - started > clean + 3 * 17, "nothing was lost: %.0f ms, %.0f ms without loss",
	      now_ms() - started, clean);
	return 0;
}

/* An atomic whose answer gets lost is not executed twice. */
static int loss_atomic(const void *argument)
{
	enum { COUNT = 300 };
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_ATOMIC_FETCH_AND_ADD, .length = 8, .compare_add = 1 };
	struct pair *pair;
	uint64_t value;
	int i, ret = 0;

	(void)argument;
	setup.timeout = 10;
	setup.retry_cnt = 7;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	TRY(hurt(pair->b.node, "drop", "100000"));
	for (i = 0; i < COUNT && !ret; i++) {
		op.id = i;
		ret = post_send(&pair->a, &op) ||
		      expect_wc(pair->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL);
		value = *(uint64_t *)pair->a.buffer;
		if (!ret && value != (uint64_t)i) {
			complain(__FILE__, __LINE__, "addition %d found %llu", i,
				 (unsigned long long)value);
			ret = -1;
		}
	}
	TRY(hurt(pair->b.node, "drop", "0"));
	return ret;
}

/* UC and UD lose some, never all, never a part, and say nothing. */
static int loss_unreliable(const void *argument)
{
	enum { COUNT = 400, SIZE = 3000 };
	enum ibv_qp_type type = *(const enum ibv_qp_type *)argument;
	struct setup setup = setup_default();
	struct op op = { .opcode = IBV_WR_SEND, .length = SIZE, .qkey = 0x11223344 };
	struct ibv_ah_attr attr = { .dlid = nodes[1].lid, .port_num = nodes[0].port };
	int grh = type == IBV_QPT_UD ? 40 : 0;
	struct pair *pair;
	struct ibv_wc wc;
	int i, ret = 0, arrived = 0;

	setup.type = type;
	pair = pair_new(&setup);
	if (!pair)
		return -1;
	fill(pair->a.buffer, SIZE, 1);
	op.qpn = pair->b.qp->qp_num;
	if (grh) {
		op.ah = ibv_create_ah(pair->a.pd, &attr);
		CHECK(op.ah, "ibv_create_ah: %s", strerror(errno));
	}
	TRY(hurt(pair->a.node, "drop", "200000"));
	TRY(post_recv(&pair->b, 1000, 0, SIZE + 40));
	for (i = 0; i < COUNT && !ret; i++) {
		op.id = i;
		ret = post_send(&pair->a, &op) ||
		      expect_wc(pair->a.send_cq, i, IBV_WC_SUCCESS, TIMEOUT, NULL);
		if (ret || poll_wc(pair->b.recv_cq, &wc, 10) <= 0)
			continue;
		arrived++;
		ret = wc.status != IBV_WC_SUCCESS || wc.byte_len != (uint32_t)SIZE + grh ||
		      !same(pair->b.buffer + grh, SIZE, 1);
		if (ret)
			complain(__FILE__, __LINE__, "message %d: %s, %u bytes", i,
				 ibv_wc_status_str(wc.status), wc.byte_len);
		memset(pair->b.buffer, 0, SIZE + 40);
		ret = ret || post_recv(&pair->b, 1000, 0, SIZE + 40);
	}
	if (op.ah)
		ibv_destroy_ah(op.ah);
	TRY(hurt(pair->a.node, "drop", "0"));
	TRY(ret);
	CHECK(arrived > COUNT * 6 / 10 && arrived < COUNT * 95 / 100,
	      "%d of %d arrived, at a loss of 20 percent", arrived, COUNT);
	return 0;
}

static const int here = 0, there = 1;
static const enum ibv_qp_type uc = IBV_QPT_UC, ud = IBV_QPT_UD;
static const struct op send_op = { .opcode = IBV_WR_SEND };
static const struct op write_op = { .opcode = IBV_WR_RDMA_WRITE };
static const struct op read_op = { .opcode = IBV_WR_RDMA_READ };

static const struct test_case cases[] = {
	{ "P_Key change event", pkey_event, NULL },
	{ "P_Key removed and put back during a request", pkey_removed, NULL },
	{ "port error and port active events, own port", link_events, &here },
	{ "port error and port active events, other port", link_events, &there },
	{ "link down during traffic heals, own port", heals, &here },
	{ "link down during traffic heals, peer's port", heals, &there },
	{ "dead link, own port", dead_link, &here },
	{ "dead link, peer's port", dead_link, &there },
	{ "RC send despite loss", loss_rc, &send_op },
	{ "RC write despite loss", loss_rc, &write_op },
	{ "RC read despite loss", loss_rc, &read_op },
	{ "atomics despite loss, each once", loss_atomic, NULL },
	{ "UC loses some", loss_unreliable, &uc },
	{ "UD loses some", loss_unreliable, &ud },
};

int main(int argc, char **argv)
{
	return verbs_main(argc, argv, cases, ARRAY_SIZE(cases));
}
