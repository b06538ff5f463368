// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The CM's messages. Whoever knows both ids of somebody else's connection, or its QP number and the
 * peer's CA GUID, can end it: the CM's messages prove nothing. So at least one of two ids is
 * always the storm's own, and so is the GUID.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <infiniband/umad_cm.h>
#include <infiniband/umad_types.h>
#include <stdlib.h>
#include <string.h>

#include "cm_messages.h"
#include "draw.h"
#include "exchange/qpn_record.h"
#include "storm.h"

#define IDS_MAX 0x10000
/* How long a peer may wait, as 4.096 us shifted. With 31 it would keep state for hours. */
#define TIMEOUT_MAX 17
/* Listeners' ports are above these. */
#define PORTS_UNUSED 7000

static uint32_t last_request;

static const struct storm_target *some_target(void)
{
	return &scene.targets[draw_below(scene.targets_count)];
}

static const struct storm_listener *some_listener(void)
{
	return &scene.listeners[draw_below(scene.listeners_count)];
}

static void fill_header(struct mad *message, uint16_t attribute)
{
	message->header.base_version = UMAD_BASE_VERSION;
	message->header.class = CM_CLASS;
	message->header.class_version = CM_CLASS_VERSION;
	message->header.method = CM_METHOD_SEND;
	message->header.transaction = draw();
	message->header.attribute = htobe16(attribute);
}

static void random_address(const struct storm_listener *listener, bool six, uint8_t to[16])
{
	uint32_t i = draw_below(scene.strangers_count + 3);

	if (i < scene.strangers_count)
		memcpy(to, scene.strangers[i], 16);
	else if (i == scene.strangers_count)
		draw_bytes(six ? to : to + 12, six ? 16 : 4);
	else
		memcpy(to, six ? listener->v6 : listener->v4, 16);
}

static void make_sockaddr(bool six, const uint8_t address[16], uint16_t port,
			  struct sockaddr_storage *to)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = port };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = port };

	memcpy(&in6.sin6_addr, address, 16);
	memcpy(&in.sin_addr, address + 12, 4);
	memset(to, 0, sizeof(*to));
	if (six)
		memcpy(to, &in6, sizeof(in6));
	else
		memcpy(to, &in, sizeof(in));
}

/* One thing about a record that is good, with what else there is. */
static void spoil(struct rdma_cm_ns_record *record)
{
	switch (draw_below(8)) {
	case 0:
		record->magic ^= htons((uint16_t)(1u << draw_below(16)));
		break;
	case 1:
		record->version_flags ^= (uint8_t)(1u << draw_below(8));
		break;
	case 2:
		record->zero = (uint8_t)draw();
		break;
	case 3:
		record->destination_qpn ^= htonl(1u << draw_below(32));
		break;
	case 4:
		record->destination_qpn = htonl(draw_below(3) ? draw_below(2) : 0xffffff);
		break;
	case 5:
		record->source_qpn = (uint32_t)draw();
		break;
	default:
		draw_bytes(record, sizeof(*record));
	}
}

/* The QPN of a record that counts, or 0. */
static uint32_t make_record(const struct storm_listener *listener, struct rdma_cm_ns_record *record)
{
	struct qpn_record good = { .flags = RDMA_CM_NS_DESTINATION_QPN, .destination_qpn = 2 },
			  seen;

	if (draw_below(2))
		good.destination_qpn = listener->qpn;
	else if (draw_below(2))
		good.destination_qpn = some_listener()->qpn;
	else
		good.destination_qpn = draw_below(64) + 2;
	if (!draw_below(3)) {
		good.flags |= RDMA_CM_NS_SOURCE_QPN;
		good.source_qpn = draw_below(64) + 2;
	}
	if (!draw_below(3))
		good.flags |= RDMA_CM_NS_REPLY;
	qpn_record_encode(&good, record);
	if (!draw_below(3))
		spoil(record);
	if (qpn_record_decode(record, &seen) != QPN_RECORD_OK)
		return 0;
	return seen.flags & RDMA_CM_NS_DESTINATION_QPN ? seen.destination_qpn : 0;
}

