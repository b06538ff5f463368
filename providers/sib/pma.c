// SPDX-License-Identifier: GPL-2.0
/*
 * The performance management agent of HCA ports and of the switch. One set of 64-bit counters
 * serves both PortCounters, which stop at their maximum, and PortCountersExtended, which wrap. Each
 * of the two counts from its own base, so it can be cleared without the other.
 */
#include <rdma/ib_pma.h>
#include "mad.h"

#define INVALID		IB_MGMT_MAD_STATUS_INVALID_ATTRIB_VALUE
#define UNSUPPORTED	IB_MGMT_MAD_STATUS_UNSUPPORTED_METHOD_ATTRIB

#define SIB_ALL_PORTS	0xff
#define SIB_RESP_TIME	18

/* Both attributes start with this. A field is written if its bit in CounterSelect is set. */
struct sib_pma_select {
	u8 reserved;
	u8 port_select;
	__be16 counter_select;
} __packed;

struct sib_pma_field {
	u8 counter;
	u8 select;	/* the number of the bit */
	u8 offset;
	u8 size;
};

#define SHORT(_counter, _select, _field)						\
	{ _counter, _select, offsetof(struct ib_pma_portcounters, _field),		\
	  sizeof_field(struct ib_pma_portcounters, _field) }
#define EXTENDED(_counter, _select, _field)						\
	{ _counter, _select, offsetof(struct ib_pma_portcounters_ext, _field),		\
	  sizeof_field(struct ib_pma_portcounters_ext, _field) }

static const struct sib_pma_field short_fields[] = {
	SHORT(SIB_LINK_DOWNED, 2, link_downed_counter),
	SHORT(SIB_RCV_ERRORS, 3, port_rcv_errors),
	SHORT(SIB_RCV_SWITCH_RELAY_ERRORS, 5, port_rcv_switch_relay_errors),
	SHORT(SIB_XMIT_DISCARDS, 6, port_xmit_discards),
	SHORT(SIB_XMIT_CONSTRAINT_ERRORS, 7, port_xmit_constraint_errors),
	SHORT(SIB_RCV_CONSTRAINT_ERRORS, 8, port_rcv_constraint_errors),
	SHORT(SIB_VL15_DROPPED, 11, vl15_dropped),
	SHORT(SIB_XMIT_DATA, 12, port_xmit_data),
	SHORT(SIB_RCV_DATA, 13, port_rcv_data),
	SHORT(SIB_XMIT_PKTS, 14, port_xmit_packets),
	SHORT(SIB_RCV_PKTS, 15, port_rcv_packets),
};

static const struct sib_pma_field extended_fields[] = {
	EXTENDED(SIB_XMIT_DATA, 0, port_xmit_data),
	EXTENDED(SIB_RCV_DATA, 1, port_rcv_data),
	EXTENDED(SIB_XMIT_PKTS, 2, port_xmit_packets),
	EXTENDED(SIB_RCV_PKTS, 3, port_rcv_packets),
	EXTENDED(SIB_UNICAST_XMIT_PKTS, 4, port_unicast_xmit_packets),
	EXTENDED(SIB_UNICAST_RCV_PKTS, 5, port_unicast_rcv_packets),
	EXTENDED(SIB_MULTICAST_XMIT_PKTS, 6, port_multicast_xmit_packets),
	EXTENDED(SIB_MULTICAST_RCV_PKTS, 7, port_multicast_rcv_packets),
};

struct sib_pma_counters {
	__be16 attr_id;
	bool extended;
	u8 length;
	const struct sib_pma_field *field;
	unsigned int fields;
};

static const struct sib_pma_counters counters[] = {
	{ IB_PMA_PORT_COUNTERS, false, sizeof(struct ib_pma_portcounters), short_fields,
	  ARRAY_SIZE(short_fields) },
	{ IB_PMA_PORT_COUNTERS_EXT, true, sizeof(struct ib_pma_portcounters_ext), extended_fields,
	  ARRAY_SIZE(extended_fields) },
};

/* Fields are big-endian, have 1 to 8 bytes and stop at their maximum. */
static u64 sib_field_get(const u8 *at, unsigned int size)
{
	u64 value = 0;

	while (size--)
		value = value << 8 | *at++;
	return value;
}

static void sib_field_put(u8 *at, unsigned int size, u64 value)
{
	value = min(value, U64_MAX >> (64 - 8 * size));
	for (; size--; value >>= 8)
		at[size] = value;
}

