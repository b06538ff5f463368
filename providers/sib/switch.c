// SPDX-License-Identifier: GPL-2.0
/*
 * The switch as a node: it forwards directed-route SMPs and answers the MADs for its own agents.
 * MADs arrive in any context; a worker serves them in order.
 */
#include <linux/slab.h>
#include "mad.h"

#define SIB_QUEUE_MAX		1024	/* MADs that wait; any more are dropped */
#define SIB_LIFE_TIME		18
#define SIB_WIDTH_4X		2
#define SIB_SPEED_QDR		4

static void sib_drop(struct sib_fabric *fabric, struct sib_packet *packet, enum sib_counter counter)
{
	struct sib_link_end *end = sib_switch_end(&fabric->sw, packet->ingress);

	if (end)
		sib_count(end, counter, 1);
	kfree(packet);
}

static u16 sib_own_lid(struct sib_fabric *fabric)
{
	return READ_ONCE(fabric->sw.port0.lid);
}

/* On directed hops both LIDs are permissive. */
static void sib_send_directed(struct sib_fabric *fabric, struct sib_packet *packet, u8 out)
{
	if (!out || out > fabric->sw.num_ports) {
		sib_drop(fabric, packet, SIB_VL15_DROPPED);
		return;
	}
	packet->slid = SIB_PERMISSIVE_LID;
	packet->dlid = SIB_PERMISSIVE_LID;
	packet->ingress = 0;
	sib_switch_send(fabric, out, packet);
}

/* The parts of a route before and after its directed part go by LID. */
static void sib_send_routed(struct sib_fabric *fabric, struct sib_packet *packet, __be16 dlid)
{
	packet->slid = sib_own_lid(fabric);
	packet->dlid = be16_to_cpu(dlid);
	if (!packet->slid || !packet->dlid || packet->dlid >= SIB_LFT_SIZE) {
		sib_drop(fabric, packet, SIB_VL15_DROPPED);
		return;
	}
	packet->ingress = 0;
	sib_switch_send(fabric, 0, packet);
}

/*
 * Turns the packet round: it goes back to its source, or, if that has no LID yet, out of the port
 * where it came in.
 */
static void sib_send_reply(struct sib_fabric *fabric, struct sib_packet *packet)
{
	u8 out = packet->slid == SIB_PERMISSIVE_LID || !packet->slid ? packet->ingress : 0;
	struct ib_grh *grh = &packet->grh;

	packet->dlid = packet->slid ? packet->slid : SIB_PERMISSIVE_LID;
	packet->slid = sib_own_lid(fabric);
	swap(packet->src_qpn, packet->dest_qpn);
	if (packet->has_grh) {
		swap(grh->sgid, grh->dgid);
		grh->hop_limit = 0xff;
	}
	packet->has_imm = false;
	packet->solicited = false;
	packet->ingress = 0;
	sib_switch_send(fabric, out, packet);
}

static void sib_node_init(struct sib_node *node, struct sib_fabric *fabric,
			  const struct sib_packet *packet)
{
	*node = (struct sib_node) {
		.fabric = fabric,
		.end = &fabric->sw.port0,
		.agent = &fabric->sw.agent,
		.ingress = packet->ingress,
		.slid = packet->slid,
	};
}

/* A reply goes back along the path that its request recorded. */
static void sib_directed_reply(struct sib_fabric *fabric, struct sib_packet *packet,
			       struct ib_smp *smp)
{
	if (smp->hop_ptr > smp->hop_cnt + 1 || !smp->hop_ptr) {
		sib_drop(fabric, packet, SIB_VL15_DROPPED);
		return;
	}
	smp->hop_ptr--;
	if (smp->hop_ptr)
		sib_send_directed(fabric, packet, smp->return_path[smp->hop_ptr]);
	else	/* a permissive LID would mean an SM on the switch, so it is dropped */
		sib_send_routed(fabric, packet, smp->dr_slid);
}

static void sib_disable(const struct sib_node *node)
{
	if (node->disable)
		sib_link_set_admin(node->disable, true);
}

static void sib_directed_for_me(struct sib_fabric *fabric, struct sib_packet *packet,
				struct ib_smp *smp, bool routed)
{
	struct sib_node node;

	sib_node_init(&node, fabric, packet);
	if (sib_smp_handle(&node, smp) != SIB_MAD_REPLY) {
		kfree(packet);
		return;
	}
	if (routed)
		sib_send_reply(fabric, packet);
	else
		sib_directed_reply(fabric, packet, smp);
	sib_disable(&node);
}

static void sib_directed_request(struct sib_fabric *fabric, struct sib_packet *packet,
				 struct ib_smp *smp)
{
	if (smp->hop_ptr == smp->hop_cnt + 1) {		/* after the directed part */
		sib_directed_for_me(fabric, packet, smp, true);
		return;
	}
	if (smp->hop_ptr > smp->hop_cnt ||
	    (!smp->hop_ptr && smp->dr_slid == IB_LID_PERMISSIVE)) {
		sib_drop(fabric, packet, SIB_VL15_DROPPED);
		return;
	}
	if (smp->hop_ptr)
		smp->return_path[smp->hop_ptr] = packet->ingress;
	smp->hop_ptr++;
	if (smp->hop_ptr <= smp->hop_cnt)
		sib_send_directed(fabric, packet, smp->initial_path[smp->hop_ptr]);
	else if (smp->dr_dlid == IB_LID_PERMISSIVE ||
		 be16_to_cpu(smp->dr_dlid) == sib_own_lid(fabric))
		sib_directed_for_me(fabric, packet, smp, false);
	else
		sib_send_routed(fabric, packet, smp->dr_dlid);
}