/* A trailer with its check sum, over these addresses or, as an echo would be, swapped. */
static uint32_t put_trailer(enum qpn_message type, const struct rdma_cm_ns_record *record,
			    const struct sockaddr_storage ends[2], uint8_t *data)
{
	const size_t length = qpn_trailer_length(type), size = sizeof(struct rdma_cm_ns_trailer);
	const bool swapped = !draw_below(4);
	struct qpn_record fields, seen;

	if (qpn_record_decode(record, &fields) == QPN_RECORD_OK)
		qpn_trailer_put(type, &fields, (const struct sockaddr *)&ends[swapped],
				(const struct sockaddr *)&ends[!swapped], data, length - size);
	else
		memcpy(data + length - size, record, sizeof(*record));
	if (!draw_below(3))
		data[length - 1 - draw_below((uint32_t)size)] ^= (uint8_t)(1u << draw_below(8));
	if (qpn_trailer_find(type, (const struct sockaddr *)&ends[0],
			     (const struct sockaddr *)&ends[1], data, length,
			     &seen) != QPN_RECORD_OK)
		return 0;
	return seen.flags & RDMA_CM_NS_DESTINATION_QPN ? seen.destination_qpn : 0;
}

/* RDMA CM's header and what is behind it; the listener can tell by the mark whose it is. */
static void fill_private(enum qpn_message type, const struct storm_listener *listener,
			 struct ip_header *ip)
{
	uint8_t *header = (uint8_t *)ip, *data = header + RDMA_CM_NS_HEADER_LENGTH;
	const size_t length = qpn_trailer_length(type);
	const bool six = !draw_below(3);
	const uint32_t fault = draw_below(16);
	struct sockaddr_storage ends[2];
	struct rdma_cm_ns_record record;
	uint32_t aim = 0, qpn;

	/* From somebody who may send there, half the time. */
	random_address(listener, six, header + 4);
	if (draw_below(2))
		memcpy(header + 4, scene.strangers[six], 16);
	if (draw_below(3))
		memcpy(header + 20, six ? listener->v6 : listener->v4, 16);
	else
		random_address(some_listener(), six, header + 20);
	ip->ip_version = (uint8_t)(six ? 6 << 4 : 4 << 4);
	ip->port = (uint16_t)draw();
	make_sockaddr(six, header + 4, ip->port, &ends[0]);
	make_sockaddr(six, header + 20, htons(listener->port), &ends[1]);
	draw_bytes(data, draw_below((uint32_t)length));
	memcpy(data, STORM_MARK, 4);
	qpn = make_record(listener, &record);
	switch (draw_below(4)) {
	case 0:
		break;
	case 1:
		aim = put_trailer(type, &record, ends, data);
		/* The kernel that is made from the patches takes none over IPv4. */
		if (!six && getenv("RDMA_NS_SERIES"))
			aim = 0;
		break;
	default:
		if (!six) {
			memcpy(ip->record, &record, sizeof(record));
			aim = qpn;
		}
	}
	aim = fault < 4 ? 0 : htonl(aim);
	memcpy(data + 4, &aim, sizeof(aim));
	switch (fault) {
	case 0:
		ip->version = (uint8_t)draw();
		break;
	case 1:
		ip->ip_version = (uint8_t)draw();
		break;
	case 2: { /* As if it ended here. */
		const size_t cut = draw_below((uint32_t)(RDMA_CM_NS_HEADER_LENGTH + length));

		memset(header + cut, 0, RDMA_CM_NS_HEADER_LENGTH + length - cut);
		break;
	}
	case 3:
		draw_bytes(header, RDMA_CM_NS_HEADER_LENGTH + length);
	}
}

static uint16_t some_pkey(void)
{
	static const uint16_t pkeys[] = { 0xffff, 0x7fff, 0x8001, 0x0002, 0x0003, 0x8777, 0 };

	return htobe16(draw_below(3) ? 0xffff : pkeys[draw_below(7)]);
}

