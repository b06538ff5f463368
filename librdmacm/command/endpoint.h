/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* One end of a connection: a queue pair that has one message under way in each direction. */
#ifndef RDMA_NS_ENDPOINT_H
#define RDMA_NS_ENDPOINT_H

#include <signal.h>

#include "command.h"

struct endpoint {
	/* owned by the endpoint from endpoint_create() on, even if that fails */
	struct rdma_cm_id *id;
	struct ibv_comp_channel *channel; /* readable when endpoint_take() may have something */
	struct ibv_cq *cq;
	struct ibv_mr *region;
	struct ibv_ah *way; /* datagrams: the way to the peer, */
	uint32_t peer_qpn, peer_key; /* and the peer's queue pair */
	uint8_t *memory;
	size_t room; /* for each of the two messages */
	bool sending, receiving;
};

/* @size is that of a message's data. Returns -1 and sets errno on error. */
int endpoint_create(struct endpoint *endpoint, struct rdma_cm_id *id, uint32_t size);
void endpoint_destroy(struct endpoint *endpoint);

/*
 * The size of the data that fit into a message. For datagrams the port or the partition limits it;
 * otherwise it is PEER_SIZE_MAX.
 */
uint32_t endpoint_size_max(const struct rdma_cm_id *id);

/* For datagrams: set the destination to the one in the event of the connection. */
int endpoint_aim(struct endpoint *endpoint, const struct rdma_ud_param *param);

/* The buffer for the next message. Write to it only when nothing is being sent. */
uint8_t *endpoint_outgoing(const struct endpoint *endpoint);
int endpoint_send(struct endpoint *endpoint, size_t length);
int endpoint_receive(struct endpoint *endpoint);

enum endpoint_event {
	ENDPOINT_NOTHING,
	ENDPOINT_SENT,
	ENDPOINT_RECEIVED, /* *message and *length are set, until endpoint_receive() */
	ENDPOINT_BROKEN, /* *status is set */
};

/* Get what has been completed. Call this until it returns that there is nothing. */
enum endpoint_event endpoint_take(struct endpoint *endpoint, const uint8_t **message,
				  size_t *length, enum ibv_wc_status *status);

/* The private data of an event, or NULL. */
const void *endpoint_private_data(const struct rdma_cm_event *event, size_t *length);

/* Create an event channel that does not block; on failure, an error message says why. */
struct rdma_event_channel *endpoint_channel(const char *command);

/* Make SIGINT and SIGTERM end a wait in ppoll(2) or epoll_pwait(2) with this mask. */
extern volatile sig_atomic_t endpoint_interrupted;
const sigset_t *endpoint_signals(void);

#endif
