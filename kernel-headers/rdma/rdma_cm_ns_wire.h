/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR Linux-OpenIB */
/*
 * IPoIB queue pair numbers (QPN) in the private data of CM messages.
 *
 * A CM REQ names its destination by GID, P_Key and IP address. Sibling IPoIB netdevs may share all
 * three; the QPN tells them apart. This is for InfiniBand only. On the wire all fields are in
 * network byte order.
 *
 * The sizes come from the RDMA IP CM Service (InfiniBand Architecture Specification, volume 1,
 * annex A11) and from the CM messages (chapter 12). A REQ has 92 bytes of private data and a SIDR
 * REQ has 216; the RDMA CM header takes the first 36 of either. A REP has 196 and a SIDR REP has
 * 136; these belong to the consumer alone.
 */
#ifndef RDMA_CM_NS_WIRE_H
#define RDMA_CM_NS_WIRE_H

#include <linux/types.h>

#define RDMA_CM_NS_MAGIC 0x4e51
#define RDMA_CM_NS_VERSION 1
#define RDMA_CM_NS_QPN_MASK 0xffffff

/*
 * These flags are the low nibble of version_flags. The nibble's highest bit is reserved and zero.
 */
enum rdma_cm_ns_flags {
	RDMA_CM_NS_SOURCE_QPN = 1,
	RDMA_CM_NS_DESTINATION_QPN = 2,
	/* The sender looks for a trailer in the reply and hides it from its application. */
	RDMA_CM_NS_REPLY = 4,
	RDMA_CM_NS_ALL_FLAGS = 7,
};

/*
 * "Source" is the sender of this message, even if the message is a reply. A QPN is zero if its flag
 * is clear. If its flag is set, the QPN is neither 0 nor 1 (the port's own management) nor 0xffffff
 * (multicast).
 */
struct rdma_cm_ns_record {
	__be16 magic;
	__u8 version_flags; /* version in the high nibble */
	__u8 zero;
	__be32 source_qpn; /* 24 bits */
	__be32 destination_qpn; /* 24 bits */
};

/*
 * The trailer is at a fixed offset in the consumer's private data; see below. It is not aligned:
 * copy it.
 */
struct rdma_cm_ns_trailer {
	struct rdma_cm_ns_record record;
	__be32 crc;
};

/*
 * These 49 bytes are what the trailer's CRC covers. The CRC is the CRC-32 of IEEE 802.3 (reflected
 * polynomial 0xedb88320, initial value and final exclusive-or 0xffffffff). Addresses are laid out
 * as in the RDMA CM header: an IPv4 address is the last 4 bytes and follows 12 zeros. Stale bytes
 * of another connection do not pass the check. Neither does a trailer that the peer's application
 * sends back, because its addresses are the other way round.
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
 * This says why a request was refused. It is at the start of the private data of a REJ, or of a
 * SIDR REP that refuses; the bytes behind it are zero. The CM's own reason cannot tell such a
 * refusal from a rejection by the application. The reason is RDMA_USER_CM_NS_REASON_NOT_DELIVERED,
 * whatever the true one is, unless the receiver was told to explain its refusals.
 */
struct rdma_cm_ns_refusal {
	__be32 magic;
	__u8 version;
	__u8 reason; /* enum rdma_user_cm_ns_reason, not 0 */
	__be16 zero;
};

/*
 * Negative as a 32-bit number in either byte order. RDS takes the first bytes of a consumer's
 * rejection for a number in host order, and connects again only if that is at most 1.
 */
#define RDMA_CM_NS_REFUSAL_MAGIC 0xce5352ca

/*
 * The length of the RDMA CM header of a REQ or SIDR REQ, and the offset of the record in it, which
 * is just before the IPv4 source address.
 */
#define RDMA_CM_NS_HEADER_LENGTH 36
#define RDMA_CM_NS_HEADER_OFFSET 4

/*
 * The length of the consumer's private data, and the offset of the trailer, which is in its last 16
 * bytes.
 */
#define RDMA_CM_NS_REQ_LENGTH 56
#define RDMA_CM_NS_SIDR_REQ_LENGTH 180
#define RDMA_CM_NS_REP_LENGTH 196
#define RDMA_CM_NS_SIDR_REP_LENGTH 136
#define RDMA_CM_NS_REQ_OFFSET 40
#define RDMA_CM_NS_SIDR_REQ_OFFSET 164
#define RDMA_CM_NS_REP_OFFSET 180
#define RDMA_CM_NS_SIDR_REP_OFFSET 120

#endif /* RDMA_CM_NS_WIRE_H */
