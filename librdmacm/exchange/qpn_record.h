/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The QPN record and trailer in CM private data: rdma/rdma_cm_ns_wire.h says what is where. */
#ifndef RDMA_NS_QPN_RECORD_H
#define RDMA_NS_QPN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <rdma/rdma_cm_ns_wire.h>

struct qpn_record {
	uint8_t flags; /* enum rdma_cm_ns_flags */
	uint32_t source_qpn;
	uint32_t destination_qpn;
};

enum qpn_record_status {
	QPN_RECORD_OK,
	QPN_RECORD_ABSENT, /* too short for one, or no magic */
	QPN_RECORD_WRONG_VERSION,
	QPN_RECORD_RESERVED, /* a bit is set that must be zero */
	QPN_RECORD_BAD_QPN, /* no IPoIB netdev can have it, or its flag is not set */
	QPN_RECORD_BAD_CRC, /* damaged, or of another connection */
	QPN_RECORD_ECHOED,   /* this side's own record, which the peer sent back */
	QPN_RECORD_NO_ROOM, /* the application's private data take its place */
	QPN_RECORD_NO_TUPLE, /* not two IP addresses of one family */
};

enum qpn_message {
	QPN_MESSAGE_REQ,
	QPN_MESSAGE_SIDR_REQ,
	QPN_MESSAGE_REP,
	QPN_MESSAGE_SIDR_REP,
};

/* Encode into the 12 bytes at @bytes; nothing is written unless the status is QPN_RECORD_OK. */
enum qpn_record_status qpn_record_encode(const struct qpn_record *record, void *bytes);

/* Decode 12 bytes that a peer chose; *record is set only with QPN_RECORD_OK. */
enum qpn_record_status qpn_record_decode(const void *bytes, struct qpn_record *record);

/* The length of the consumer's private data with a trailer in it. */
size_t qpn_trailer_length(enum qpn_message message);

/*
 * Add a trailer to the @used bytes of private data in @data, which has room for
 * qpn_trailer_length(@message) bytes; the bytes between are zeroed. @source is the sender's
 * address.
 */
enum qpn_record_status qpn_trailer_put(enum qpn_message message, const struct qpn_record *record,
				       const struct sockaddr *source,
				       const struct sockaddr *destination, void *data, size_t used);

/* Look for a trailer in @length bytes as they were received; @source is the sender's address. */
enum qpn_record_status qpn_trailer_find(enum qpn_message message, const struct sockaddr *source,
					const struct sockaddr *destination, const void *data,
					size_t length, struct qpn_record *record);

/*
 * Could a trailer have been in @length bytes as they were received? Where the sender's own data do
 * not reach, there are zeros.
 */
bool qpn_trailer_has_room(enum qpn_message message, const void *data, size_t length);

/* Hide a trailer that qpn_trailer_find() has found. */
void qpn_trailer_blank(enum qpn_message message, void *data);

const char *qpn_record_status_str(enum qpn_record_status status);

#endif
