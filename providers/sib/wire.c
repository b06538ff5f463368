// SPDX-License-Identifier: GPL-2.0
/*
 * The wire: it carries packets from port to port by the switch's forwarding tables, delivers
 * multicast in a worker, and makes faults on purpose.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include "sib.h"

#define SIB_MCAST_QUEUE_MAX	8192	/* packets; any more are discarded */
#define SIB_HEADER_BYTES	26	/* LRH, BTH, ICRC, VCRC */

static bool sib_is_multicast(u16 dlid)
{
	return dlid >= be16_to_cpu(IB_MULTICAST_LID_BASE) && dlid != SIB_PERMISSIVE_LID;
}

static bool sib_is_smp(const struct sib_packet *packet)
{
	return packet->dest_qpn == 0;
}

static bool sib_is_mad(const struct sib_packet *packet)
{
	return packet->dest_qpn <= 1;
}

static bool sib_owns_lid(const struct sib_link_end *end, u16 dlid)
{
	u16 lid = READ_ONCE(end->lid);

	return lid && (dlid & ~((1 << READ_ONCE(end->lmc)) - 1)) == lid;
}

static bool sib_carries(const struct sib_link_end *end, bool smp)
{
	u8 state = READ_ONCE(end->state);

	return smp ? state >= IB_PORT_INIT : state == IB_PORT_ACTIVE;
}

static bool sib_roll(u32 per_million)
{
	return per_million && get_random_u32() % 1000000 < per_million;
}

struct sib_packet *sib_packet_alloc(u32 length, gfp_t gfp)
{
	struct sib_packet *packet = kmalloc(struct_size(packet, data, length), gfp);

	if (!packet)
		return NULL;
	memset(packet, 0, sizeof(*packet));
	packet->length = length;
	return packet;
}

void sib_packets_free(struct list_head *packets)
{
	struct sib_packet *packet, *next;

	list_for_each_entry_safe(packet, next, packets, list) {
		list_del(&packet->list);
		kfree(packet);
	}
}

static u64 sib_wire_bytes(const struct sib_packet *packet)
{
	return SIB_HEADER_BYTES + 8 + (packet->has_grh ? sizeof(struct ib_grh) : 0) +
	       (packet->has_imm ? 4 : 0) + packet->length;
}

static void sib_count_xmit(struct sib_link_end *end, u16 dlid, u32 packets, u64 bytes)
{
	sib_count(end, SIB_XMIT_DATA, DIV_ROUND_UP(bytes, 4));
	sib_count(end, SIB_XMIT_PKTS, packets);
	if (sib_is_multicast(dlid))
		sib_count(end, SIB_MULTICAST_XMIT_PKTS, packets);
}

static void sib_count_rcv(struct sib_link_end *end, u16 dlid, u32 packets, u64 bytes)
{
	sib_count(end, SIB_RCV_DATA, DIV_ROUND_UP(bytes, 4));
	sib_count(end, SIB_RCV_PKTS, packets);
	if (sib_is_multicast(dlid))
		sib_count(end, SIB_MULTICAST_RCV_PKTS, packets);
}

static struct sib_switch_port *sib_cable(struct sib_port *port)
{
	return &port->device->fabric->sw.port[port->switch_port];
}

/* The switch port that unicast @dlid leaves through, or 0. */
static u8 sib_lft_lookup(struct sib_switch *sw, u16 dlid)
{
	u8 out;

	if (dlid >= SIB_LFT_SIZE || dlid > READ_ONCE(sw->lft_top))
		return 0;
	out = READ_ONCE(sw->lft[dlid]);
	return out <= sw->num_ports ? out : 0;
}

struct sib_port *sib_wire_route(struct sib_port *port, u16 dlid, u16 pkey)
{
	struct sib_switch *sw = &port->device->fabric->sw;
	struct sib_port *peer;
	u8 out;

	if (!sib_carries(&port->end, false))
		return NULL;
	if (sib_owns_lid(&port->end, dlid))
		return port;
	if (!sib_carries(&sib_cable(port)->end, false) ||
	    !sib_switch_admits(&sib_cable(port)->end, pkey, true))
		return NULL;
	out = sib_lft_lookup(sw, dlid);
	if (!out || !sib_carries(&sw->port[out].end, false) ||
	    !sib_switch_admits(&sw->port[out].end, pkey, false))
		return NULL;
	peer = rcu_dereference(sw->port[out].peer);
	if (!peer || !sib_carries(&peer->end, false) || !sib_owns_lid(&peer->end, dlid))
		return NULL;
	return peer;
}

