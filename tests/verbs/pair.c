// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Two connected QPs and all that they need. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "pair.h"

static struct pair *pairs;

struct setup setup_default(void)
{
	struct setup setup = {
		.type = IBV_QPT_RC,
		.size = 65536,
		.send_wr = 64,
		.recv_wr = 64,
		.sge = 1,
		.cqe = 256,
		.all_signaled = true,
		.mr_access = IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE |
			     IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_ATOMIC,
		.qp_access = IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_READ |
			     IBV_ACCESS_REMOTE_ATOMIC,
		.path_mtu = IBV_MTU_4096,
		.timeout = 14,
		.retry_cnt = 2,
		.rnr_retry = 0,
		.min_rnr_timer = 12,
	};

	return setup;
}

static int create_qp(struct end *end, const struct setup *setup, struct end *owner)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = setup->type,
		.sq_sig_all = setup->all_signaled,
		.send_cq = end->send_cq,
		.recv_cq = owner->recv_cq,
		.srq = owner->srq,
		.cap = {
			.max_send_wr = setup->send_wr,
			.max_recv_wr = owner->srq ? 0 : setup->recv_wr,
			.max_send_sge = setup->sge,
			.max_recv_sge = owner->srq ? 0 : setup->sge,
		},
	};

	end->qp = ibv_create_qp(owner->pd, &attr);
	CHECK(end->qp, "ibv_create_qp: %s", strerror(errno));
	return 0;
}

static int alloc_end(struct end *end, const struct setup *setup)
{
	struct ibv_srq_init_attr srq_attr = {
		.attr = { .max_wr = setup->recv_wr, .max_sge = setup->sge },
	};
	struct ibv_context *context = end->node->context;

	end->pd = ibv_alloc_pd(context);
	CHECK(end->pd, "ibv_alloc_pd: %s", strerror(errno));
	if (posix_memalign((void **)&end->buffer, 4096, setup->size))
		FAIL("no memory");
	memset(end->buffer, 0, setup->size);
	end->mr = ibv_reg_mr(end->pd, end->buffer, setup->size, setup->mr_access);
	CHECK(end->mr, "ibv_reg_mr: %s", strerror(errno));
	if (setup->channel) {
		end->channel = ibv_create_comp_channel(context);
		CHECK(end->channel, "ibv_create_comp_channel: %s", strerror(errno));
	}
	end->recv_cq = ibv_create_cq(context, setup->cqe, end, end->channel, 0);
	end->send_cq = setup->one_cq ? end->recv_cq :
				       ibv_create_cq(context, setup->cqe, end, NULL, 0);
	CHECK(end->send_cq && end->recv_cq, "ibv_create_cq: %s", strerror(errno));
	if (setup->srq) {
		end->srq = ibv_create_srq(end->pd, &srq_attr);
		CHECK(end->srq, "ibv_create_srq: %s", strerror(errno));
	}
	return create_qp(end, setup, end);
}

static void set_connection(struct end *end, const struct setup *setup)
{
	end->qkey = 0x11223344;
	end->remote_qpn = end->peer->qp->qp_num;
	end->remote_lid = end->peer->node->lid;
	end->send_psn = end->qp->qp_num * 0x1001 & 0xffffff;
	end->max_rd_atomic = 4;
	end->max_dest_rd_atomic = 4;
	end->qp_access = setup->qp_access;
	end->path_mtu = setup->path_mtu;
}

struct pair *pair_alloc(const struct setup *setup)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	if (!pair)
		return NULL;
	pair->next = pairs;
	pairs = pair;
	pair->setup = *setup;
	pair->a.node = &nodes[setup->reverse];
	pair->b.node = &nodes[setup->loopback ? setup->reverse : !setup->reverse];
	pair->a.peer = &pair->b;
	pair->b.peer = &pair->a;
	if (alloc_end(&pair->a, setup) || alloc_end(&pair->b, setup))
		return NULL;
	set_connection(&pair->a, setup);
	set_connection(&pair->b, setup);
	/* near the wrap, to go over it now and then */
	pair->a.send_psn = 0xfffff0;
	pair->a.recv_psn = pair->b.send_psn;
	pair->b.recv_psn = pair->a.send_psn;
	return pair;
}

int end_join(struct end *end, struct end *older)
{
	const struct pair *pair = pairs;

	/* pairs are freed newest first, so the QP goes before what it joins */
	while (&pair->a != end && &pair->b != end)
		pair = pair->next;
	end_destroy_qp(end);
	TRY(create_qp(end, &pair->setup, older));
	end->peer->remote_qpn = end->qp->qp_num;
	return 0;
}

int end_use_pkey(struct end *end, uint16_t pkey)
{
	int i = find_pkey(end->node, pkey);

	if (i < 0)
		return -1;
	end->pkey_index = i;
	return 0;
}

