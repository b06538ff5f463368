// SPDX-License-Identifier: GPL-2.0
/*
 * The subnet management agent of HCA ports and of the switch: all attributes except PortInfo.
 * Structures are filled in elsewhere and then copied, because MADs in packets are not aligned.
 */
#include "mad.h"

#define INVALID		IB_MGMT_MAD_STATUS_INVALID_ATTRIB_VALUE
#define UNSUPPORTED	IB_MGMT_MAD_STATUS_UNSUPPORTED_METHOD_ATTRIB

#define SIB_NODE_CA		1
#define SIB_NODE_SWITCH		2
#define SIB_LFT_BLOCK		64
#define SIB_MFT_BLOCK		32
#define SIB_PKEY_BLOCK		32
#define SIB_LED_ON		0x80000000

struct sib_switch_info {
	__be16 linear_cap;
	__be16 random_cap;
	__be16 multicast_cap;
	__be16 linear_top;
	u8 default_port;
	u8 mcast_default_port;
	u8 mcast_not_primary_port;
	/* LifeTimeValue has 5 bits, PortStateChange 1, optimised SL to VL 2 */
	u8 life_time_change;
	__be16 lids_per_port;
	__be16 enforcement_cap;
	u8 flags;
	u8 reserved;
	__be16 multicast_top;
};

#define SIB_PORT_STATE_CHANGE	0x04
#define SIB_INBOUND_CAP		0x80	/* the switch enforces partitions in both directions */
#define SIB_OUTBOUND_CAP	0x40

static void sib_put(struct ib_smp *smp, const void *from, size_t size)
{
	BUILD_BUG_ON(sizeof(smp->data) != IB_SMP_DATA_SIZE);
	memset(smp->data, 0, sizeof(smp->data));
	memcpy(smp->data, from, min(size, sizeof(smp->data)));
}

static u32 sib_modifier(const struct ib_smp *smp)
{
	return be32_to_cpu(smp->attr_mod);
}

static u16 sib_node_desc_get(struct sib_node *node, struct ib_smp *smp)
{
	if (sib_modifier(smp))
		return INVALID;
	if (sib_node_is_switch(node))
		sib_put(smp, node->fabric->sw.node_desc, IB_DEVICE_NODE_DESC_MAX);
	else
		sib_put(smp, node->port->device->rdi.ibdev.node_desc, IB_DEVICE_NODE_DESC_MAX);
	return 0;
}

static u16 sib_node_info_get(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_switch *sw = &node->fabric->sw;
	struct ib_node_info info = {
		.base_version = IB_MGMT_BASE_VERSION,
		.class_version = 1,
		.partition_cap = cpu_to_be16(SIB_PKEYS),
		.device_id = cpu_to_be16(SIB_DEVICE_ID),
		.revision = cpu_to_be32(SIB_REVISION),
		.local_port_num = node->ingress,
		.vendor_id = { SIB_VENDOR_ID >> 16, (SIB_VENDOR_ID >> 8) & 0xff,
			       SIB_VENDOR_ID & 0xff },
	};

	if (sib_modifier(smp))
		return INVALID;
	if (sib_node_is_switch(node)) {
		info.node_type = SIB_NODE_SWITCH;
		info.num_ports = sw->num_ports;
		info.sys_guid = sw->guid;
		info.node_guid = sw->guid;
		info.port_guid = sw->guid;
	} else {
		struct sib_device *device = node->port->device;

		info.node_type = SIB_NODE_CA;
		info.num_ports = device->num_ports;
		info.sys_guid = device->rdi.dparms.props.sys_image_guid;
		info.node_guid = device->rdi.ibdev.node_guid;
		info.port_guid = node->port->guid[0];
	}
	sib_put(smp, &info, sizeof(info));
	return 0;
}

static u16 sib_switch_info_get(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_switch *sw = &node->fabric->sw;
	struct sib_switch_info info = {
		.linear_cap = cpu_to_be16(SIB_LFT_SIZE),
		.multicast_cap = cpu_to_be16(SIB_MFT_SIZE),
		.enforcement_cap = cpu_to_be16(SIB_PKEYS),
		.flags = SIB_INBOUND_CAP | SIB_OUTBOUND_CAP,
	};
	unsigned long flags;

	if (sib_modifier(smp))
		return INVALID;
	spin_lock_irqsave(&sw->lock, flags);
	info.linear_top = cpu_to_be16(sw->lft_top);
	info.mcast_default_port = sw->mcast_default_port;
	info.mcast_not_primary_port = sw->mcast_not_primary_port;
	info.life_time_change = sw->life_time << 3;
	if (READ_ONCE(sw->port_state_change))
		info.life_time_change |= SIB_PORT_STATE_CHANGE;
	spin_unlock_irqrestore(&sw->lock, flags);
	sib_put(smp, &info, sizeof(info));
	return 0;
}

