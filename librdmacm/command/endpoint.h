/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* One end of a connection: a queue pair that has one message under way in each direction. */
#ifndef RDMA_NS_ENDPOINT_H
#define RDMA_NS_ENDPOINT_H

#include <signal.h>

#include "command.h"

struct endpoint {
	struct rdma_cm_id *id; /* the endpoint's from endpoint_create() on, also if that fails */
	struct ibv_comp_channel *channel; /* readable when endpoint_take() may have something */
	struct ibv_cq *cq;
	struct ibv_mr *region;
	struct ibv_ah *way; /* datagrams: to the peer, */
	uint32_t peer_qpn, peer_key; /* and whose queue pair */
	uint8_t *memory;
	size_t room; /* for each of the two messages */
	bool sending, receiving;
};

/* @size: of a message's data. -1 and errno. */
int endpoint_create(struct endpoint *endpoint, struct rdma_cm_id *id, uint32_t size);
void endpoint_destroy(struct endpoint *endpoint);

/*
 * Datagrams have a length that the port or the partition sets: that of a message's data, or
 * PEER_SIZE_MAX.
 */
uint32_t endpoint_size_max(const struct rdma_cm_id *id);

/* Datagrams: where to, as the event of the connection says. */
int endpoint_aim(struct endpoint *endpoint, const struct rdma_ud_param *param);

/* To write a message to when nothing is being sent. */
uint8_t *endpoint_outgoing(const struct endpoint *endpoint);
int endpoint_send(struct endpoint *endpoint, size_t length);
int endpoint_receive(struct endpoint *endpoint);

enum endpoint_event {
	ENDPOINT_NOTHING,
	ENDPOINT_SENT,
	ENDPOINT_RECEIVED, /* *message and *length are set, until endpoint_receive() */
	ENDPOINT_BROKEN, /* *status is set */
};

/* What has been completed; call it until it says that there is nothing. */
enum endpoint_event endpoint_take(struct endpoint *endpoint, const uint8_t **message,
				  size_t *length, enum ibv_wc_status *status);

/* The private data of an event; NULL without. */
const void *endpoint_private_data(const struct rdma_cm_event *event, size_t *length);

/* An event channel that does not block; says why there is none. */
struct rdma_event_channel *endpoint_channel(const char *command);

/* SIGINT and SIGTERM end it: waiting in ppoll(2) or epoll_pwait(2) with this mask. */
extern volatile sig_atomic_t endpoint_interrupted;
const sigset_t *endpoint_signals(void);

#endif