u32 sib_wire_survivors(struct sib_port *from, struct sib_port *to, u32 packets)
{
	u32 out = READ_ONCE(from->faults.drop_per_million);
	u32 in = READ_ONCE(to->faults.drop_per_million);
	u32 i;

	if (likely(!out && !in))
		return packets;
	for (i = 0; i < packets; i++) {
		if (sib_roll(out)) {
			sib_count(&from->end, SIB_XMIT_DISCARDS, 1);
			break;
		}
		if (sib_roll(in)) {
			sib_count(&to->end, SIB_RCV_ERRORS, 1);
			break;
		}
	}
	return i;
}

void sib_wire_count(struct sib_port *from, struct sib_port *to, u32 packets, u64 bytes)
{
	bytes += (u64)packets * SIB_HEADER_BYTES;
	if (from == to)	/* a port's packets to itself never use the cable */
		return;
	sib_count_xmit(&from->end, 0, packets, bytes);
	sib_count_rcv(&sib_cable(from)->end, 0, packets, bytes);
	sib_count_xmit(&sib_cable(to)->end, 0, packets, bytes);
	sib_count_rcv(&to->end, 0, packets, bytes);
}

/* A packet leaves the switch through @out. Does not consume it. Called under RCU. */
static void sib_switch_egress(struct sib_fabric *fabric, u8 out, const struct sib_packet *packet)
{
	struct sib_switch *sw = &fabric->sw;
	struct sib_port *peer;

	if (!out || out > sw->num_ports)
		return;
	peer = rcu_dereference(sw->port[out].peer);
	if (!peer || !sib_carries(&sw->port[out].end, sib_is_smp(packet))) {
		sib_count(&sw->port[out].end, SIB_XMIT_DISCARDS, 1);
		return;
	}
	if (!sib_is_smp(packet) && !sib_switch_admits(&sw->port[out].end, packet->pkey, false))
		return;
	sib_count_xmit(&sw->port[out].end, packet->dlid, 1, sib_wire_bytes(packet));
	sib_count_rcv(&peer->end, packet->dlid, 1, sib_wire_bytes(packet));
	if (!sib_is_mad(packet) && sib_roll(READ_ONCE(peer->faults.drop_per_million))) {
		sib_count(&peer->end, SIB_RCV_ERRORS, 1);
		return;
	}
	sib_ud_receive(peer, packet);
}

/*
 * A switch looks a packet up when it comes in. A sender may leave its group as soon as it has sent,
 * and the subnet manager then changes the table while packets still wait for the worker.
 */
static void sib_mcast_look_up(struct sib_switch *sw, struct sib_packet *packet)
{
	unsigned int index = packet->dlid - be16_to_cpu(IB_MULTICAST_LID_BASE);
	unsigned int i;

	for (i = 0; index < SIB_MFT_SIZE && i <= sw->num_ports / 16; i++)
		packet->mcast_ports[i] = READ_ONCE(sw->mft[i][index]);
}

/*
 * Delivers multicast to every port of the group except the ingress port, whose own QPs the HCA
 * serves. Consumes the packet.
 */
static void sib_mcast_deliver(struct sib_fabric *fabric, struct sib_packet *packet)
{
	struct sib_switch *sw = &fabric->sw;
	struct sib_port *port;
	unsigned int out;

	rcu_read_lock();
	port = packet->ingress ? rcu_dereference(sw->port[packet->ingress].peer) : NULL;
	if (port)
		sib_ud_receive(port, packet);
	rcu_read_unlock();
	for (out = 1; out <= sw->num_ports; out++) {
		if (out == packet->ingress || !(packet->mcast_ports[out / 16] & BIT(out % 16)))
			continue;
		rcu_read_lock();
		sib_switch_egress(fabric, out, packet);
		rcu_read_unlock();
		cond_resched();
	}
	kfree(packet);
}

void sib_switch_send(struct sib_fabric *fabric, u8 out, struct sib_packet *packet)
{
	if (!out)
		out = sib_lft_lookup(&fabric->sw, packet->dlid);
	rcu_read_lock();
	sib_switch_egress(fabric, out, packet);
	rcu_read_unlock();
	kfree(packet);
}