static u16 sib_switch_info_set(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_switch *sw = &node->fabric->sw;
	struct sib_switch_info info;
	unsigned long flags;

	memcpy(&info, smp->data, sizeof(info));
	if (sib_modifier(smp) || be16_to_cpu(info.linear_top) >= SIB_LFT_SIZE)
		return INVALID;
	spin_lock_irqsave(&sw->lock, flags);
	WRITE_ONCE(sw->lft_top, be16_to_cpu(info.linear_top));
	sw->mcast_default_port = info.mcast_default_port;
	sw->mcast_not_primary_port = info.mcast_not_primary_port;
	sw->life_time = info.life_time_change >> 3;
	if (info.life_time_change & SIB_PORT_STATE_CHANGE)
		WRITE_ONCE(sw->port_state_change, false);
	spin_unlock_irqrestore(&sw->lock, flags);
	return sib_switch_info_get(node, smp);
}

static u16 sib_guid_info_get(struct sib_node *node, struct ib_smp *smp)
{
	__be64 guid[SIB_GUIDS] = {};

	BUILD_BUG_ON(sizeof(guid) != IB_SMP_DATA_SIZE);
	if (sib_modifier(smp))
		return INVALID;
	if (sib_node_is_switch(node))
		guid[0] = node->fabric->sw.guid;
	else
		memcpy(guid, node->port->guid, sizeof(guid));
	sib_put(smp, guid, sizeof(guid));
	return 0;
}

/* The first GUID always belongs to the port. The switch's port 0 has no other. */
static u16 sib_guid_info_set(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_port *port = node->port;
	__be64 guid[SIB_GUIDS];
	unsigned long flags;
	bool changed = false;
	unsigned int i;

	if (sib_modifier(smp))
		return INVALID;
	if (port) {
		memcpy(guid, smp->data, sizeof(guid));
		spin_lock_irqsave(&port->end.lock, flags);
		for (i = 1; i < SIB_GUIDS; i++) {
			changed |= port->guid[i] != guid[i];
			WRITE_ONCE(port->guid[i], guid[i]);
		}
		spin_unlock_irqrestore(&port->end.lock, flags);
		if (changed)
			sib_port_event(port, IB_EVENT_GID_CHANGE);
	}
	return sib_guid_info_get(node, smp);
}

/* In P_KeyTable the lower half selects the block, and the upper half a port of the switch. */
static struct sib_link_end *sib_pkey_end(struct sib_node *node, const struct ib_smp *smp)
{
	u32 mod = sib_modifier(smp);

	if (mod & 0xffff)	/* all SIB_PKEYS are in block 0 */
		return NULL;
	return sib_node_is_switch(node) ? sib_node_end(node, mod >> 16) : node->end;
}

static u16 sib_pkey_table_get(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_link_end *end = sib_pkey_end(node, smp);
	__be16 pkey[SIB_PKEY_BLOCK] = {};
	unsigned int i;

	BUILD_BUG_ON(SIB_PKEYS > SIB_PKEY_BLOCK);
	if (!end)
		return INVALID;
	for (i = 0; i < SIB_PKEYS; i++)
		pkey[i] = cpu_to_be16(READ_ONCE(end->pkey[i]));
	sib_put(smp, pkey, sizeof(pkey));
	return 0;
}

static u16 sib_pkey_table_set(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_link_end *end = sib_pkey_end(node, smp);
	__be16 pkey[SIB_PKEY_BLOCK];
	unsigned long flags;
	bool changed = false;
	unsigned int i;

	if (!end)
		return INVALID;
	memcpy(pkey, smp->data, sizeof(pkey));
	spin_lock_irqsave(&end->lock, flags);
	for (i = 0; i < SIB_PKEYS; i++) {
		changed |= end->pkey[i] != be16_to_cpu(pkey[i]);
		WRITE_ONCE(end->pkey[i], be16_to_cpu(pkey[i]));
	}
	spin_unlock_irqrestore(&end->lock, flags);
	if (changed && node->port)
		sib_port_event(node->port, IB_EVENT_PKEY_CHANGE);
	return sib_pkey_table_get(node, smp);
}

