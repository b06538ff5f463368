// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* This host sends QPN records in its requests. */
#include <linux/if_arp.h>
#include <linux/socket.h>
#include <rdma/rdma_cm_ns_wire.h>

#include "cma_exchange.h"
#include "cma_qpn_record.h"
#include "cma_settings.h"

u32 cma_ns_address_qpn(const unsigned char *address)
{
	u32 qpn = address[1] << 16 | address[2] << 8 | address[3];

	return qpn > 1 && qpn < RDMA_CM_NS_QPN_MASK ? qpn : 0;
}

/*
 * rdma_resolve_addr() has stored the hardware addresses of the netdev and, unless there is a
 * gateway, of the neighbour. In a hardware address the QPN and its flags precede the GID.
 */
static bool cma_ns_make_record(struct rdma_id_private *id, struct cma_ns_record *record)
{
	const struct rdma_dev_addr *address = &id->id.route.addr.dev_addr;

	if (id->ns.send_nothing || !cma_ns_sending(address->net) ||
	    address->dev_type != ARPHRD_INFINIBAND)
		return false;
	record->source_qpn = cma_ns_address_qpn(address->src_dev_addr);
	if (!record->source_qpn)
		return false;
	record->destination_qpn = cma_ns_address_qpn(address->dst_dev_addr);
	record->flags = RDMA_CM_NS_SOURCE_QPN;
	if (record->destination_qpn)
		record->flags |= RDMA_CM_NS_DESTINATION_QPN;
	if (id->ns.wants_reply)
		record->flags |= RDMA_CM_NS_REPLY;
	return true;
}

/* The QPN that the requests of @id aim at, or 0 if they do not say. */
u32 cma_ns_aimed_qpn(struct rdma_id_private *id)
{
	struct cma_ns_record record;

	return cma_ns_make_record(id, &record) ? record.destination_qpn : 0;
}

/*
 * The number of bytes that a request with @length bytes of private data is to have; @length
 * includes @header. IPv4 needs no trailer, because the header has room for the record.
 */
u8 cma_ns_room(struct rdma_id_private *id, u8 header, u8 length, bool datagram)
{
	struct cma_ns_record record;

	id->ns.trailer = header && id->id.route.addr.src_addr.ss_family == AF_INET6 &&
			 length <= cma_ns_trailer_offset(datagram) &&
			 cma_ns_make_record(id, &record);
	return id->ns.trailer ?
		       cma_ns_trailer_offset(datagram) + sizeof(struct rdma_cm_ns_trailer) :
		       length;
}

/* @header belongs to a request over IPv4; its unused part is zero. */
void cma_ns_put_record(struct rdma_id_private *id, void *header)
{
	struct cma_ns_record record;

	if (cma_ns_make_record(id, &record))
		cma_ns_encode(&record, header + RDMA_CM_NS_HEADER_OFFSET);
}

/* @header belongs to a request over IPv6. */
void cma_ns_put_trailer(struct rdma_id_private *id, void *header)
{
	struct rdma_addr *address = &id->id.route.addr;
	struct cma_ns_record record;

	if (!id->ns.trailer)
		return;
	id->ns.trailer = false;
	if (cma_ns_make_record(id, &record))
		cma_ns_encode_trailer(&record, (struct sockaddr *)&address->src_addr,
				      (struct sockaddr *)&address->dst_addr,
				      header + cma_ns_trailer_offset(id->id.qp_type == IB_QPT_UD));
}
