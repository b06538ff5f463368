// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A server that refuses requests by policy. It says which requests it refuses and why, and takes
 * one message from each client that it accepts.
 *
 *     ns-policy-server POLICY COUNT PORT [ADDRESS]
 *
 * POLICY is report, verify or strict. It ends after COUNT messages.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdma/rdma_ns.h>
#include <rdma/rdma_verbs.h>

#define MESSAGE_MAX 64
#define PATIENCE_MS 5000

static int fail(const char *what)
{
	fprintf(stderr, "ns-policy-server: %s: %s\n", what, strerror(errno));
	return -1;
}

/* rdma_ns_get_request() never returns a refused request; only an observer learns of it. */
static void observe(const struct rdma_ns_observation *observation, void *context)
{
	(void)context;
	if (observation->what != RDMA_NS_OBSERVED_REQUEST ||
	    observation->resolution->verdict != RDMA_NS_REJECT)
		return;
	printf("refused: %s\n", rdma_ns_reason_str(observation->resolution->reason));
}

/* This function owns the id and destroys it. */
static int serve(struct rdma_cm_id *id)
{
	struct rdma_ns_ingress ingress;
	char message[MESSAGE_MAX] = "";
	struct pollfd readable = { .fd = id->recv_cq_channel->fd, .events = POLLIN };
	struct ibv_mr *region;
	struct ibv_wc done;
	int result = -1;

	if (rdma_ns_get_ingress(id, &ingress, sizeof(ingress))) {
		fail("cannot tell how the request arrived");
		goto destroy;
	}
	region = rdma_reg_msgs(id, message, sizeof(message));
	if (!region) {
		fail("cannot register memory");
		goto destroy;
	}
	/* Post this before accepting, since the client may send at once. */
	if (rdma_post_recv(id, NULL, message, sizeof(message), region) ||
	    ibv_req_notify_cq(id->recv_cq, 0)) {
		fail("cannot receive");
		goto deregister;
	}
	if (rdma_ns_accept(id, NULL)) {
		fail("cannot accept");
		goto deregister;
	}
	/* A client that connects and sends nothing keeps the others waiting. */
	if (poll(&readable, 1, PATIENCE_MS) != 1) {
		fputs("ns-policy-server: no message in time\n", stderr);
		goto deregister;
	}
	if (rdma_get_recv_comp(id, &done) != 1 || done.status != IBV_WC_SUCCESS) {
		fputs("ns-policy-server: no message\n", stderr);
		goto deregister;
	}
	message[sizeof(message) - 1] = '\0';
	printf("accepted: by %s on %s: %s\n", rdma_ns_decided_by_str(ingress.decided_by),
	       ingress.name, message);
	result = 0;
	rdma_disconnect(id);
deregister:
	rdma_dereg_mr(region);
destroy:
	rdma_ns_destroy_ep(id);
	return result;
}

int main(int argc, char **argv)
{
	struct rdma_addrinfo hints = { .ai_flags = RAI_PASSIVE, .ai_port_space = RDMA_PS_TCP };
	struct ibv_qp_init_attr attr = {
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.sq_sig_all = 1,
	};
	/* The fields not named are zero: the id is in this namespace and bound to no netdev. */
	struct rdma_ns_id_opts opts = { .size = sizeof(opts) };
	struct rdma_cm_id *listener, *id;
	struct rdma_addrinfo *info;
	int status = 1;

	if (argc < 4 || argc > 5 || rdma_ns_policy_parse(argv[1], &opts.policy)) {
		fprintf(stderr, "Usage: %s report|verify|strict COUNT PORT [ADDRESS]\n", argv[0]);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (rdma_getaddrinfo(argc == 5 ? argv[4] : "0.0.0.0", argv[3], &hints, &info)) {
		fail("no such address or port");
		return 1;
	}
	if (rdma_ns_create_ep(&listener, info, NULL, &attr, &opts)) {
		fail("cannot create an endpoint");
		goto free;
	}
	if (rdma_ns_set_observer(observe, NULL) || rdma_ns_listen(listener, 0)) {
		fail("cannot listen");
		goto destroy;
	}
	puts("listening");
	for (int served = 0; served < atoi(argv[2]);) {
		if (rdma_ns_get_request(listener, &id)) {
			fail("no request");
			goto destroy;
		}
		served += !serve(id);
	}
	status = 0;
destroy:
	rdma_ns_destroy_ep(listener);
free:
	rdma_freeaddrinfo(info);
	return status;
}
