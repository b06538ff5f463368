// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Codec of the QPN record and trailer. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <zlib.h>

#include "qpn_record.h"

static const struct {
	size_t offset;
	size_t length;
} layout[] = {
	[QPN_MESSAGE_REQ] = { RDMA_CM_NS_REQ_OFFSET, RDMA_CM_NS_REQ_LENGTH },
	[QPN_MESSAGE_SIDR_REQ] = { RDMA_CM_NS_SIDR_REQ_OFFSET, RDMA_CM_NS_SIDR_REQ_LENGTH },
	[QPN_MESSAGE_REP] = { RDMA_CM_NS_REP_OFFSET, RDMA_CM_NS_REP_LENGTH },
	[QPN_MESSAGE_SIDR_REP] = { RDMA_CM_NS_SIDR_REP_OFFSET, RDMA_CM_NS_SIDR_REP_LENGTH },
};

static bool qpn_fits(uint32_t qpn, bool valid)
{
	if (!valid)
		return qpn == 0;
	return qpn > 1 && qpn < RDMA_CM_NS_QPN_MASK;
}

static enum qpn_record_status check(const struct qpn_record *record)
{
	if (record->flags & ~RDMA_CM_NS_ALL_FLAGS)
		return QPN_RECORD_RESERVED;
	if ((record->source_qpn | record->destination_qpn) & ~RDMA_CM_NS_QPN_MASK)
		return QPN_RECORD_RESERVED;
	if (!qpn_fits(record->source_qpn, record->flags & RDMA_CM_NS_SOURCE_QPN) ||
	    !qpn_fits(record->destination_qpn, record->flags & RDMA_CM_NS_DESTINATION_QPN))
		return QPN_RECORD_BAD_QPN;
	return QPN_RECORD_OK;
}

enum qpn_record_status qpn_record_encode(const struct qpn_record *record, void *bytes)
{
	struct rdma_cm_ns_record wire = {
		.magic = htons(RDMA_CM_NS_MAGIC),
		.version_flags = RDMA_CM_NS_VERSION << 4 | (record->flags & 0xf),
		.source_qpn = htonl(record->source_qpn),
		.destination_qpn = htonl(record->destination_qpn),
	};
	enum qpn_record_status status = check(record);

	if (status == QPN_RECORD_OK)
		memcpy(bytes, &wire, sizeof(wire));
	return status;
}

enum qpn_record_status qpn_record_decode(const void *bytes, struct qpn_record *record)
{
	struct rdma_cm_ns_record wire;
	struct qpn_record decoded;
	enum qpn_record_status status;

	memcpy(&wire, bytes, sizeof(wire));
	if (wire.magic != htons(RDMA_CM_NS_MAGIC))
		return QPN_RECORD_ABSENT;
	if (wire.version_flags >> 4 != RDMA_CM_NS_VERSION)
		return QPN_RECORD_WRONG_VERSION;
	if (wire.zero)
		return QPN_RECORD_RESERVED;
	decoded.flags = wire.version_flags & 0xf;
	decoded.source_qpn = ntohl(wire.source_qpn);
	decoded.destination_qpn = ntohl(wire.destination_qpn);
	status = check(&decoded);
	if (status == QPN_RECORD_OK)
		*record = decoded;
	return status;
}

static bool put_address(const struct sockaddr *address, __u8 bytes[16], __be16 *port)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&in, address, sizeof(in));
		memset(bytes, 0, 12);
		memcpy(bytes + 12, &in.sin_addr, 4);
		*port = in.sin_port;
		return true;
	case AF_INET6:
		memcpy(&in6, address, sizeof(in6));
		memcpy(bytes, &in6.sin6_addr, 16);
		*port = in6.sin6_port;
		return true;
	default:
		return false;
	}
}

static bool cover(const void *record, const struct sockaddr *source,
		  const struct sockaddr *destination, struct rdma_cm_ns_covered *covered)
{
	__be16 source_port, destination_port;

	if (source->sa_family != destination->sa_family)
		return false;
	memset(covered, 0, sizeof(*covered));
	memcpy(&covered->record, record, sizeof(covered->record));
	if (!put_address(source, covered->source_address, &source_port) ||
	    !put_address(destination, covered->destination_address, &destination_port))
		return false;
	covered->source_port = source_port;
	covered->destination_port = destination_port;
	covered->ip_version = source->sa_family == AF_INET ? 4 : 6;
	return true;
}

