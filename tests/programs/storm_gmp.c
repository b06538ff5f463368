// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Datagrams of the other classes: performance management, the SA's answers that nobody asked for,
 * with RMPP headers of every kind, vendors' classes, and SMPs for QP 1, where they do not belong.
 */
#include <endian.h>
#include <infiniband/umad_sa.h>
#include <infiniband/umad_types.h>
#include <string.h>

#include "draw.h"
#include "storm.h"

/* Agents are numbered as they register: those of a kernel's own clients come first. */
#define AGENTS 64

/* No Set and no Delete: the SA would do what it is asked to, as it would for anybody. */
static const uint8_t sa_methods[] = {
	UMAD_METHOD_GET_RESP,
	UMAD_METHOD_GET_RESP,
	UMAD_SA_METHOD_GET_TABLE_RESP,
	UMAD_SA_METHOD_GET_TABLE_RESP,
	UMAD_METHOD_REPORT,
	UMAD_METHOD_REPORT_RESP,
	UMAD_METHOD_GET,
	UMAD_SA_METHOD_GET_TABLE,
	UMAD_SA_METHOD_GET_TRACE_TABLE,
	UMAD_SA_METHOD_DELETE_RESP,
	UMAD_METHOD_TRAP_REPRESS,
};

/* A version, a type (1 data, 2 ACK, 3 STOP, 4 ABORT), flags (1 active, 2 first, 4 last). */
static void fill_rmpp(struct umad_rmpp_hdr *rmpp)
{
	rmpp->rmpp_version = draw_below(6) ? UMAD_RMPP_VERSION : (uint8_t)draw();
	rmpp->rmpp_type = (uint8_t)(draw_below(6) ? 1 + draw_below(4) : draw());
	rmpp->rmpp_rtime_flags = (uint8_t)(draw_below(32) << 3 | draw_below(8));
	if (draw_below(3))
		rmpp->rmpp_rtime_flags |= UMAD_RMPP_FLAG_ACTIVE;
	rmpp->rmpp_status = draw_below(4) ? 0 : (uint8_t)draw();
	rmpp->seg_num = draw_below(4) ? htobe32(draw_below(4)) : (uint32_t)draw();
	rmpp->paylen_newwin = draw_below(2) ? htobe32(draw_below(300)) : (uint32_t)draw();
}

static void fill_sa(struct umad_rmpp_packet *packet)
{
	struct umad_hdr *header = &packet->mad_hdr;

	header->mgmt_class = UMAD_CLASS_SUBN_ADM;
	header->class_version = 2;
	header->method = sa_methods[draw_below(sizeof(sa_methods))];
	header->tid = htobe64((uint64_t)draw_below(AGENTS) << 32 | (draw() & 0xffffffff));
	header->attr_id = htobe16((uint16_t)(draw_below(3) ? 0x11 + draw_below(0x2f) : 0x35));
	if (draw_below(3))
		fill_rmpp(&packet->rmpp_hdr);
	/* The stock kernel frees none of these: kernel/series.d/a-fixes/6-response. */
	if (header->method & UMAD_METHOD_RESP_MASK || header->method == UMAD_METHOD_TRAP_REPRESS)
		packet->rmpp_hdr.rmpp_rtime_flags &= (uint8_t)~UMAD_RMPP_FLAG_ACTIVE;
}

static void fill_pma(struct umad_hdr *header)
{
	static const uint16_t attributes[] = { 0x01, 0x10, 0x11, 0x12, 0x12, 0x1d, 0x1d };

	header->mgmt_class = UMAD_CLASS_PERF_MGMT;
	header->class_version = 1;
	header->method = draw_below(2) ? UMAD_METHOD_SET : UMAD_METHOD_GET;
	header->attr_id = htobe16(attributes[draw_below(7)]);
	if (draw_below(8))
		header->attr_mod = 0;
}

static void fill_vendor(struct umad_rmpp_packet *packet)
{
	static const uint8_t methods[] = { UMAD_METHOD_GET, UMAD_METHOD_SET, UMAD_METHOD_SEND,
					   UMAD_METHOD_GET_RESP };
	struct umad_hdr *header = &packet->mad_hdr;

	header->mgmt_class =
		(uint8_t)(draw_below(2) ? 0x30 + draw_below(0x20) : 5 + draw_below(43));
	/* There are better ways for the CM's. */
	if (header->mgmt_class == UMAD_CLASS_CM)
		header->mgmt_class = UMAD_CLASS_DEVICE_MGMT;
	header->class_version = (uint8_t)(1 + draw_below(2));
	header->method = methods[draw_below(4)];
	fill_rmpp(&packet->rmpp_hdr);
}

void storm_make_gmp(struct storm_mad *mad)
{
	struct umad_rmpp_packet packet;
	struct umad_hdr *header = &packet.mad_hdr;

	draw_bytes(&packet, sizeof(packet));
	header->base_version = UMAD_BASE_VERSION;
	header->status = draw_below(4) ? 0 : (uint16_t)draw();
	switch (draw_below(8)) {
	case 0:
	case 1:
		fill_pma(header);
		break;
	case 2:
		fill_vendor(&packet);
		break;
	case 3:
		header->mgmt_class =
			draw_below(2) ? UMAD_CLASS_SUBN_LID_ROUTED : UMAD_CLASS_SUBN_DIRECTED_ROUTE;
		/* By umad the sender's own kernel would read a route in it. */
		mad->raw = true;
		break;
	default:
		fill_sa(&packet);
	}
	switch (draw_below(32)) {
	case 0:
		header->base_version = (uint8_t)draw();
		mad->loud = true;
		break;
	case 1:
		header->class_version = (uint8_t)draw();
		break;
	case 2:
		header->method = (uint8_t)(draw() & 0x7f);
		if (header->mgmt_class == UMAD_CLASS_SUBN_ADM)
			header->method = UMAD_METHOD_SEND;
		break;
	}
	memcpy(mad->bytes, &packet, sizeof(packet));
	mad->lid = draw_below(5) ? scene.targets[draw_below(scene.targets_count)].lid :
				   scene.switch_lid;
}