/*
 * A table has 16 virtual lanes of 4 bits each. The switch has one for each pair of an input port
 * (bits 15 to 8) and an output port.
 */
static u8 *sib_sl_to_vl(struct sib_node *node, const struct ib_smp *smp)
{
	struct sib_switch *sw = &node->fabric->sw;
	u32 mod = sib_modifier(smp);
	unsigned int in = (mod >> 8) & 0xff, out = mod & 0xff;

	if (!sib_node_is_switch(node))
		return node->end->sl_to_vl;
	if (mod >> 16 || in > sw->num_ports || out > sw->num_ports)
		return NULL;
	return sw->sl_to_vl[in][out];
}

static u16 sib_sl_to_vl_get(struct sib_node *node, struct ib_smp *smp)
{
	u8 *table = sib_sl_to_vl(node, smp);

	if (!table)
		return INVALID;
	sib_put(smp, table, sizeof(node->end->sl_to_vl));
	return 0;
}

static u16 sib_sl_to_vl_set(struct sib_node *node, struct ib_smp *smp)
{
	spinlock_t *lock = sib_node_is_switch(node) ? &node->fabric->sw.lock : &node->end->lock;
	u8 *table = sib_sl_to_vl(node, smp);
	unsigned long flags;

	if (!table)
		return INVALID;
	spin_lock_irqsave(lock, flags);
	memcpy(table, smp->data, sizeof(node->end->sl_to_vl));
	spin_unlock_irqrestore(lock, flags);
	return sib_sl_to_vl_get(node, smp);
}

/*
 * The upper half selects the block (1 and 2 have low priority, 3 and 4 high), the lower half a port
 * of the switch.
 */
static u16 sib_vl_arb(struct sib_node *node, struct ib_smp *smp, bool set)
{
	unsigned int block = sib_modifier(smp) >> 16, port_num = sib_modifier(smp) & 0xffff;
	struct sib_link_end *end = node->end;
	unsigned long flags;

	if (sib_node_is_switch(node))
		end = port_num ? sib_node_end(node, port_num) : NULL;
	if (!end || block < 1 || block > ARRAY_SIZE(end->vl_arb))
		return INVALID;
	BUILD_BUG_ON(sizeof(end->vl_arb[0]) != IB_SMP_DATA_SIZE);
	spin_lock_irqsave(&end->lock, flags);
	if (set)
		memcpy(end->vl_arb[block - 1], smp->data, sizeof(end->vl_arb[0]));
	sib_put(smp, end->vl_arb[block - 1], sizeof(end->vl_arb[0]));
	spin_unlock_irqrestore(&end->lock, flags);
	return 0;
}

static u16 sib_vl_arb_get(struct sib_node *node, struct ib_smp *smp)
{
	return sib_vl_arb(node, smp, false);
}

static u16 sib_vl_arb_set(struct sib_node *node, struct ib_smp *smp)
{
	return sib_vl_arb(node, smp, true);
}

static u16 sib_linear_table_get(struct sib_node *node, struct ib_smp *smp)
{
	u32 block = sib_modifier(smp);

	if (block >= SIB_LFT_SIZE / SIB_LFT_BLOCK)
		return INVALID;
	sib_put(smp, node->fabric->sw.lft + block * SIB_LFT_BLOCK, SIB_LFT_BLOCK);
	return 0;
}

static u16 sib_linear_table_set(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_switch *sw = &node->fabric->sw;
	u32 block = sib_modifier(smp);
	unsigned long flags;
	unsigned int i;

	if (block >= SIB_LFT_SIZE / SIB_LFT_BLOCK)
		return INVALID;
	spin_lock_irqsave(&sw->lock, flags);
	for (i = 0; i < SIB_LFT_BLOCK; i++)
		WRITE_ONCE(sw->lft[block * SIB_LFT_BLOCK + i], smp->data[i]);
	spin_unlock_irqrestore(&sw->lock, flags);
	return sib_linear_table_get(node, smp);
}

/* Bits 8 to 0 select a block of 32 LIDs, and bits 31 to 28 a position (16 ports). */
static u16 *sib_multicast_block(struct sib_node *node, const struct ib_smp *smp)
{
	struct sib_switch *sw = &node->fabric->sw;
	unsigned int block = sib_modifier(smp) & 0x1ff, position = sib_modifier(smp) >> 28;

	BUILD_BUG_ON(SIB_MFT_POSITIONS < 16);
	if (block >= SIB_MFT_SIZE / SIB_MFT_BLOCK || position * 16 > sw->num_ports)
		return NULL;
	return &sw->mft[position][block * SIB_MFT_BLOCK];
}

