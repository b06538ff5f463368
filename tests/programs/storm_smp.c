// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* SMPs of somebody who is not the subnet manager: by LID and by directed route. */
#include <endian.h>
#include <infiniband/umad_sm.h>
#include <infiniband/umad_types.h>
#include <string.h>

#include "draw.h"
#include "storm.h"

#define PERMISSIVE 0xffff

static const uint16_t attributes[] = {
	UMAD_SM_ATTR_PORT_INFO,	    UMAD_SM_ATTR_PORT_INFO,    UMAD_SM_ATTR_PORT_INFO,
	UMAD_SM_ATTR_PKEY_TABLE,    UMAD_SM_ATTR_GUID_INFO,    UMAD_SM_ATTR_NODE_DESC,
	UMAD_SM_ATTR_NODE_INFO,	    UMAD_SM_ATTR_LINEAR_FT,    UMAD_SM_ATTR_SWITCH_INFO,
	UMAD_SM_ATTR_SLVL_TABLE,    UMAD_SM_ATTR_MCAST_FT,     UMAD_SM_ATTR_VL_ARB_TABLE,
	UMAD_SM_ATTR_RANDOM_FT,	    UMAD_SM_ATTR_LED_INFO,     UMAD_SM_ATTR_SM_INFO,
	UMAD_SM_ATTR_VENDOR_DIAG,   UMAD_ATTR_NOTICE,	       UMAD_SM_ATTR_CABLE_INFO,
	UMAD_SM_ATTR_PORT_INFO_EXT, UMAD_ATTR_CLASS_PORT_INFO,
};

static uint8_t some_method(void)
{
	static const uint8_t methods[] = { UMAD_METHOD_SET,	    UMAD_METHOD_SET,
					   UMAD_METHOD_SET,	    UMAD_METHOD_SET,
					   UMAD_METHOD_SET,	    UMAD_METHOD_GET,
					   UMAD_METHOD_GET,	    UMAD_METHOD_GET_RESP,
					   UMAD_METHOD_TRAP_REPRESS };

	return draw_below(40) ? methods[draw_below(sizeof(methods))] : (uint8_t)draw();
}

/* Small numbers name ports and blocks, in either half. */
static uint32_t some_modifier(void)
{
	switch (draw_below(6)) {
	case 0:
		return (uint32_t)draw();
	case 1:
		return draw_below(8) << 16 | draw_below(8);
	case 2:
		return draw_below(0x400);
	default:
		return draw_below(5);
	}
}

/* A PortInfo that is valid but for a few bytes gets further than one that is nonsense. */
static void fill_port_info(const struct storm_target *target, uint8_t data[64])
{
	static const uint8_t fields[] = { 0,  7,  8,  15, 16, 17, 18, 19, 20, 26, 27, 29,
					  32, 33, 34, 35, 36, 39, 43, 44, 46, 48, 51 };
	uint32_t changes = 1 + draw_below(3);

	memcpy(data, target->port_info, 64);
	if (scene.m_key && draw_below(4)) {
		const uint64_t key = htobe64(scene.m_key);

		memcpy(data, &key, sizeof(key));
	}
	/* No command about the link's state, mostly. */
	data[32] &= 0xf0;
	data[33] &= 0x0f;
	while (changes--)
		data[fields[draw_below(sizeof(fields))]] = (uint8_t)draw();
}

static void fill_notice(uint8_t data[64])
{
	static const uint16_t numbers[] = { UMAD_SM_LINK_STATE_CHANGED_TRAP,
					    UMAD_SM_LOCAL_CHANGES_TRAP,
					    UMAD_SM_SYS_IMG_GUID_CHANGED_TRAP,
					    UMAD_SM_BAD_MKEY_TRAP, UMAD_SM_BAD_PKEY_TRAP };
	const uint16_t number = htobe16(numbers[draw_below(5)]);

	data[0] = (uint8_t)(0x80 | draw());
	memcpy(data + 4, &number, sizeof(number));
}

