// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A listener and a client over librdma-ns that print what it tells them, one JSON object a line. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netns.h"
#include "ns_peer.h"

volatile bool ended;

static void end(int signal_number)
{
	(void)signal_number;
	ended = true;
}

static void usage(FILE *out)
{
	fputs("usage: ns-peer listen|connect [OPTION]... ADDRESS[%NETDEV]\n"
	      "  -p POLICY    report, verify or strict\n"
	      "  -I IFINDEX   bind to this netdev\n"
	      "  -N NETNS     create the id in /run/netns/NETNS\n"
	      "  -u           datagrams (SIDR) instead of a connection\n"
	      "  -L LENGTH... private data: bytes 1, 2, 3...; without: none. Of several lengths, with commas,\n"
	      "               each request gets the next one\n"
	      "  -0           no parameters at all (NULL)\n"
	      "  -s           connect: a synchronous id\n"
	      "  -c COUNT     connect: so many times (1)\n"
	      "  -r           listen: reject each request, with that private data\n"
	      "  -q           a QP of its own, that librdmacm does not know\n"
	      "  -e           a synchronous endpoint (rdma_create_ep)\n"
	      "  -S ADDRESS   connect: from this address\n"
	      "  -C LENGTH    connect, with -e: so many bytes of ai_connect before the private data\n",
	      out);
}

static bool parse_address(const char *text, struct sockaddr_storage *address)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	const char *percent = strchr(text, '%');
	char bare[64];

	snprintf(bare, sizeof(bare), "%.*s", percent ? (int)(percent - text) : 63, text);
	if (inet_pton(AF_INET, bare, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(PORT);
		return true;
	}
	if (inet_pton(AF_INET6, bare, &in6->sin6_addr) != 1)
		return false;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(PORT);
	in6->sin6_scope_id = percent ? if_nametoindex(percent + 1) : 0;
	return true;
}

static bool parse(int argc, char **argv, struct peer *peer)
{
	int letter;

	peer->opts = (struct rdma_ns_id_opts){ .size = sizeof(peer->opts) };
	peer->count = 1;
	if (argc < 2 || (strcmp(argv[1], "listen") && strcmp(argv[1], "connect")))
		return false;
	peer->listen = !strcmp(argv[1], "listen");
	argc--;
	argv++;
	while ((letter = getopt(argc, argv, "p:I:N:uL:0sc:rqeS:C:")) != -1) {
		switch (letter) {
		case 'p':
			if (rdma_ns_policy_parse(optarg, &peer->opts.policy))
				return false;
			break;
		case 'I':
			peer->opts.ifindex = (uint32_t)strtoul(optarg, NULL, 10);
			if (!peer->opts.ifindex)
				peer->opts.netdev = optarg;
			break;
		case 'N':
			peer->opts.flags = RDMA_NS_ID_NETNS_FD;
			peer->opts.netns_fd = netns_open(optarg);
			break;
		case 'u':
			peer->datagram = true;
			break;
		case 'L':
			peer->data_lengths = optarg;
			break;
		case '0':
			peer->null_param = true;
			break;
		case 's':
			peer->synchronous = true;
			break;
		case 'c':
			peer->count = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'r':
			peer->reject = true;
			break;
		case 'q':
			peer->own_qp = true;
			break;
		case 'e':
			peer->endpoint = true;
			break;
		case 'S':
			if (!parse_address(optarg, &peer->source))
				return false;
			/* At the same place for both families. */
			((struct sockaddr_in *)&peer->source)->sin_port = 0;
			break;
		case 'C':
			peer->connect_length = atoi(optarg);
			break;
		default:
			return false;
		}
	}
	for (int i = 0; i < 255; i++)
		peer->data[i] = (uint8_t)(i + 1);
	return optind + 1 == argc && parse_address(argv[optind], &peer->address);
}

/* For as long as the process: there is one. */
static int create_own_qp(struct rdma_cm_id *id)
{
	struct ibv_pd *pd = ibv_alloc_pd(id->verbs);
	struct ibv_cq *cq = ibv_create_cq(id->verbs, 1, NULL, NULL, 0);
	struct ibv_qp_init_attr attr = {
		.send_cq = cq,
		.recv_cq = cq,
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.qp_type = id->qp_type,
	};

	if (!pd || !cq)
		return -1;
	id->context = ibv_create_qp(pd, &attr);
	return id->context ? 0 : -1;
}