static u16 sib_multicast_table_get(struct sib_node *node, struct ib_smp *smp)
{
	const u16 *ports = sib_multicast_block(node, smp);
	__be16 reply[SIB_MFT_BLOCK];
	unsigned int i;

	if (!ports)
		return INVALID;
	for (i = 0; i < SIB_MFT_BLOCK; i++)
		reply[i] = cpu_to_be16(READ_ONCE(ports[i]));
	sib_put(smp, reply, sizeof(reply));
	return 0;
}

static u16 sib_multicast_table_set(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_switch *sw = &node->fabric->sw;
	u16 *ports = sib_multicast_block(node, smp);
	__be16 wanted[SIB_MFT_BLOCK];
	unsigned long flags;
	unsigned int i;

	if (!ports)
		return INVALID;
	memcpy(wanted, smp->data, sizeof(wanted));
	spin_lock_irqsave(&sw->lock, flags);
	for (i = 0; i < SIB_MFT_BLOCK; i++)
		WRITE_ONCE(ports[i], be16_to_cpu(wanted[i]));
	spin_unlock_irqrestore(&sw->lock, flags);
	return sib_multicast_table_get(node, smp);
}

static struct sib_link_end *sib_led_end(struct sib_node *node, const struct ib_smp *smp)
{
	if (sib_node_is_switch(node))
		return sib_node_end(node, sib_modifier(smp));
	return sib_modifier(smp) ? NULL : node->end;
}

static u16 sib_led_info_get(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_link_end *end = sib_led_end(node, smp);
	__be32 led;

	if (!end)
		return INVALID;
	led = cpu_to_be32(READ_ONCE(end->led) ? SIB_LED_ON : 0);
	sib_put(smp, &led, sizeof(led));
	return 0;
}

static u16 sib_led_info_set(struct sib_node *node, struct ib_smp *smp)
{
	struct sib_link_end *end = sib_led_end(node, smp);
	__be32 led;

	if (!end)
		return INVALID;
	memcpy(&led, smp->data, sizeof(led));
	WRITE_ONCE(end->led, be32_to_cpu(led) & SIB_LED_ON);
	return sib_led_info_get(node, smp);
}

static const struct {
	__be16 id;
	bool switch_only;
	sib_smp_handler get;
	sib_smp_handler set;
} attributes[] = {
	{ IB_SMP_ATTR_NODE_DESC, false, sib_node_desc_get, NULL },
	{ IB_SMP_ATTR_NODE_INFO, false, sib_node_info_get, NULL },
	{ IB_SMP_ATTR_SWITCH_INFO, true, sib_switch_info_get, sib_switch_info_set },
	{ IB_SMP_ATTR_GUID_INFO, false, sib_guid_info_get, sib_guid_info_set },
	{ IB_SMP_ATTR_PORT_INFO, false, sib_portinfo_get, sib_portinfo_set },
	{ IB_SMP_ATTR_PKEY_TABLE, false, sib_pkey_table_get, sib_pkey_table_set },
	{ IB_SMP_ATTR_SL_TO_VL_TABLE, false, sib_sl_to_vl_get, sib_sl_to_vl_set },
	{ IB_SMP_ATTR_VL_ARB_TABLE, false, sib_vl_arb_get, sib_vl_arb_set },
	{ IB_SMP_ATTR_LINEAR_FORWARD_TABLE, true, sib_linear_table_get, sib_linear_table_set },
	{ IB_SMP_ATTR_MCAST_FORWARD_TABLE, true, sib_multicast_table_get, sib_multicast_table_set },
	{ IB_SMP_ATTR_LED_INFO, false, sib_led_info_get, sib_led_info_set },
};

u16 sib_smp_attribute(struct sib_node *node, struct ib_smp *smp)
{
	sib_smp_handler handler;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (attributes[i].id != smp->attr_id)
			continue;
		if (attributes[i].switch_only && !sib_node_is_switch(node))
			break;
		handler = smp->method == IB_MGMT_METHOD_SET ? attributes[i].set : attributes[i].get;
		return handler ? handler(node, smp) : UNSUPPORTED;
	}
	return UNSUPPORTED;
}