static bool is_proper(const struct umad_smp *smp, bool answer)
{
	if (smp->hop_cnt >= UMAD_SMP_MAX_HOPS)
		return false;
	if (!answer)
		return smp->hop_cnt && !smp->hop_ptr && smp->initial_path[1] == 1;
	return smp->hop_cnt && smp->hop_ptr == smp->hop_cnt + 1 &&
	       smp->return_path[smp->hop_cnt] == 1;
}

/* Out of the own port to the switch, out of one of its ports; or nonsense. */
static void fill_route(struct storm_mad *mad, struct umad_smp *smp)
{
	const bool answer = !draw_below(8);

	smp->mgmt_class = UMAD_CLASS_SUBN_DIRECTED_ROUTE;
	smp->dr_slid = draw_below(6) ? PERMISSIVE : (uint16_t)draw();
	smp->dr_dlid = draw_below(6) ? PERMISSIVE : (uint16_t)draw();
	if (!draw_below(4))
		smp->dr_dlid = htobe16(scene.targets[draw_below(scene.targets_count)].lid);
	mad->lid = draw_below(8) ? PERMISSIVE : scene.switch_lid;
	smp->hop_cnt = (uint8_t)(1 + draw_below(2));
	draw_bytes(smp->initial_path, draw_below(sizeof(smp->initial_path)));
	draw_bytes(smp->return_path, draw_below(sizeof(smp->return_path)));
	smp->initial_path[1] = 1;
	if (draw_below(8))
		smp->initial_path[2] = (uint8_t)(1 + draw_below(scene.targets_count + 1));
	if (!draw_below(6))
		smp->hop_cnt = (uint8_t)draw_below(UMAD_SMP_MAX_HOPS);
	if (answer) {
		smp->status |= htobe16(UMAD_SMP_DIRECTION);
		smp->hop_ptr = (uint8_t)(smp->hop_cnt + 1);
		smp->return_path[smp->hop_cnt] = 1;
	}
	if (!draw_below(20)) {
		smp->hop_cnt = (uint8_t)draw_below(80);
		smp->hop_ptr = (uint8_t)(draw_below(2) ? draw() : smp->hop_cnt + draw_below(3));
	}
	/* The sender's own kernel refuses most of the others, and says so. */
	mad->loud = !is_proper(smp, answer);
}

void storm_make_smp(struct storm_mad *mad)
{
	const struct storm_target *target = &scene.targets[draw_below(scene.targets_count)];
	struct umad_smp smp = { .base_version = UMAD_BASE_VERSION,
				.mgmt_class = UMAD_CLASS_SUBN_LID_ROUTED,
				.class_version = 1 };
	uint16_t attribute = attributes[draw_below(sizeof(attributes) / sizeof(attributes[0]))];

	if (!draw_below(24))
		attribute = (uint16_t)draw();
	smp.method = some_method();
	/* Each trap may have the subnet manager look at everything. */
	if (!draw_below(60)) {
		smp.method = UMAD_METHOD_TRAP;
		attribute = UMAD_ATTR_NOTICE;
	}
	smp.tid = draw();
	smp.attr_id = htobe16(attribute);
	smp.attr_mod = htobe32(some_modifier());
	smp.mkey = htobe64(scene.m_key && draw_below(8) ? scene.m_key : draw());
	if (draw_below(4))
		draw_bytes(smp.data, sizeof(smp.data));
	if (attribute == UMAD_SM_ATTR_PORT_INFO && draw_below(6))
		fill_port_info(target, smp.data);
	if (attribute == UMAD_ATTR_NOTICE)
		fill_notice(smp.data);
	mad->smp = true;
	mad->lid = draw_below(3) ? target->lid : scene.switch_lid;
	if (draw_below(2))
		fill_route(mad, &smp);
	switch (draw_below(48)) {
	case 0:
		smp.base_version = (uint8_t)draw();
		mad->loud = true;
		break;
	case 1:
		smp.class_version = (uint8_t)draw();
		break;
	case 2:
		smp.status ^= (uint16_t)draw();
		mad->loud = true;
		break;
	}
	memcpy(mad->bytes, &smp, sizeof(smp));
}
