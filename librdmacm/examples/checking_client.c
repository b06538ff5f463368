// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A client that checks who has answered before it sends anything: the netdev at which it aimed, or
 * another one that also has the address.
 *
 *     ns-checking-client ADDRESS PORT MESSAGE
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rdma/rdma_ns.h>
#include <rdma/rdma_verbs.h>

#define MESSAGE_MAX 64

static int fail(const char *what)
{
	fprintf(stderr, "ns-checking-client: %s: %s\n", what, strerror(errno));
	return 1;
}

static int send_message(struct rdma_cm_id *id, const char *text)
{
	char message[MESSAGE_MAX] = "";
	struct ibv_mr *region = rdma_reg_msgs(id, message, sizeof(message));
	struct ibv_wc done;
	int status = 0;

	if (!region)
		return fail("cannot register memory");
	snprintf(message, sizeof(message), "%s", text);
	if (rdma_post_send(id, NULL, message, sizeof(message), region, 0))
		status = fail("cannot send");
	else if (rdma_get_send_comp(id, &done) != 1 || done.status != IBV_WC_SUCCESS)
		status = fail("not sent");
	rdma_dereg_mr(region);
	return status;
}

static int check(struct rdma_cm_id *id)
{
	struct rdma_ns_exchange exchange;

	if (rdma_ns_get_exchange(id, &exchange, sizeof(exchange)))
		return fail("cannot tell who answered");
	printf("answered by: %s\n", rdma_ns_answer_str(exchange.answer));
	/*
	 * The answer is "not known" for a stock peer, and over RoCE and iWARP, which need no QPN.
	 */
	return exchange.answer == RDMA_NS_ANSWER_ELSEWHERE;
}

/* The peer's library may say why it has refused. */
static int tell_refused(struct rdma_cm_id *id, int error)
{
	struct rdma_ns_exchange exchange = { 0 };

	rdma_ns_get_exchange(id, &exchange, sizeof(exchange));
	errno = error;
	if (exchange.refusal == RDMA_NS_REASON_NONE)
		return fail("not connected");
	printf("refused: %s\n", rdma_ns_reason_str(exchange.refusal));
	return 1;
}

int main(int argc, char **argv)
{
	struct rdma_addrinfo hints = { .ai_port_space = RDMA_PS_TCP };
	struct ibv_qp_init_attr attr = {
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.sq_sig_all = 1,
	};
	struct rdma_addrinfo *info;
	struct rdma_cm_id *id;
	int status;

	if (argc != 4) {
		fprintf(stderr, "Usage: %s ADDRESS PORT MESSAGE\n", argv[0]);
		return 2;
	}
	if (rdma_getaddrinfo(argv[1], argv[2], &hints, &info))
		return fail("no such address or port");
	/*
	 * Without options the id is in this namespace and its policy only reports; check() decides.
	 */
	if (rdma_ns_create_ep(&id, info, NULL, &attr, NULL)) {
		status = fail("cannot be resolved");
		goto free;
	}
	if (rdma_ns_connect(id, NULL)) {
		status = tell_refused(id, errno);
		goto destroy;
	}
	status = check(id);
	if (status)
		goto destroy;
	status = send_message(id, argv[3]);
	/* This waits for the peer, which is fine because the peer is trusted. */
	rdma_disconnect(id);
destroy:
	rdma_ns_destroy_ep(id);
free:
	rdma_freeaddrinfo(info);
	return status;
}
