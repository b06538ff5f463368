// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include <rdma/rdma_cma.h>

#include "flood.h"
#include "own_qp.h"

#define NAME_SIZE 16
#define TIMEOUT_MS 4000
#define TRIES 5
#define KINDS 64
#define BACKLOG 1024

static struct rdma_event_channel *channel;

static void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

static void open_channel(void)
{
	channel = rdma_create_event_channel();
	if (!channel)
		die("no RDMA CM here");
}

void flood_serve(const char *name, unsigned int port, atomic_ulong *requests)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	char answer[NAME_SIZE] = "";
	struct rdma_cm_event *event;
	struct rdma_cm_id *listener;
	struct pollfd ready[2] = { { .events = POLLIN }, { .events = POLLIN } };
	sigset_t signals;

	open_channel();
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	snprintf(answer, sizeof(answer), "%s", name);
	if (rdma_create_id(channel, &listener, NULL, RDMA_PS_TCP) ||
	    rdma_bind_addr(listener, (struct sockaddr *)&any) || rdma_listen(listener, BACKLOG))
		die("listen");
	printf("listening\n");
	fflush(stdout);
	ready[0].fd = signalfd(-1, &signals, SFD_CLOEXEC);
	ready[1].fd = channel->fd;
	/* librdmacm passes over a request whose device has gone, and waits for the next. */
	fcntl(channel->fd, F_SETFL, O_NONBLOCK);
	while (poll(ready, 2, -1) > 0 && !ready[0].revents) {
		struct rdma_cm_id *id;
		bool request;

		if (rdma_get_cm_event(channel, &event)) {
			if (errno == EAGAIN)
				continue;
			die("get_cm_event");
		}
		request = event->event == RDMA_CM_EVENT_CONNECT_REQUEST;
		id = event->id;
		if (request) {
			atomic_fetch_add(requests, 1);
			/* The peer may have given up. */
			rdma_reject(id, answer, sizeof(answer));
		}
		rdma_ack_cm_event(event);
		if (request)
			rdma_destroy_id(id);
	}
	rdma_destroy_id(listener);
	rdma_destroy_event_channel(channel);
}

static struct kind {
	char text[80];
	unsigned int count;
} kinds[KINDS];

static void count(const char *text)
{
	for (struct kind *kind = kinds; kind < kinds + KINDS; kind++) {
		if (kind->count && strcmp(kind->text, text))
			continue;
		snprintf(kind->text, sizeof(kind->text), "%s", text);
		kind->count++;
		return;
	}
	die("more ways to end than expected");
}

/* The context of its id. */
struct attempt {
	unsigned int tries;
	struct ibv_qp *qp;
};

static void start(struct sockaddr_in *address, unsigned int tries)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	struct rdma_cm_id *id;

	if (!attempt)
		die("calloc");
	attempt->tries = tries;
	if (rdma_create_id(channel, &id, attempt, RDMA_PS_TCP))
		die("create_id");
	if (rdma_resolve_addr(id, NULL, (struct sockaddr *)address, TIMEOUT_MS))
		die("resolve_addr");
}

/* The peer takes a QP number that it has seen lately for a leftover: hence one for each attempt. */
static int request(struct rdma_cm_id *id)
{
	struct rdma_conn_param parameters = { .retry_count = 7, .rnr_retry_count = 7 };
	struct attempt *attempt = id->context;

	attempt->qp = own_qp(id->verbs);
	parameters.qp_num = attempt->qp->qp_num;
	return rdma_connect(id, &parameters);
}

static void end(struct rdma_cm_id *id)
{
	struct attempt *attempt = id->context;

	rdma_destroy_id(id);
	if (attempt->qp)
		ibv_destroy_qp(attempt->qp);
	free(attempt);
}

static void describe(const struct rdma_cm_event *event, char *text, size_t size)
{
	const char *data = event->param.conn.private_data;
	size_t length = event->param.conn.private_data_len;

	if (event->event == RDMA_CM_EVENT_REJECTED && event->status == 28 && data &&
	    length >= NAME_SIZE && data[0] >= 'a' && data[0] <= 'z') {
		snprintf(text, size, "answered by %.*s", NAME_SIZE, data);
		return;
	}
	/* The extended kernel's refusal: RDMA_CM_NS_REFUSAL_MAGIC, a version, a reason. */
	if (event->event == RDMA_CM_EVENT_REJECTED && data && length >= 6 &&
	    !memcmp(data, "\xceSR\xca", 4))
		snprintf(text, size, "refused, reason %d", data[5]);
	else
		snprintf(text, size, "%s %d", rdma_event_str(event->event), event->status);
}

void flood_connect(unsigned int total, unsigned int width, const char *to, unsigned int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	unsigned int started = 0, ended = 0, again = 0;
	struct rdma_cm_event *event;
	char text[80];

	if (inet_pton(AF_INET, to, &address.sin_addr) != 1) {
		fprintf(stderr, "%s: '%s' is no IPv4 address\n", program_invocation_short_name, to);
		exit(2);
	}
	open_channel();
	while (started < total && started < width) {
		start(&address, 0);
		started++;
	}
	while (ended < total) {
		struct rdma_cm_id *id;
		unsigned int tries;
		int failed = 0;

		if (rdma_get_cm_event(channel, &event))
			die("get_cm_event");
		id = event->id;
		tries = ((struct attempt *)id->context)->tries;
		text[0] = '\0';
		switch (event->event) {
		case RDMA_CM_EVENT_ADDR_RESOLVED:
			failed = rdma_resolve_route(id, TIMEOUT_MS);
			break;
		case RDMA_CM_EVENT_ROUTE_RESOLVED:
			failed = request(id);
			break;
		case RDMA_CM_EVENT_ADDR_ERROR:
		case RDMA_CM_EVENT_ROUTE_ERROR:
			/* Of this side, before any request: a busy subnet manager. */
			failed = 1;
			break;
		default:
			describe(event, text, sizeof(text));
		}
		if (failed)
			snprintf(text, sizeof(text), "%s, then %s", rdma_event_str(event->event),
				 strerror(errno));
		rdma_ack_cm_event(event);
		if (!text[0])
			continue;
		end(id);
		if (failed && tries < TRIES) {
			again++;
			start(&address, tries + 1);
			continue;
		}
		count(text);
		ended++;
		if (started < total) {
			start(&address, 0);
			started++;
		}
	}
	for (const struct kind *kind = kinds; kind < kinds + KINDS && kind->count; kind++)
		printf("%u %s\n", kind->count, kind->text);
	if (again)
		fprintf(stderr, "%s: %u attempts failed to resolve and were made again\n",
			program_invocation_short_name, again);
	rdma_destroy_event_channel(channel);
}
