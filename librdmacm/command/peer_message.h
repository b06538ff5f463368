/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What rdma-ns ping and rdma-ns listen tell each other. The request carries a hello, and the reply
 * carries how the listener saw the request; messages follow, each of which is answered. Whatever
 * comes in may be from anybody.
 */
#ifndef RDMA_NS_PEER_MESSAGE_H
#define RDMA_NS_PEER_MESSAGE_H

#include "command.h"

#define PEER_SIZE_MAX (1u << 20)
#define PEER_HELLO_LENGTH 16 /* of 40 that leave room for a QPN record */
#define PEER_VIEW_LENGTH 116 /* of 120, SIDR's */
#define PEER_HEADER_LENGTH 16

struct peer_hello {
	uint32_t size; /* of the largest data in its messages */
	uint32_t interval_ms;
};

void peer_hello_encode(const struct peer_hello *hello, uint8_t bytes[PEER_HELLO_LENGTH]);
bool peer_hello_decode(const void *data, size_t length, struct peer_hello *hello);

/* Names may be cut; route_errno and port_ifindex are not sent. */
void peer_view_encode(const struct rdma_ns_resolution *view, uint8_t bytes[PEER_VIEW_LENGTH]);
bool peer_view_decode(const void *data, size_t length, struct rdma_ns_resolution *view);

/* Why a listener rejects; the rejection carries this. */
enum peer_rejection {
	PEER_REJECTION_NONE, /* not "rdma-ns listen" rejected, or it gave no reason */
	PEER_NO_PING,
	PEER_COUNT_REACHED,
	PEER_FULL,
	PEER_NO_RESOURCES,
	PEER_REJECTION_LAST = PEER_NO_RESOURCES,
};

#define PEER_REJECTION_LENGTH 8

void peer_rejection_encode(enum peer_rejection why, uint8_t bytes[PEER_REJECTION_LENGTH]);
enum peer_rejection peer_rejection_decode(const void *data, size_t length);
const char *peer_rejection_str(enum peer_rejection why);

enum peer_type {
	PEER_ASK = 1,
	PEER_ANSWER,
	PEER_CORRUPTED, /* an answer: the data of the message were corrupted */
	PEER_END, /* datagrams: there is nothing to disconnect */
};

struct peer_header {
	enum peer_type type;
	uint32_t sequence;
};

/* Write a header and the data that follow from type and sequence; returns the length of both. */
size_t peer_message_write(const struct peer_header *header, uint32_t size, uint8_t *bytes);

enum peer_check { PEER_GOOD, PEER_BAD_DATA, PEER_BAD_HEADER };

/* The header is set unless the header itself is bad. */
enum peer_check peer_message_read(const uint8_t *bytes, size_t length, struct peer_header *header);

#endif
