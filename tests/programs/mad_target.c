// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: mad-target NAME PORT BACKLOG NAP QPN ADDRESS...
 *
 * A listener for mad-storm and for honest clients, for connections and for datagrams. It answers
 * the latter with a reject that has NAME in it, as "cm-flood serve" does, and accepts, rejects or
 * drops the former's requests, which have a mark. A request whose destination is none of ADDRESSes,
 * or whose record names another QPN than QPN, is misdelivered: it is printed. NAP are the
 * milliseconds that it sleeps at each request. Prints "listening", "stormed" at the first request
 * of the former, and at SIGTERM how many came of each kind. Exit status: 0, 1 failed, 2 usage.
 */
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
#include <time.h>

#include <rdma/rdma_cma.h>

#include "own_qp.h"
#include "storm.h"

#define NAME_SIZE 16
#define HELD 16
/* Waiting for whatever the other side still sends, at the end. */
#define SILENCE_MS 200

static struct rdma_event_channel *channel;
static char answer[NAME_SIZE];
static uint32_t qpn;
static char **addresses;
static struct timespec nap;
static struct rdma_cm_id *held[HELD];
static struct ibv_qp *qps[2];
static unsigned long honest, stormed, misdelivered;

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "mad-target: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct rdma_cm_id *listen_for(enum rdma_port_space space, const char *port, int backlog)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
				    .sin6_port = htons((uint16_t)atoi(port)) };
	struct rdma_cm_id *id;

	if (rdma_create_id(channel, &id, NULL, space) ||
	    rdma_bind_addr(id, (struct sockaddr *)&any) || rdma_listen(id, backlog))
		die("listen");
	return id;
}

static bool has_address(const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	char text[INET6_ADDRSTRLEN] = "neither IPv4 nor IPv6";

	if (address->sa_family == AF_INET)
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
	else if (address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
	for (char **one = addresses; *one; one++)
		if (!strcmp(*one, text))
			return true;
	printf("misdelivered: %s\n", text);
	return false;
}

/* Where it was sent, by its mark; 0: no record that counts. */
static bool aimed_here(const uint8_t *data)
{
	uint32_t aim;

	memcpy(&aim, data + sizeof(STORM_MARK) - 1, sizeof(aim));
	aim = ntohl(aim);
	if (!aim || aim == qpn)
		return true;
	printf("misdelivered: aimed at QPN 0x%x\n", aim);
	return false;
}

static void hold(struct rdma_cm_id *id)
{
	static unsigned int next;

	if (held[next % HELD])
		rdma_destroy_id(held[next % HELD]);
	held[next++ % HELD] = id;
}

static void forget(const struct rdma_cm_id *id)
{
	for (unsigned int i = 0; i < HELD; i++)
		if (held[i] == id)
			held[i] = NULL;
}

static struct ibv_qp *qp_for(struct rdma_cm_id *id)
{
	const bool datagrams = id->ps == RDMA_PS_UDP;

	if (!qps[datagrams])
		qps[datagrams] = own_qp_of_type(id->verbs, datagrams ? IBV_QPT_UD : IBV_QPT_RC);
	return qps[datagrams];
}

/* One of the storm's: anything may become of it, and the other side may have given up. */
static void take_hostile(struct rdma_cm_id *id)
{
	struct rdma_conn_param param = { .responder_resources = 1, .initiator_depth = 1 };

	switch (stormed % 4) {
	case 0:
		rdma_reject(id, NULL, 0);
		rdma_destroy_id(id);
		break;
	case 1:
		rdma_destroy_id(id);
		break;
	default:
		param.qp_num = qp_for(id)->qp_num;
		rdma_accept(id, &param);
		hold(id);
	}
}

static void take_request(const struct rdma_cm_event *event, const uint8_t *data, size_t length)
{
	struct rdma_cm_id *id = event->id;
	const bool marked = length >= 8 && !memcmp(data, STORM_MARK, sizeof(STORM_MARK) - 1);

	if (!has_address(rdma_get_local_addr(id)) || (marked && !aimed_here(data)))
		misdelivered++;
	nanosleep(&nap, NULL);
	if (marked) {
		if (!stormed++)
			puts("stormed");
		take_hostile(id);
		return;
	}
	honest++;
	rdma_reject(id, answer, sizeof(answer));
	rdma_destroy_id(id);
}

static void take_event(void)
{
	struct rdma_cm_event *event, copy;
	uint8_t data[256];
	size_t length;

	if (rdma_get_cm_event(channel, &event)) {
		if (errno == EAGAIN)
			return;
		die("get_cm_event");
	}
	copy = *event;
	if (copy.event != RDMA_CM_EVENT_CONNECT_REQUEST) {
		rdma_ack_cm_event(event);
		/* The listener's own would have no place in the list. */
		if (copy.event == RDMA_CM_EVENT_DISCONNECTED ||
		    copy.event == RDMA_CM_EVENT_REJECTED ||
		    copy.event == RDMA_CM_EVENT_CONNECT_ERROR) {
			forget(copy.id);
			rdma_destroy_id(copy.id);
		}
		return;
	}
	length = copy.id->ps == RDMA_PS_UDP ? copy.param.ud.private_data_len :
					      copy.param.conn.private_data_len;
	if (length)
		memcpy(data,
		       copy.id->ps == RDMA_PS_UDP ? copy.param.ud.private_data :
						    copy.param.conn.private_data,
		       length);
	rdma_ack_cm_event(event);
	take_request(&copy, data, length);
}

int main(int argc, char **argv)
{
	struct pollfd ready[2] = { { .events = POLLIN }, { .events = POLLIN } };
	struct rdma_cm_id *listeners[2];
	sigset_t signals;

	if (argc < 7) {
		fputs("usage: mad-target NAME PORT BACKLOG NAP QPN ADDRESS...\n", stderr);
		return 2;
	}
	snprintf(answer, sizeof(answer), "%s", argv[1]);
	nap.tv_nsec = atoi(argv[4]) * 1000000L;
	qpn = (uint32_t)strtoul(argv[5], NULL, 0);
	addresses = argv + 6;
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	channel = rdma_create_event_channel();
	if (!channel)
		die("no RDMA CM here");
	listeners[0] = listen_for(RDMA_PS_TCP, argv[2], atoi(argv[3]));
	listeners[1] = listen_for(RDMA_PS_UDP, argv[2], atoi(argv[3]));
	puts("listening");
	ready[0].fd = signalfd(-1, &signals, SFD_CLOEXEC);
	ready[1].fd = channel->fd;
	fcntl(channel->fd, F_SETFL, O_NONBLOCK);
	while (poll(ready, 2, -1) > 0 && !ready[0].revents)
		take_event();
	while (poll(ready + 1, 1, SILENCE_MS) > 0)
		take_event();
	for (unsigned int i = 0; i < HELD; i++)
		if (held[i])
			rdma_destroy_id(held[i]);
	rdma_destroy_id(listeners[0]);
	rdma_destroy_id(listeners[1]);
	rdma_destroy_event_channel(channel);
	printf("%lu honest, %lu of the storm, %lu misdelivered\n", honest, stormed, misdelivered);
	return 0;
}