/* The listener's, whose port is in its trailer's check sum, or one where nobody listens. */
static uint64_t some_service(const struct storm_listener *listener, uint64_t space)
{
	if (!draw_below(20))
		return draw();
	return htobe64(space + (draw_below(8) ? listener->port : draw_below(PORTS_UNUSED)));
}

static void fill_req(const struct storm_target *target, struct mad *message)
{
	const struct storm_listener *listener = some_listener();
	struct req *req = &message->req;

	last_request = scene.request_ids | draw_below(IDS_MAX);
	req->local_id = htobe32(last_request);
	req->service_id = some_service(listener, SERVICE_TCP);
	req->ca_guid = draw_below(2) ? scene.own_guid : draw() | 1;
	req->qkey = (uint32_t)draw();
	req->qpn_and_resources = (uint32_t)draw();
	req->eecn_and_depth = (uint32_t)draw();
	req->remote_eecn_and_timeout = htobe32(draw_below(TIMEOUT_MAX) << 3 | draw_below(8));
	/* Mostly RC; the type is in bits that other fields share. */
	if (draw_below(8))
		req->remote_eecn_and_timeout &= htobe32(~6u);
	req->psn_and_timeout = htobe32(draw_below(1 << 24) << 8 | draw_below(TIMEOUT_MAX) << 3);
	req->pkey = some_pkey();
	req->mtu_and_retries = (uint8_t)(draw_below(6) ? 5 << 4 : draw());
	req->cm_retries = (uint8_t)(draw_below(3) << 4);
	req->local_lid = htobe16(draw_below(4) ? scene.own_lid : (uint16_t)draw());
	req->remote_lid = htobe16(draw_below(4) ? target->lid : (uint16_t)draw());
	memcpy(req->remote_gid, target->gid, 16);
	memcpy(req->local_gid, draw_below(3) ? scene.own_gid : some_target()->gid, 16);
	if (!draw_below(10))
		draw_bytes(draw_below(2) ? req->local_gid : req->remote_gid, 16);
	req->flow_and_rate = draw_below(4) ? htobe32(3) : (uint32_t)draw();
	req->sl = (uint8_t)(draw_below(4) ? 1 << 3 : draw());
	req->ack_timeout = (uint8_t)(draw_below(TIMEOUT_MAX) << 3);
	if (!draw_below(8)) {
		draw_bytes(req->alternate, sizeof(req->alternate));
		if (draw_below(2))
			memcpy(req->alternate + 20, target->gid, 16);
		req->alternate[43] = (uint8_t)(draw_below(TIMEOUT_MAX) << 3);
	}
	fill_private(QPN_MESSAGE_REQ, listener, &req->ip);
}

static void fill_sidr_req(struct mad *message)
{
	const struct storm_listener *listener = some_listener();
	struct sidr_req *request = &message->sidr_req;

	request->id = htobe32(scene.request_ids | draw_below(IDS_MAX));
	request->pkey = some_pkey();
	request->service_id = some_service(listener, SERVICE_UDP);
	fill_private(QPN_MESSAGE_SIDR_REQ, listener, &request->ip);
}

/* Numbers are given in turn, under one mask. */
static uint32_t near_peer_id(void)
{
	uint32_t i = draw_below(scene.connections_count + 1);

	if (i == scene.connections_count)
		return (uint32_t)draw();
	return scene.connections[i].peer_id ^ draw_below(draw_below(2) ? 64 : 4096);
}

/*
 * A connection ends with the first REJ or DREQ; after a LAP it heeds no REJ any more. So the first
 * one, which is to last, has all but these two, and the others have no LAP.
 */
