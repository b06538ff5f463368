// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Encodes and decodes the QPN record in CM private data. rdma_cm_ns_wire.h describes its layout. */
#include <linux/crc32.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/string.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm_ns_wire.h>

#include "cma_qpn_record.h"

static_assert(RDMA_CM_NS_HEADER_LENGTH + RDMA_CM_NS_REQ_LENGTH == IB_CM_REQ_PRIVATE_DATA_SIZE);
static_assert(RDMA_CM_NS_HEADER_LENGTH + RDMA_CM_NS_SIDR_REQ_LENGTH ==
	      IB_CM_SIDR_REQ_PRIVATE_DATA_SIZE);
static_assert(RDMA_CM_NS_REP_LENGTH == IB_CM_REP_PRIVATE_DATA_SIZE);
static_assert(RDMA_CM_NS_SIDR_REP_LENGTH == IB_CM_SIDR_REP_PRIVATE_DATA_SIZE);

static bool cma_ns_qpn_fits(u32 qpn, bool valid)
{
	return valid ? qpn > 1 && qpn < RDMA_CM_NS_QPN_MASK : qpn == 0;
}

static bool cma_ns_decode(const void *bytes, struct cma_ns_record *record)
{
	struct rdma_cm_ns_record wire;

	memcpy(&wire, bytes, sizeof(wire));
	record->flags = wire.version_flags & 0xf;
	record->source_qpn = be32_to_cpu(wire.source_qpn);
	record->destination_qpn = be32_to_cpu(wire.destination_qpn);
	return wire.magic == cpu_to_be16(RDMA_CM_NS_MAGIC) &&
	       wire.version_flags >> 4 == RDMA_CM_NS_VERSION && !wire.zero &&
	       !(record->flags & ~RDMA_CM_NS_ALL_FLAGS) &&
	       cma_ns_qpn_fits(record->source_qpn, record->flags & RDMA_CM_NS_SOURCE_QPN) &&
	       cma_ns_qpn_fits(record->destination_qpn, record->flags & RDMA_CM_NS_DESTINATION_QPN);
}

void cma_ns_encode(const struct cma_ns_record *record, void *bytes)
{
	struct rdma_cm_ns_record wire = {
		.magic = cpu_to_be16(RDMA_CM_NS_MAGIC),
		.version_flags = RDMA_CM_NS_VERSION << 4 | record->flags,
		.source_qpn = cpu_to_be32(record->source_qpn),
		.destination_qpn = cpu_to_be32(record->destination_qpn),
	};

	memcpy(bytes, &wire, sizeof(wire));
}

static __be16 cma_ns_put_address(const struct sockaddr *address, u8 bytes[16])
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;

	if (address->sa_family == AF_INET6) {
		memcpy(bytes, &in6->sin6_addr, 16);
		return in6->sin6_port;
	}
	memset(bytes, 0, 12);
	memcpy(bytes + 12, &in->sin_addr, 4);
	return in->sin_port;
}

static __be32 cma_ns_checksum(const void *record, const struct sockaddr *source,
			      const struct sockaddr *destination)
{
	struct rdma_cm_ns_covered covered;

	memcpy(&covered.record, record, sizeof(covered.record));
	covered.source_port = cma_ns_put_address(source, covered.source_address);
	covered.destination_port = cma_ns_put_address(destination, covered.destination_address);
	covered.ip_version = source->sa_family == AF_INET6 ? 6 : 4;
	return cpu_to_be32(~crc32_le(~0, (const unsigned char *)&covered, sizeof(covered)));
}

void cma_ns_encode_trailer(const struct cma_ns_record *record, const struct sockaddr *source,
			   const struct sockaddr *destination, void *bytes)
{
	struct rdma_cm_ns_trailer trailer;

	cma_ns_encode(record, &trailer.record);
	trailer.crc = cma_ns_checksum(&trailer.record, source, destination);
	memcpy(bytes, &trailer, sizeof(trailer));
}

/* @private_data is that of a REQ or SIDR REQ, with the full length that such a message has. */
bool cma_ns_find_header(const void *private_data, struct cma_ns_record *record)
{
	return cma_ns_decode(private_data + RDMA_CM_NS_HEADER_OFFSET, record);
}

/* Where the trailer of a request is, the header included. */
u8 cma_ns_trailer_offset(bool datagram)
{
	return RDMA_CM_NS_HEADER_LENGTH +
	       (datagram ? RDMA_CM_NS_SIDR_REQ_OFFSET : RDMA_CM_NS_REQ_OFFSET);
}

/* If a trailer is found, it is blanked, because the application must not see it. */
bool cma_ns_find_trailer(void *private_data, bool datagram, const struct sockaddr *source,
			 const struct sockaddr *destination, struct cma_ns_record *record)
{
	struct rdma_cm_ns_trailer trailer;
	void *place = private_data + cma_ns_trailer_offset(datagram);

	memcpy(&trailer, place, sizeof(trailer));
	if (!cma_ns_decode(&trailer.record, record) ||
	    trailer.crc != cma_ns_checksum(&trailer.record, source, destination))
		return false;
	memset(place, 0, sizeof(trailer));
	return true;
}
