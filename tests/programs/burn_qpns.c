// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: burn-qpns DEVICE COUNT
 *
 * Makes and destroys COUNT QPs on DEVICE, so that the next QP there has a number that is higher by
 * COUNT. Exit status: 0, 1 failed, 2 usage.
 */
#include <infiniband/verbs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ibv_context *open_device(const char *name)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct ibv_context *context = NULL;

	for (int i = 0; list && list[i] && !context; i++) {
		if (!strcmp(ibv_get_device_name(list[i]), name))
			context = ibv_open_device(list[i]);
	}
	if (list)
		ibv_free_device_list(list);
	return context;
}

static int burn(struct ibv_context *context, long count)
{
	struct ibv_pd *pd = ibv_alloc_pd(context);
	struct ibv_cq *cq = ibv_create_cq(context, 1, NULL, NULL, 0);
	struct ibv_qp_init_attr attributes = {
		.send_cq = cq,
		.recv_cq = cq,
		.cap = { 1, 1, 1, 1, 0 },
		.qp_type = IBV_QPT_RC,
	};

	if (!pd || !cq)
		return -1;
	for (; count > 0; count--) {
		struct ibv_qp *qp = ibv_create_qp(pd, &attributes);

		if (!qp || ibv_destroy_qp(qp))
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct ibv_context *context;

	if (argc != 3) {
		fprintf(stderr, "usage: burn-qpns DEVICE COUNT\n");
		return 2;
	}
	context = open_device(argv[1]);
	/* What was made goes with the process. */
	if (!context || burn(context, atol(argv[2]))) {
		perror("burn-qpns");
		return 1;
	}
	return 0;
}