static const struct storm_connection *fill_ids(struct mad *message, uint16_t attribute)
{
	const bool ends = attribute == UMAD_CM_ATTR_REJ || attribute == UMAD_CM_ATTR_DREQ;
	uint32_t i = draw_below(2 * scene.connections_count + 2) / 2;
	uint32_t *ids = (uint32_t *)message->all;

	if (i < scene.connections_count && !(i ? attribute == UMAD_CM_ATTR_LAP : ends)) {
		ids[0] = htobe32(scene.connections[i].own_id);
		ids[1] = htobe32(scene.connections[i].peer_id);
		return &scene.connections[i];
	}
	/* Of a request that somebody may be about to accept. */
	ids[0] = htobe32(draw_below(2) ? last_request : scene.request_ids | draw_below(IDS_MAX));
	ids[1] = htobe32(near_peer_id());
	return NULL;
}

static void fill_other(struct storm_mad *mad, struct mad *message, uint16_t attribute)
{
	const uint64_t guid = draw_below(2) ? scene.own_guid : draw() | 1;
	const struct storm_connection *connection;
	uint8_t *data = message->all;
	uint32_t qpn;

	if (draw_below(2))
		draw_bytes(data, sizeof(message->all));
	connection = fill_ids(message, attribute);
	qpn = htobe32((connection && draw_below(2) ? connection->peer_qpn : draw_below(256)) << 8);
	switch (attribute) {
	case UMAD_CM_ATTR_REP:
		memcpy(data + 28, &guid, sizeof(guid));
		break;
	case UMAD_CM_ATTR_MRA:
		data[8] = (uint8_t)(draw_below(4) << 6);
		data[9] = (uint8_t)(draw_below(TIMEOUT_MAX) << 3);
		break;
	case UMAD_CM_ATTR_REJ:
		/* What was rejected, and why: 4 is "timeout", which the peer's GUID goes with. */
		data[8] = (uint8_t)(draw_below(4) << 6);
		data[9] = (uint8_t)(draw_below(4) ? 8 << 1 : draw());
		data[10] = 0;
		data[11] = (uint8_t)draw_below(40);
		memcpy(data + 12, &guid, sizeof(guid));
		break;
	case UMAD_CM_ATTR_DREQ:
		memcpy(data + 8, &qpn, sizeof(qpn));
		break;
	case UMAD_CM_ATTR_LAP:
	case UMAD_CM_ATTR_APR:
		/* rdma_cm says of each that it does not expect it. */
		mad->loud = connection;
		break;
	}
}

/* What every class of datagrams is checked for. */
static void spoil_header(struct storm_mad *mad, struct mad_header *header)
{
	switch (draw_below(7)) {
	case 0:
		header->base_version = (uint8_t)draw();
		mad->loud = header->base_version != UMAD_BASE_VERSION;
		break;
	case 1:
		header->class_version = (uint8_t)draw();
		break;
	case 2:
		header->method = (uint8_t)draw();
		break;
	case 3:
		header->method = UMAD_METHOD_GET;
		header->attribute = htobe16(UMAD_ATTR_CLASS_PORT_INFO);
		break;
	case 4:
		header->attribute = (uint16_t)draw();
		break;
	case 5:
		header->status = (uint16_t)draw();
		break;
	default:
		header->modifier = (uint32_t)draw();
	}
}

void storm_make_cm(struct storm_mad *mad)
{
	const struct storm_target *target = draw_below(4) ? &scene.targets[0] : some_target();
	struct mad message = { 0 };
	uint16_t attribute = UMAD_CM_ATTR_REQ;
	uint32_t what = draw_below(20);

	if (what >= 12)
		attribute = (uint16_t)(UMAD_CM_ATTR_REQ + draw_below(11));
	else if (what >= 9)
		attribute = UMAD_CM_ATTR_SIDR_REQ;
	fill_header(&message, attribute);
	if (attribute == UMAD_CM_ATTR_REQ)
		fill_req(target, &message);
	else if (attribute == UMAD_CM_ATTR_SIDR_REQ)
		fill_sidr_req(&message);
	else
		fill_other(mad, &message, attribute);
	if (!draw_below(16))
		spoil_header(mad, &message.header);
	memcpy(mad->bytes, &message, sizeof(message));
	mad->lid = target->lid;
}