/* What librdmacm would do. */
static int ready_own_qp(struct rdma_cm_id *id)
{
	static const enum ibv_qp_state states[] = { IBV_QPS_INIT, IBV_QPS_RTR, IBV_QPS_RTS };

	for (int i = 0; i < 3; i++) {
		struct ibv_qp_attr attr = { .qp_state = states[i] };
		int mask;

		if (rdma_init_qp_attr(id, &attr, &mask))
			return -1;
		errno = ibv_modify_qp(id->context, &attr, mask);
		if (errno)
			return -1;
	}
	return 0;
}

static int create_qp(const struct peer *peer, struct rdma_cm_id *id)
{
	struct ibv_qp_init_attr attr = {
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.qp_type = id->qp_type,
	};

	return peer->own_qp ? create_own_qp(id) : rdma_create_qp(id, NULL, &attr);
}

static uint32_t qp_num(const struct peer *peer, const struct rdma_cm_id *id)
{
	const struct ibv_qp *qp = peer->own_qp ? id->context : id->qp;

	return qp ? qp->qp_num : 0;
}

uint8_t data_length(const struct peer *peer)
{
	static const char *at;
	uint8_t length;

	if (!peer->data_lengths)
		return 0;
	if (!at || !*at)
		at = peer->data_lengths;
	length = (uint8_t)atoi(at);
	at += strcspn(at, ",");
	at += *at == ',';
	return length;
}

struct rdma_conn_param *param_of(const struct peer *peer, const struct rdma_cm_id *id,
				 struct rdma_conn_param *param)
{
	*param = (struct rdma_conn_param){
		.private_data = peer->data,
		.private_data_len = data_length(peer),
		.responder_resources = 1,
		.initiator_depth = 1,
		.retry_count = 7,
		.rnr_retry_count = 7,
		.qp_num = qp_num(peer, id),
	};
	return peer->null_param ? NULL : param;
}

static void destroy(struct rdma_cm_id *id)
{
	if (id->qp)
		rdma_destroy_qp(id);
	rdma_ns_destroy_id(id);
}

static int accept_id(const struct peer *peer, struct rdma_cm_id *id)
{
	struct rdma_conn_param param;

	if (create_qp(peer, id) || (peer->own_qp && ready_own_qp(id)))
		return -1;
	return rdma_ns_accept(id, param_of(peer, id, &param));
}

static void answer(const struct peer *peer, struct rdma_cm_event *event)
{
	struct rdma_cm_id *id = event->id;
	int status;

	printf("{\"event\":\"request\"");
	print_data(event);
	print_ingress(id);
	rdma_ns_ack_cm_event(event);
	if (peer->reject)
		status = rdma_ns_reject(id, peer->data, data_length(peer));
	else
		status = accept_id(peer, id);
	if (status)
		status = -errno;
	print_exchange(id);
	printf(",\"status\":%d}\n", status);
	if (status || peer->reject || id->qp_type == IBV_QPT_UD)
		destroy(id);
}

static int serve(const struct peer *peer)
{
	struct pollfd readable = { .fd = peer->channel->fd, .events = POLLIN };
	struct rdma_cm_event *event;
	struct rdma_cm_id *id;

	while (!ended) {
		if (rdma_ns_get_cm_event(peer->channel, &event)) {
			if (errno != EAGAIN && errno != EINTR)
				return fail("rdma_ns_get_cm_event");
			poll(&readable, 1, 200);
			continue;
		}
		id = event->id;
		switch (event->event) {
		case RDMA_CM_EVENT_CONNECT_REQUEST:
			answer(peer, event);
			break;
		case RDMA_CM_EVENT_ESTABLISHED:
			rdma_ns_ack_cm_event(event);
			break;
		case RDMA_CM_EVENT_TIMEWAIT_EXIT:
			rdma_ns_ack_cm_event(event);
			break;
		default:
			rdma_ns_ack_cm_event(event);
			destroy(id);
		}
	}
	return print_statistics();
}

static int listen_on(const struct peer *peer, struct rdma_cm_id *id)
{
	if (rdma_ns_bind_addr(id, (struct sockaddr *)&peer->address))
		return fail("rdma_ns_bind_addr");
	if (rdma_ns_listen(id, 64))
		return fail("rdma_ns_listen");
	printf("{\"event\":\"listening\"}\n");
	return serve(peer);
}