int end_to_init(struct end *end)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_INIT,
		.pkey_index = end->pkey_index,
		.port_num = end->node->port,
		.qp_access_flags = end->qp_access,
		.qkey = end->qkey,
	};
	int mask = IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT;
	int ret;

	mask |= end->qp->qp_type == IBV_QPT_UD ? IBV_QP_QKEY : IBV_QP_ACCESS_FLAGS;
	ret = ibv_modify_qp(end->qp, &attr, mask);
	CHECK(!ret, "QP to INIT: %s", strerror(ret));
	return 0;
}

int end_to_rtr(struct end *end, const struct setup *setup)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTR,
		.path_mtu = end->path_mtu,
		.dest_qp_num = end->remote_qpn,
		.rq_psn = end->recv_psn,
		.max_dest_rd_atomic = end->max_dest_rd_atomic,
		.min_rnr_timer = setup->min_rnr_timer,
		.ah_attr = { .dlid = end->remote_lid, .port_num = end->node->port },
	};
	int mask = IBV_QP_STATE;
	int ret;

	if (end->qp->qp_type != IBV_QPT_UD)
		mask |= IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN;
	if (end->qp->qp_type == IBV_QPT_RC)
		mask |= IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER;
	ret = ibv_modify_qp(end->qp, &attr, mask);
	CHECK(!ret, "QP to RTR: %s", strerror(ret));
	return 0;
}

int end_to_rts(struct end *end, const struct setup *setup)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTS,
		.sq_psn = end->send_psn,
		.timeout = setup->timeout,
		.retry_cnt = setup->retry_cnt,
		.rnr_retry = setup->rnr_retry,
		.max_rd_atomic = end->max_rd_atomic,
	};
	int mask = IBV_QP_STATE | IBV_QP_SQ_PSN;
	int ret;

	if (end->qp->qp_type == IBV_QPT_RC)
		mask |= IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
			IBV_QP_MAX_QP_RD_ATOMIC;
	ret = ibv_modify_qp(end->qp, &attr, mask);
	CHECK(!ret, "QP to RTS: %s", strerror(ret));
	return 0;
}

int end_set_state(struct end *end, enum ibv_qp_state state)
{
	struct ibv_qp_attr attr = { .qp_state = state };
	int ret = ibv_modify_qp(end->qp, &attr, IBV_QP_STATE);

	CHECK(!ret, "QP to state %d: %s", state, strerror(ret));
	return 0;
}

int end_state(struct end *end)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;
	int ret = ibv_query_qp(end->qp, &attr, IBV_QP_STATE, &init);

	CHECK(!ret, "ibv_query_qp: %s", strerror(ret));
	return attr.qp_state;
}

int expect_error_state(struct end *end)
{
	double deadline = now_ms() + 2000;

	while (end_state(end) != IBV_QPS_ERR)
		CHECK(now_ms() < deadline, "the QP's state is %d", end_state(end));
	return 0;
}

int pair_connect(struct pair *pair)
{
	TRY(end_to_init(&pair->a));
	TRY(end_to_init(&pair->b));
	TRY(end_to_rtr(&pair->a, &pair->setup));
	TRY(end_to_rtr(&pair->b, &pair->setup));
	TRY(end_to_rts(&pair->a, &pair->setup));
	TRY(end_to_rts(&pair->b, &pair->setup));
	return 0;
}

struct pair *pair_new(const struct setup *setup)
{
	struct pair *pair = pair_alloc(setup);

	return pair && !pair_connect(pair) ? pair : NULL;
}

void end_destroy_qp(struct end *end)
{
	if (end->qp && ibv_destroy_qp(end->qp))
		complain(__FILE__, __LINE__, "ibv_destroy_qp fails");
	end->qp = NULL;
}

static void free_end(struct end *end)
{
	end_destroy_qp(end);
	if (end->srq)
		ibv_destroy_srq(end->srq);
	if (end->send_cq && end->send_cq != end->recv_cq)
		ibv_destroy_cq(end->send_cq);
	if (end->recv_cq)
		ibv_destroy_cq(end->recv_cq);
	if (end->channel)
		ibv_destroy_comp_channel(end->channel);
	if (end->mr)
		ibv_dereg_mr(end->mr);
	if (end->pd && ibv_dealloc_pd(end->pd))
		complain(__FILE__, __LINE__, "ibv_dealloc_pd fails: something is left in it");
	free(end->buffer);
}

void pair_free(struct pair *pair)
{
	struct pair **link = &pairs;

	while (*link != pair)
		link = &(*link)->next;
	*link = pair->next;
	free_end(&pair->a);
	free_end(&pair->b);
	free(pair);
}

void pairs_free(void)
{
	while (pairs)
		pair_free(pairs);
}
