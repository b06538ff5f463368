// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What a QP still holds of a message that broke off, and how its owner may not get at it. */
#include <errno.h>
#include <string.h>
#include "verbs.h"

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
};

int main(int argc, char **argv)
{
	return verbs_main(argc, argv, cases, ARRAY_SIZE(cases));
}