/* The next event of an asynchronous id; true if it is the wanted one. */
static bool next(const struct peer *peer, enum rdma_cm_event_type wanted,
		 struct rdma_cm_event **event)
{
	struct pollfd readable = { .fd = peer->channel->fd, .events = POLLIN };

	while (rdma_ns_get_cm_event(peer->channel, event)) {
		*event = NULL;
		if (errno != EAGAIN || poll(&readable, 1, TIMEOUT_MS) <= 0)
			return false;
	}
	return (*event)->event == wanted;
}

static int wait_and_ack(const struct peer *peer, enum rdma_cm_event_type wanted)
{
	struct rdma_cm_event *event;
	bool came = next(peer, wanted, &event);

	if (!came && event)
		printf("{\"event\":\"%s\",\"status\":%d}\n", rdma_event_str(event->event) + 14,
		       event->status);
	else if (!came)
		fail("no event");
	if (event)
		rdma_ns_ack_cm_event(event);
	return came ? 0 : -1;
}

static int connect_to(const struct peer *peer, struct rdma_cm_id *id)
{
	const enum rdma_cm_event_type wanted = peer->own_qp && !peer->datagram ?
						       RDMA_CM_EVENT_CONNECT_RESPONSE :
						       RDMA_CM_EVENT_ESTABLISHED;
	struct sockaddr_storage from = peer->source;
	struct sockaddr *source = from.ss_family ? (struct sockaddr *)&from : NULL;
	struct rdma_conn_param param;
	struct rdma_cm_event *event;
	int status;

	if (rdma_ns_resolve_addr(id, source, (struct sockaddr *)&peer->address, TIMEOUT_MS))
		return fail("rdma_ns_resolve_addr");
	if (!peer->synchronous && wait_and_ack(peer, RDMA_CM_EVENT_ADDR_RESOLVED))
		return -1;
	if (rdma_resolve_route(id, TIMEOUT_MS))
		return fail("rdma_resolve_route");
	if (!peer->synchronous && wait_and_ack(peer, RDMA_CM_EVENT_ROUTE_RESOLVED))
		return -1;
	if (create_qp(peer, id))
		return fail("rdma_create_qp");
	if (rdma_ns_connect(id, param_of(peer, id, &param)))
		return fail("rdma_ns_connect");
	if (peer->synchronous)
		return report(id->event, id);
	if (!next(peer, wanted, &event) && !event)
		return fail("no event");
	status = report(event, id);
	rdma_ns_ack_cm_event(event);
	if (!status && wanted == RDMA_CM_EVENT_CONNECT_RESPONSE &&
	    (ready_own_qp(id) || rdma_establish(id)))
		return fail("rdma_establish");
	if (!status && !peer->datagram)
		status = rdma_disconnect(id) || wait_and_ack(peer, RDMA_CM_EVENT_DISCONNECTED);
	return status;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = end };
	struct peer peer = { 0 };
	struct rdma_cm_id *id;
	int status = 0;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		usage(stdout);
		return 0;
	}
	if (!parse(argc, argv, &peer)) {
		usage(stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGTERM, &action, NULL);
	if (peer.endpoint)
		return (peer.listen ? endpoint_listen(&peer) : endpoint_connect(&peer)) ? 1 : 0;
	peer.channel = rdma_create_event_channel();
	if (!peer.channel || fcntl(peer.channel->fd, F_SETFL, O_NONBLOCK))
		return fail("rdma_create_event_channel") ? 1 : 0;
	for (unsigned int i = 0; i < peer.count; i++) {
		if (rdma_ns_create_id(peer.synchronous ? NULL : peer.channel, &id, NULL,
				      peer.datagram ? RDMA_PS_UDP : RDMA_PS_TCP, &peer.opts)) {
			fail("rdma_ns_create_id");
			status = 1;
			break;
		}
		if (peer.listen ? listen_on(&peer, id) : connect_to(&peer, id))
			status = 1;
		/* A listener's connections end with the process. */
		if (peer.listen)
			return status;
		destroy(id);
	}
	rdma_destroy_event_channel(peer.channel);
	return status;
}