static u64 sib_counter_read(struct sib_link_end *end, unsigned int counter, bool extended)
{
	unsigned long flags;
	u64 value;

	spin_lock_irqsave(&end->lock, flags);
	value = sib_count_sum(end, counter) - end->counter_base[extended][counter];
	spin_unlock_irqrestore(&end->lock, flags);
	return value;
}

static void sib_counter_write(struct sib_link_end *end, unsigned int counter, bool extended,
			      u64 value)
{
	unsigned long flags;

	spin_lock_irqsave(&end->lock, flags);
	end->counter_base[extended][counter] = sib_count_sum(end, counter) - value;
	spin_unlock_irqrestore(&end->lock, flags);
}

/* Finds the ports that PortSelect names: *@first to *@last. */
static bool sib_find_ports(struct sib_node *node, u8 select, unsigned int *first,
			   unsigned int *last)
{
	*first = select;
	*last = select;
	if (select == SIB_ALL_PORTS) {
		*first = 1;
		*last = node->port ? node->port->device->num_ports : node->fabric->sw.num_ports;
	} else if (!select && node->port) {
		return false;
	}
	return sib_node_end(node, *last);
}

static void sib_write_counters(struct sib_node *node, const struct sib_pma_counters *set,
			       const u8 *data, unsigned int first, unsigned int last)
{
	u16 select = be16_to_cpu(((const struct sib_pma_select *)data)->counter_select);
	const struct sib_pma_field *field;
	unsigned int port_num;

	for (field = set->field; field < set->field + set->fields; field++) {
		if (!(select & BIT(field->select)))
			continue;
		for (port_num = first; port_num <= last; port_num++)
			sib_counter_write(sib_node_end(node, port_num), field->counter,
					  set->extended,
					  sib_field_get(data + field->offset, field->size));
	}
}

static void sib_read_counters(struct sib_node *node, const struct sib_pma_counters *set, u8 *data,
			      unsigned int first, unsigned int last)
{
	const struct sib_pma_field *field;
	unsigned int port_num;
	u64 sum;

	memset(data + sizeof(struct sib_pma_select), 0,
	       set->length - sizeof(struct sib_pma_select));
	for (field = set->field; field < set->field + set->fields; field++) {
		sum = 0;
		for (port_num = first; port_num <= last; port_num++)
			sum += sib_counter_read(sib_node_end(node, port_num), field->counter,
						set->extended);
		sib_field_put(data + field->offset, field->size, sum);
	}
}

static u16 sib_port_counters(struct sib_node *node, struct ib_pma_mad *pma,
			     const struct sib_pma_counters *set)
{
	struct sib_pma_select *select = (struct sib_pma_select *)pma->data;
	unsigned int first, last;

	if (pma->mad_hdr.attr_mod || !sib_find_ports(node, select->port_select, &first, &last))
		return INVALID;
	if (pma->mad_hdr.method == IB_MGMT_METHOD_SET)
		sib_write_counters(node, set, pma->data, first, last);
	sib_read_counters(node, set, pma->data, first, last);
	return 0;
}

static u16 sib_class_port_info(struct ib_pma_mad *pma)
{
	struct ib_class_port_info info = {
		.base_version = IB_MGMT_BASE_VERSION,
		.class_version = 1,
		.capability_mask = IB_PMA_CLASS_CAP_ALLPORTSELECT | IB_PMA_CLASS_CAP_EXT_WIDTH,
		.cap_mask2_resp_time = cpu_to_be32(SIB_RESP_TIME),
	};

	if (pma->mad_hdr.method == IB_MGMT_METHOD_SET)	/* only its part for traps can be written */
		return UNSUPPORTED;
	if (pma->mad_hdr.attr_mod)
		return INVALID;
	memset(pma->data, 0, sizeof(pma->data));
	memcpy(pma->data, &info, sizeof(info));
	return 0;
}

u16 sib_pma_attribute(struct sib_node *node, struct ib_mad *mad)
{
	struct ib_pma_mad *pma = (struct ib_pma_mad *)mad;
	unsigned int i;

	BUILD_BUG_ON(sizeof(*pma) != sizeof(*mad));
	if (pma->mad_hdr.attr_id == IB_PMA_CLASS_PORT_INFO)
		return sib_class_port_info(pma);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		if (counters[i].attr_id == pma->mad_hdr.attr_id)
			return sib_port_counters(node, pma, &counters[i]);
	return UNSUPPORTED;
}