static void sib_smp_receive(struct sib_fabric *fabric, struct sib_packet *packet)
{
	struct ib_smp *smp = (struct ib_smp *)packet->data;
	struct sib_node node;

	switch (smp->mgmt_class) {
	case IB_MGMT_CLASS_SUBN_DIRECTED_ROUTE:
		if (smp->hop_cnt >= IB_SMP_MAX_PATH_HOPS)
			sib_drop(fabric, packet, SIB_VL15_DROPPED);
		else if (ib_get_smp_direction(smp))
			sib_directed_reply(fabric, packet, smp);
		else
			sib_directed_request(fabric, packet, smp);
		return;
	case IB_MGMT_CLASS_SUBN_LID_ROUTED:
		sib_node_init(&node, fabric, packet);
		if (sib_smp_handle(&node, smp) != SIB_MAD_REPLY) {
			kfree(packet);
			return;
		}
		sib_send_reply(fabric, packet);
		sib_disable(&node);
		return;
	default:
		sib_drop(fabric, packet, SIB_VL15_DROPPED);
	}
}

/* The only class here is performance management; requests of other classes get an error. */
static bool sib_gmp_answer(struct sib_fabric *fabric, struct sib_packet *packet)
{
	struct ib_mad_hdr *hdr = (struct ib_mad_hdr *)packet->data;
	struct sib_node node;

	if (hdr->mgmt_class == IB_MGMT_CLASS_PERF_MGMT) {
		sib_node_init(&node, fabric, packet);
		return sib_gmp_handle(&node, (struct ib_mad *)packet->data) == SIB_MAD_REPLY;
	}
	if (hdr->method != IB_MGMT_METHOD_GET && hdr->method != IB_MGMT_METHOD_SET)
		return false;
	hdr->method = IB_MGMT_METHOD_GET_RESP;
	hdr->status = cpu_to_be16(IB_MGMT_MAD_STATUS_BAD_VERSION);
	return true;
}

static void sib_gmp_receive(struct sib_fabric *fabric, struct sib_packet *packet)
{
	struct sib_link_end *end = &fabric->sw.port0;
	unsigned int i;

	for (i = 0; i < SIB_PKEYS; i++)
		if (sib_pkey_match(READ_ONCE(end->pkey[i]), packet->pkey))
			break;
	if (i == SIB_PKEYS || packet->qkey != IB_QP1_QKEY) {
		sib_trap_switch_bad_key(fabric, i == SIB_PKEYS, packet);
		kfree(packet);
		return;
	}
	packet->pkey = READ_ONCE(end->pkey[i]);
	if (sib_gmp_answer(fabric, packet))
		sib_send_reply(fabric, packet);
	else
		kfree(packet);
}

static void sib_switch_serve(struct sib_fabric *fabric, struct sib_packet *packet)
{
	if (packet->dest_qpn)
		sib_gmp_receive(fabric, packet);
	else
		sib_smp_receive(fabric, packet);
}

static bool sib_acceptable(struct sib_fabric *fabric, const struct sib_packet *packet)
{
	if (packet->length != IB_MGMT_MAD_SIZE || packet->dest_qpn > 1 ||
	    packet->ingress > fabric->sw.num_ports)
		return false;
	return !packet->dest_qpn || packet->dlid != SIB_PERMISSIVE_LID;
}

void sib_switch_receive(struct sib_fabric *fabric, struct sib_packet *packet)
{
	if (!sib_acceptable(fabric, packet))
		sib_drop(fabric, packet, SIB_RCV_ERRORS);
	else if (!sib_queue_add(&fabric->sw.mads, packet))
		sib_drop(fabric, packet, packet->dest_qpn ? SIB_RCV_ERRORS : SIB_VL15_DROPPED);
}

static void sib_free_ends(struct sib_switch *sw)
{
	unsigned int i;

	for (i = 0; i <= sw->num_ports; i++)
		sib_link_end_free(sib_switch_end(sw, i));
}

int sib_switch_init(struct sib_fabric *fabric)
{
	struct sib_switch *sw = &fabric->sw;
	struct sib_link_end *end = &sw->port0;
	unsigned int i;

	sw->guid = cpu_to_be64(SIB_GUID_BASE);
	sw->num_ports = fabric->num_hosts * fabric->ports_per_host;
	strscpy(sw->node_desc, "sib switch", sizeof(sw->node_desc));
	spin_lock_init(&sw->lock);
	sw->life_time = SIB_LIFE_TIME;
	memset(sw->lft, SIB_NO_PORT, sizeof(sw->lft));
	sib_queue_init(&sw->mads, fabric, SIB_QUEUE_MAX, sib_switch_serve);

	for (i = 0; i <= sw->num_ports; i++) {
		if (sib_link_end_init(sib_switch_end(sw, i), fabric, i)) {
			sib_free_ends(sw);
			return -ENOMEM;
		}
	}
	end->state = IB_PORT_ACTIVE;	/* port 0 has no link that could be down */
	end->phys_state = IB_PORT_PHYS_STATE_LINK_UP;
	end->link_width_active = SIB_WIDTH_4X;
	end->link_speed_active = SIB_SPEED_QDR;
	end->neighbor_mtu = end->mtu_cap;
	end->cap_mask = SIB_SWITCH_CAP_MASK;
	sib_agent_start(&sw->agent, end);
	return 0;
}

void sib_switch_exit(struct sib_fabric *fabric)
{
	struct sib_switch *sw = &fabric->sw;

	sib_agent_stop(&sw->agent);
	sib_queue_stop(&sw->mads);
	sib_free_ends(sw);
}
