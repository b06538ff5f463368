/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * IPoIB queue pair numbers (QPN) in the private data of CM messages.
 *
 * A CM REQ names the destination by GID, P_Key and IP address, which sibling IPoIB netdevs may
 * share. The QPN tells them apart. InfiniBand only; on the wire all fields are in network byte
 * order.
 *
 * The sizes are those of the RDMA IP CM Service (InfiniBand Architecture Specification, volume 1,
 * annex A11) and of the CM messages (chapter 12): a REQ has 92 bytes of private data, a SIDR REQ
 * 216, and the RDMA CM header takes 36 of both; a REP has 196 and a SIDR REP 136, all the
 * consumer's.
 */
#ifndef RDMA_CM_NS_WIRE_H
#define RDMA_CM_NS_WIRE_H

#include <linux/types.h>

#ifdef __cplusplus
#define RDMA_CM_NS_ASSERT(condition) static_assert(condition, #condition)
#else
#define RDMA_CM_NS_ASSERT(condition) _Static_assert(condition, #condition)
#endif

#define RDMA_CM_NS_MAGIC 0x4e51
#define RDMA_CM_NS_VERSION 1
#define RDMA_CM_NS_QPN_MASK 0xffffff

/* Low nibble of version_flags. The highest bit is reserved and zero. */
enum rdma_cm_ns_flags {
	RDMA_CM_NS_SOURCE_QPN = 1,
	RDMA_CM_NS_DESTINATION_QPN = 2,
	/* The sender looks for a trailer in the reply and hides it from its application. */
	RDMA_CM_NS_REPLY = 4,
	RDMA_CM_NS_ALL_FLAGS = 7,
};

/*
 * Source is the sender of the message, also in a reply. A QPN whose flag is clear is zero; one
 * whose flag is set is neither 0 nor 1 (the port's own management) nor 0xffffff (multicast).
 */
struct rdma_cm_ns_record {
	__be16 magic;
	__u8 version_flags; /* version in the high nibble */
	__u8 zero;
	__be32 source_qpn; /* 24 bits */
	__be32 destination_qpn; /* 24 bits */
};

/* At a fixed offset of the consumer's private data, see below. Not aligned: copy it. */
struct rdma_cm_ns_trailer {
	struct rdma_cm_ns_record record;
	__be32 crc;
};

/*
 * What the trailer's CRC covers, 49 bytes: CRC-32 as in IEEE 802.3 (reflected polynomial
 * 0xedb88320, initial value and final exclusive-or 0xffffffff). Addresses are laid out as in the
 * RDMA CM header: an IPv4 address is the last 4 bytes, after 12 zeros. Stale bytes of another
 * connection do not pass; nor does a trailer sent back by the peer's application, since there the
 * addresses are the other way round.
 */
struct rdma_cm_ns_covered {
	struct rdma_cm_ns_record record;
	__u8 source_address[16];
	__u8 destination_address[16];
	__be16 source_port;
	__be16 destination_port;
	__u8 ip_version; /* 4 or 6 */
} __attribute__((packed));

/*
 * Why a request was refused: the first bytes of the private data of a REJ, or of a SIDR REP that
 * says no; the others are zero. The CM's own reason does not tell a refusal from the application's
 * rejection. The kernel says RDMA_USER_CM_NS_REASON_NOT_DELIVERED, whatever the reason, unless it
 * is to explain.
 */
struct rdma_cm_ns_refusal {
	__be32 magic;
	__u8 version;
	__u8 reason; /* enum rdma_ns_reason, not 0 */
	__be16 zero;
};

#define RDMA_CM_NS_REFUSAL_MAGIC 0x4e53524a

/* The RDMA CM header of a REQ or SIDR REQ, and the record ahead of its IPv4 source address. */
#define RDMA_CM_NS_HEADER_LENGTH 36
#define RDMA_CM_NS_HEADER_OFFSET 4

/* The consumer's private data, and the trailer in its last 16 bytes. */
#define RDMA_CM_NS_REQ_LENGTH 56
#define RDMA_CM_NS_SIDR_REQ_LENGTH 180
#define RDMA_CM_NS_REP_LENGTH 196
#define RDMA_CM_NS_SIDR_REP_LENGTH 136
#define RDMA_CM_NS_REQ_OFFSET 40
#define RDMA_CM_NS_SIDR_REQ_OFFSET 164
#define RDMA_CM_NS_REP_OFFSET 180
#define RDMA_CM_NS_SIDR_REP_OFFSET 120

RDMA_CM_NS_ASSERT(sizeof(struct rdma_cm_ns_record) == 12);
RDMA_CM_NS_ASSERT(sizeof(struct rdma_cm_ns_trailer) == 16);
RDMA_CM_NS_ASSERT(sizeof(struct rdma_cm_ns_covered) == 49);
RDMA_CM_NS_ASSERT(sizeof(struct rdma_cm_ns_refusal) == 8);
RDMA_CM_NS_ASSERT(RDMA_CM_NS_REQ_LENGTH == 92 - RDMA_CM_NS_HEADER_LENGTH);
RDMA_CM_NS_ASSERT(RDMA_CM_NS_SIDR_REQ_LENGTH == 216 - RDMA_CM_NS_HEADER_LENGTH);
RDMA_CM_NS_ASSERT(RDMA_CM_NS_REQ_OFFSET + 16 == RDMA_CM_NS_REQ_LENGTH);
RDMA_CM_NS_ASSERT(RDMA_CM_NS_SIDR_REQ_OFFSET + 16 == RDMA_CM_NS_SIDR_REQ_LENGTH);
RDMA_CM_NS_ASSERT(RDMA_CM_NS_REP_OFFSET + 16 == RDMA_CM_NS_REP_LENGTH);
RDMA_CM_NS_ASSERT(RDMA_CM_NS_SIDR_REP_OFFSET + 16 == RDMA_CM_NS_SIDR_REP_LENGTH);

#endif /* RDMA_CM_NS_WIRE_H */
