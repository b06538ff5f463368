// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What both ends do with librdmacm. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmwho.h"

static volatile sig_atomic_t asked_to_end;
static sigset_t unblocked;

static void note_signal(int signal_number)
{
	(void)signal_number;
	asked_to_end = 1;
}

/*
 * The signals are unblocked only while waiting, so that none is missed between a check and the
 * wait.
 */
void cmwho_catch_signals(void)
{
	struct sigaction action = { .sa_handler = note_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int64_t cmwho_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

struct rdma_event_channel *cmwho_channel(void)
{
	struct rdma_event_channel *channel = rdma_create_event_channel();

	if (!channel) {
		fprintf(stderr, "cmwho: no RDMA CM here (%s): is the module rdma_ucm loaded?\n",
			strerror(errno));
		return NULL;
	}
	if (fcntl(channel->fd, F_SETFL, fcntl(channel->fd, F_GETFL) | O_NONBLOCK)) {
		perror("cmwho: event channel");
		rdma_destroy_event_channel(channel);
		return NULL;
	}
	return channel;
}

int cmwho_next_event(struct rdma_event_channel *channel, int64_t deadline,
		     struct rdma_cm_event **event)
{
	struct pollfd readable = { .fd = channel->fd, .events = POLLIN };

	for (;;) {
		struct timespec left, *timeout = NULL;

		if (asked_to_end) {
			errno = EINTR;
			return -1;
		}
		if (!rdma_get_cm_event(channel, event))
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return -1;
		if (deadline >= 0) {
			int64_t milliseconds = deadline - cmwho_milliseconds();

			if (milliseconds <= 0) {
				errno = ETIMEDOUT;
				return -1;
			}
			left.tv_sec = milliseconds / 1000;
			left.tv_nsec = milliseconds % 1000 * 1000000;
			timeout = &left;
		}
		if (ppoll(&readable, 1, timeout, &unblocked) < 0 && errno != EINTR)
			return -1;
	}
}

void cmwho_describe(struct rdma_cm_id *id, struct cmwho_port *port)
{
	cmwho_address(rdma_get_local_addr(id), true, port->local);
	cmwho_address(rdma_get_peer_addr(id), true, port->peer);
	port->device = id->verbs ? ibv_get_device_name(id->verbs->device) : "";
	port->device_port = id->port_num;
	port->pkey = ntohs(id->route.addr.addr.ibaddr.pkey);
}

int cmwho_create_qp(struct rdma_cm_id *id)
{
	struct ibv_qp_init_attr attr = {
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.qp_type = id->ps == RDMA_PS_UDP ? IBV_QPT_UD : IBV_QPT_RC,
	};

	return rdma_create_qp(id, NULL, &attr);
}

void cmwho_destroy(struct rdma_cm_id *id)
{
	if (id->qp)
		rdma_destroy_qp(id);
	rdma_destroy_id(id);
}

/* Where an event keeps its private data depends on the port space. */
void cmwho_event_data(const struct rdma_cm_event *event, const void **data, size_t *length)
{
	if (event->id->ps == RDMA_PS_UDP) {
		*data = event->param.ud.private_data;
		*length = event->param.ud.private_data_len;
	} else {
		*data = event->param.conn.private_data;
		*length = event->param.conn.private_data_len;
	}
	if (!*data)
		*length = 0;
}
