// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-raw listen rc|ud ADDRESS PORT [HEX]
 *        cm-raw connect rc|ud ADDRESS PORT [HEX]
 *        cm-raw listen rc|ud ib PORT [HEX [GID]]
 *        cm-raw connect rc|ud ib PORT HEX GID PEER-GID P_KEY
 *
 * Private data, byte for byte. With IP addresses they are an application's; with "ib" (AF_IB, at
 * the same service ID) all of the message's, those of RDMA CM included; with a GID the listener is
 * for AF_IB only, so that it can share the port with one for IP. "listen" prints "listening"
 * and for each request "request" with its private data, and accepts with HEX; SIGTERM ends it.
 * "connect" prints how it ended, as "ESTABLISHED", or another event with its status, and the
 * answer's private data.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "own_qp.h"
#include "parse.h"
#include "resolve.h"

#define LARGEST 256

static struct rdma_event_channel *channel;
static enum rdma_port_space space = RDMA_PS_TCP;
static struct rdma_conn_param param = { .responder_resources = 1, .initiator_depth = 1 };

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "cm-raw: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __attribute__((noreturn)) void usage(void)
{
	fputs("cm-raw: usage: listen|connect rc|ud ADDRESS|ib PORT [HEX [GID [PEER-GID P_KEY]]]\n",
	      stderr);
	exit(2);
}

static void print_data(const struct rdma_cm_event *event)
{
	const uint8_t *data = event->param.conn.private_data;
	size_t length = event->param.conn.private_data_len;

	if (space == RDMA_PS_UDP) {
		data = event->param.ud.private_data;
		length = event->param.ud.private_data_len;
	}
	putchar(' ');
	for (size_t i = 0; data && i < length; i++)
		printf("%02x", data[i]);
	putchar('\n');
	fflush(stdout);
}

static void parse_gid(const char *text, uint8_t gid[16])
{
	if (inet_pton(AF_INET6, text, gid) != 1)
		usage();
}

static void listen_at(void *address, bool afonly)
{
	struct rdma_cm_event *event;
	struct rdma_cm_id *id;
	int only = 1;

	if (rdma_create_id(channel, &id, NULL, space) ||
	    (afonly &&
	     rdma_set_option(id, RDMA_OPTION_ID, RDMA_OPTION_ID_AFONLY, &only, sizeof(only))) ||
	    rdma_bind_addr(id, address) || rdma_listen(id, 8))
		die("listen");
	puts("listening");
	fflush(stdout);
	while (!rdma_get_cm_event(channel, &event)) {
		const bool request = event->event == RDMA_CM_EVENT_CONNECT_REQUEST;

		id = event->id;
		if (request) {
			printf("request");
			print_data(event);
		}
		rdma_ack_cm_event(event);
		if (!request)
			continue;
		param.qp_num = own_qp(id->verbs)->qp_num;
		if (rdma_accept(id, &param))
			die("rdma_accept");
		rdma_destroy_id(id);
	}
	die("rdma_get_cm_event");
}

static void connect_to(void *from, void *to)
{
	struct rdma_cm_id *id = resolve_id(channel, space, from, to);
	struct pollfd ready = { .fd = channel->fd, .events = POLLIN };
	struct rdma_cm_event *event;

	param.qp_num = own_qp(id->verbs)->qp_num;
	if (rdma_connect(id, &param))
		die("rdma_connect");
	if (poll(&ready, 1, 4 * RESOLVE_TIMEOUT_MS) <= 0) {
		puts("nothing");
		return;
	}
	if (rdma_get_cm_event(channel, &event))
		die("rdma_get_cm_event");
	if (event->event == RDMA_CM_EVENT_CONNECT_RESPONSE ||
	    event->event == RDMA_CM_EVENT_ESTABLISHED)
		printf("ESTABLISHED");
	else
		printf("%s %d", rdma_event_str(event->event) + strlen("RDMA_CM_EVENT_"),
		       event->status);
	print_data(event);
	rdma_ack_cm_event(event);
	rdma_destroy_id(id);
}

int main(int argc, char **argv)
{
	static uint8_t data[LARGEST];
	uint8_t gid[16] = { 0 }, peer[16];
	struct sockaddr_storage address;
	struct sockaddr_ib from, to;
	bool by_ib, listens;

	if (argc < 5)
		usage();
	listens = !strcmp(argv[1], "listen");
	if ((!listens && strcmp(argv[1], "connect")) ||
	    (strcmp(argv[2], "rc") && strcmp(argv[2], "ud")))
		usage();
	by_ib = !strcmp(argv[3], "ib");
	if (by_ib && !listens ? argc != 9 : argc > 6 + by_ib)
		usage();
	if (!strcmp(argv[2], "ud"))
		space = RDMA_PS_UDP;
	if (argc > 5)
		param.private_data_len = (uint8_t)parse_hex(argv[5], data, sizeof(data) - 1);
	param.private_data = data;
	channel = rdma_create_event_channel();
	if (!channel)
		die("no RDMA CM here");
	if (!by_ib) {
		parse_address(argv[3], argv[4], &address);
		if (listens)
			listen_at(&address, false);
		connect_to(NULL, &address);
		return 0;
	}
	if (listens) {
		if (argc > 6)
			parse_gid(argv[6], gid);
		resolve_ib_address(&to, gid, 0xffff, space, htons((uint16_t)atoi(argv[4])));
		listen_at(&to, argc > 6);
	}
	parse_gid(argv[6], gid);
	parse_gid(argv[7], peer);
	resolve_ib_address(&from, gid, (uint16_t)strtoul(argv[8], NULL, 0), space, 0);
	resolve_ib_address(&to, peer, (uint16_t)strtoul(argv[8], NULL, 0), space,
			   htons((uint16_t)atoi(argv[4])));
	connect_to(&from, &to);
	return 0;
}
