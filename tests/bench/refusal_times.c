// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: refusal-times COUNT GID PEER-GID P_KEY SOURCE NAME=PORT,DESTINATION,QPN...
 *
 * Makes COUNT connection requests of each kind, in random order, that the peer is to refuse, and
 * prints for each one a line: its kind's NAME and the nanoseconds from the request to the refusal.
 * The requests are by AF_IB, so that they can name any IPv4 addresses and aim at any IPoIB QPN, and
 * so that this side's kernel does not itself look into a refusal before it tells of it. Exit
 * status: 0, 1 failed, 2 usage.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ip_header.h"
#include "own_qp.h"
#include "resolve.h"

#define KINDS 8

static struct kind {
	const char *name;
	unsigned int left;
	struct sockaddr_ib to;
	struct ip_header header;
} kinds[KINDS];

static struct rdma_event_channel *channel;
static struct sockaddr_ib from;

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "refusal-times: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __attribute__((noreturn)) void usage(void)
{
	fputs("refusal-times: usage: COUNT GID PEER-GID P_KEY SOURCE NAME=PORT,DESTINATION,QPN...\n",
	      stderr);
	exit(2);
}

static void parse_gid(const char *text, uint8_t gid[16])
{
	if (inet_pton(AF_INET6, text, gid) != 1)
		usage();
}

static void parse_kind(struct kind *kind, char *text, const uint8_t peer[16], uint16_t pkey,
		       const char *source)
{
	char *port, *destination, *qpn;

	kind->name = strtok(text, "=");
	port = strtok(NULL, ",");
	destination = strtok(NULL, ",");
	qpn = strtok(NULL, ",");
	if (!qpn || !ip_header_fill(&kind->header, source, destination, qpn))
		usage();
	resolve_ib_address(&kind->to, peer, pkey, RDMA_PS_TCP, htons((uint16_t)atoi(port)));
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* The peer takes a QP number that it has seen lately for a leftover: hence one for each request. */
static void request(struct kind *kind)
{
	struct rdma_cm_id *id = resolve_id(channel, RDMA_PS_TCP, &from, &kind->to);
	struct ibv_qp *qp = own_qp(id->verbs);
	struct rdma_conn_param param = {
		.private_data = &kind->header,
		.private_data_len = sizeof(kind->header),
		.qp_num = qp->qp_num,
	};
	struct rdma_cm_event *event;
	int64_t began = now(), took;

	if (rdma_connect(id, &param))
		die("rdma_connect");
	if (rdma_get_cm_event(channel, &event))
		die("rdma_get_cm_event");
	took = now() - began;
	if (event->event != RDMA_CM_EVENT_REJECTED) {
		fprintf(stderr, "refusal-times: %s: %s %d\n", kind->name,
			rdma_event_str(event->event), event->status);
		exit(1);
	}
	printf("%s %lld\n", kind->name, (long long)took);
	rdma_ack_cm_event(event);
	rdma_destroy_id(id);
	ibv_destroy_qp(qp);
}

static struct kind *draw(unsigned int left)
{
	unsigned int drawn = (unsigned int)random() % left;
	struct kind *kind = kinds;

	for (; drawn >= kind->left; kind++)
		drawn -= kind->left;
	return kind;
}

int main(int argc, char **argv)
{
	uint8_t gid[16], peer[16];
	unsigned int count, left = 0;
	uint16_t pkey;

	if (argc < 7 || argc > 6 + KINDS)
		usage();
	count = (unsigned int)atoi(argv[1]);
	parse_gid(argv[2], gid);
	parse_gid(argv[3], peer);
	pkey = (uint16_t)strtoul(argv[4], NULL, 0);
	resolve_ib_address(&from, gid, pkey, RDMA_PS_TCP, 0);
	for (int i = 6; i < argc; i++) {
		parse_kind(&kinds[i - 6], argv[i], peer, pkey, argv[5]);
		kinds[i - 6].left = count;
		left += count;
	}
	channel = rdma_create_event_channel();
	if (!channel)
		die("no RDMA CM here");
	for (; left; left--) {
		struct kind *kind = draw(left);

		kind->left--;
		request(kind);
	}
	return 0;
}