static uint32_t checksum(const struct rdma_cm_ns_covered *covered)
{
	return htonl((uint32_t)crc32(0, (const Bytef *)covered, sizeof(*covered)));
}

size_t qpn_trailer_length(enum qpn_message message)
{
	return layout[message].length;
}

enum qpn_record_status qpn_trailer_put(enum qpn_message message, const struct qpn_record *record,
				       const struct sockaddr *source,
				       const struct sockaddr *destination, void *data, size_t used)
{
	struct rdma_cm_ns_trailer trailer;
	struct rdma_cm_ns_covered covered;
	enum qpn_record_status status;
	uint8_t *bytes = data;

	if (used > layout[message].offset)
		return QPN_RECORD_NO_ROOM;
	status = qpn_record_encode(record, &trailer.record);
	if (status != QPN_RECORD_OK)
		return status;
	if (!cover(&trailer.record, source, destination, &covered))
		return QPN_RECORD_NO_TUPLE;
	trailer.crc = checksum(&covered);
	memset(bytes + used, 0, layout[message].offset - used);
	memcpy(bytes + layout[message].offset, &trailer, sizeof(trailer));
	return QPN_RECORD_OK;
}

enum qpn_record_status qpn_trailer_find(enum qpn_message message, const struct sockaddr *source,
					const struct sockaddr *destination, const void *data,
					size_t length, struct qpn_record *record)
{
	struct rdma_cm_ns_covered covered;
	struct rdma_cm_ns_trailer trailer;
	enum qpn_record_status status;
	struct qpn_record decoded;

	if (!data || length < layout[message].length)
		return QPN_RECORD_ABSENT;
	memcpy(&trailer, (const uint8_t *)data + layout[message].offset, sizeof(trailer));
	status = qpn_record_decode(&trailer.record, &decoded);
	if (status != QPN_RECORD_OK)
		return status;
	if (!cover(&trailer.record, source, destination, &covered))
		return QPN_RECORD_NO_TUPLE;
	if (trailer.crc != checksum(&covered)) {
		cover(&trailer.record, destination, source, &covered);
		return trailer.crc == checksum(&covered) ? QPN_RECORD_ECHOED : QPN_RECORD_BAD_CRC;
	}
	*record = decoded;
	return QPN_RECORD_OK;
}

bool qpn_trailer_has_room(enum qpn_message message, const void *data, size_t length)
{
	static const uint8_t zeros[sizeof(struct rdma_cm_ns_trailer)];

	return !data || length < layout[message].length ||
	       !memcmp((const uint8_t *)data + layout[message].offset, zeros, sizeof(zeros));
}

void qpn_trailer_blank(enum qpn_message message, void *data)
{
	memset((uint8_t *)data + layout[message].offset, 0, sizeof(struct rdma_cm_ns_trailer));
}

const char *qpn_record_status_str(enum qpn_record_status status)
{
	static const char *const texts[] = {
		[QPN_RECORD_OK] = "QPNs exchanged",
		[QPN_RECORD_ABSENT] = "no QPN record",
		[QPN_RECORD_WRONG_VERSION] = "a QPN record of another version",
		[QPN_RECORD_RESERVED] = "a QPN record with a reserved bit set",
		[QPN_RECORD_BAD_QPN] = "a QPN record with an impossible QPN",
		[QPN_RECORD_BAD_CRC] = "a QPN record that is damaged or of another connection",
		[QPN_RECORD_ECHOED] = "a QPN record that only came back",
		[QPN_RECORD_NO_ROOM] = "no room beside the application's private data",
		[QPN_RECORD_NO_TUPLE] = "no pair of IP addresses",
	};

	if ((unsigned int)status >= sizeof(texts) / sizeof(texts[0]))
		return "unknown";
	return texts[status];
}