/* The packet has survived the faults and enters the wire. Consumes it. Called under RCU. */
static void sib_wire_enter(struct sib_port *port, struct sib_packet *packet)
{
	struct sib_fabric *fabric = port->device->fabric;
	struct sib_switch *sw = &fabric->sw;
	struct sib_link_end *in = &sib_cable(port)->end;
	u8 out;

	if (!sib_carries(&port->end, sib_is_smp(packet)))
		goto discard;
	if (sib_owns_lid(&port->end, packet->dlid)) {
		sib_ud_receive(port, packet);
		goto out;
	}
	sib_count_xmit(&port->end, packet->dlid, 1, sib_wire_bytes(packet));
	if (!sib_carries(in, sib_is_smp(packet)))
		goto out;
	sib_count_rcv(in, packet->dlid, 1, sib_wire_bytes(packet));
	if (!sib_is_smp(packet) && !sib_switch_admits(in, packet->pkey, true))
		goto out;
	if (sib_is_multicast(packet->dlid)) {
		sib_mcast_look_up(sw, packet);
		if (!sib_queue_add(&fabric->mcast, packet))
			goto discard;
		return;
	}
	if (sib_is_mad(packet) &&
	    (packet->dlid == SIB_PERMISSIVE_LID || sib_owns_lid(&sw->port0, packet->dlid))) {
		sib_switch_receive(fabric, packet);
		return;
	}
	out = sib_lft_lookup(sw, packet->dlid);
	if (out && out != packet->ingress)
		sib_switch_egress(fabric, out, packet);
	else
		sib_count(in, SIB_RCV_SWITCH_RELAY_ERRORS, 1);
	goto out;
discard:
	sib_count(&port->end, sib_is_smp(packet) ? SIB_VL15_DROPPED : SIB_XMIT_DISCARDS, 1);
out:
	kfree(packet);
}

static void sib_delay_work(struct work_struct *work)
{
	struct sib_fabric *fabric = container_of(to_delayed_work(work), struct sib_fabric,
						 delay_work);
	struct sib_packet *packet;
	struct sib_port *port;

	for (;;) {
		spin_lock_irq(&fabric->delay_lock);
		packet = list_first_entry_or_null(&fabric->delay_queue, struct sib_packet, list);
		if (packet && time_after(packet->due, jiffies)) {
			queue_delayed_work(fabric->fanout_wq, &fabric->delay_work,
					   packet->due - jiffies);
			packet = NULL;
		}
		if (packet)
			list_del(&packet->list);
		spin_unlock_irq(&fabric->delay_lock);
		if (!packet)
			return;
		rcu_read_lock();
		port = rcu_dereference(fabric->sw.port[packet->ingress].peer);
		if (port)
			sib_wire_enter(port, packet);
		else
			kfree(packet);
		rcu_read_unlock();
	}
}

static void sib_delay_packet(struct sib_fabric *fabric, struct sib_packet *packet, u32 ms)
{
	struct sib_packet *later;
	unsigned long flags;

	packet->due = jiffies + msecs_to_jiffies(ms);
	spin_lock_irqsave(&fabric->delay_lock, flags);
	list_for_each_entry(later, &fabric->delay_queue, list)
		if (time_after(later->due, packet->due))
			break;
	list_add_tail(&packet->list, &later->list);
	spin_unlock_irqrestore(&fabric->delay_lock, flags);
	mod_delayed_work(fabric->fanout_wq, &fabric->delay_work, 0);
}

void sib_wire_send(struct sib_port *port, struct sib_packet *packet)
{
	struct sib_faults *faults = &port->faults;
	u32 drop = READ_ONCE(faults->drop_per_million);
	u32 delay = 0;

	packet->ingress = port->switch_port;
	if (sib_is_mad(packet) && packet->length >= sizeof(struct ib_mad_hdr)) {
		u8 class = ((struct ib_mad_hdr *)packet->data)->mgmt_class;

		drop = READ_ONCE(faults->mad_drop_per_million[class]);
		delay = READ_ONCE(faults->mad_delay_ms[class]);
	}
	if (sib_roll(drop)) {
		sib_count(&port->end, SIB_XMIT_DISCARDS, 1);
		kfree(packet);
		return;
	}
	if (delay) {
		sib_delay_packet(port->device->fabric, packet, delay);
		return;
	}
	rcu_read_lock();
	sib_wire_enter(port, packet);
	rcu_read_unlock();
}

int sib_wire_init(struct sib_fabric *fabric)
{
	sib_queue_init(&fabric->mcast, fabric, SIB_MCAST_QUEUE_MAX, sib_mcast_deliver);
	spin_lock_init(&fabric->delay_lock);
	INIT_LIST_HEAD(&fabric->delay_queue);
	INIT_DELAYED_WORK(&fabric->delay_work, sib_delay_work);
	fabric->wq = alloc_workqueue("sib", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!fabric->wq)
		return -ENOMEM;
	fabric->fanout_wq = alloc_workqueue("sib_fanout", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!fabric->fanout_wq) {
		destroy_workqueue(fabric->wq);
		return -ENOMEM;
	}
	return 0;
}

void sib_wire_exit(struct sib_fabric *fabric)
{
	cancel_delayed_work_sync(&fabric->delay_work);
	sib_queue_stop(&fabric->mcast);
	sib_packets_free(&fabric->delay_queue);
	destroy_workqueue(fabric->fanout_wq);
	destroy_workqueue(fabric->wq);
}
