// SPDX-License-Identifier: GPL-2.0
/* UD, and the MADs of QP 0 and 1: single packets are sent and received here. */
#include "qp.h"

#define SIB_GRH_NEXT_HEADER	0x1b
#define SIB_GRH_IP_VERSION	6

static void sib_linearise(u8 *to, struct rvt_swqe *wqe)
{
	struct rvt_sge_state ss;
	u32 left = wqe->length;

	if (!left)
		return;
	rvt_restart_sge(&ss, wqe, 0);
	while (left) {
		u32 len = rvt_get_sge_length(&ss.sge, left);

		if (WARN_ON_ONCE(!len))
			return;
		memcpy(to, ss.sge.vaddr, len);
		rvt_update_sge(&ss, len, false);
		to += len;
		left -= len;
	}
}

static void sib_fill_grh(struct sib_packet *packet, struct sib_port *port,
			 const struct ib_global_route *grh)
{
	u32 length = packet->length + (packet->has_imm ? 4 : 0) + 8 + 12 + 4;
	u8 index = grh->sgid_index < SIB_GUIDS ? grh->sgid_index : 0;

	packet->has_grh = true;
	packet->grh.version_tclass_flow = cpu_to_be32(SIB_GRH_IP_VERSION << 28 |
						      grh->traffic_class << 20 |
						      (grh->flow_label & 0xfffff));
	packet->grh.paylen = cpu_to_be16(length);
	packet->grh.next_hdr = SIB_GRH_NEXT_HEADER;
	packet->grh.hop_limit = grh->hop_limit;
	packet->grh.sgid.global.subnet_prefix = port->rvp.gid_prefix;
	packet->grh.sgid.global.interface_id = port->guid[index];
	packet->grh.dgid = grh->dgid;
}

static u16 sib_send_pkey(struct rvt_qp *qp, struct rvt_swqe *wqe, struct sib_port *port)
{
	u16 index = qp->ibqp.qp_type == IB_QPT_GSI ? rvt_get_swqe_pkey_index(wqe) :
						     qp->s_pkey_index;

	if (qp->ibqp.qp_type == IB_QPT_SMI)
		return 0xffff;
	return index < SIB_PKEYS ? READ_ONCE(port->end.pkey[index]) : 0;
}

enum sib_outcome sib_ud_execute(struct rvt_qp *qp, struct rvt_swqe *wqe,
				enum ib_wc_status *status)
{
	struct rdma_ah_attr *ah = rvt_get_swqe_ah_attr(wqe);
	struct sib_port *port = to_sib_port(qp);
	u32 qkey = rvt_get_swqe_remote_qkey(wqe);
	struct sib_packet *packet;

	if (wqe->length > ib_mtu_enum_to_int(port->end.mtu_cap)) {
		*status = IB_WC_LOC_LEN_ERR;
		return SIB_COMPLETE;
	}
	/* Only VL 15 leads to a QP 0, and only another QP 0 sends on VL 15. */
	if (!rvt_get_swqe_remote_qpn(wqe) && qp->ibqp.qp_type != IB_QPT_SMI) {
		sib_count(&port->end, SIB_XMIT_DISCARDS, 1);
		return SIB_COMPLETE;
	}
	packet = sib_packet_alloc(wqe->length, GFP_ATOMIC | __GFP_NOWARN);
	if (!packet) {
		/* Datagrams may be lost. */
		sib_count(&port->end, SIB_XMIT_DISCARDS, 1);
		return SIB_COMPLETE;
	}
	packet->dlid = rdma_ah_get_dlid(ah);
	packet->slid = READ_ONCE(port->end.lid) | rdma_ah_get_path_bits(ah);
	if (qp->ibqp.qp_type == IB_QPT_SMI && packet->dlid == SIB_PERMISSIVE_LID &&
	    !READ_ONCE(port->end.lid))
		packet->slid = SIB_PERMISSIVE_LID;
	packet->sl = rdma_ah_get_sl(ah);
	packet->pkey = sib_send_pkey(qp, wqe, port);
	packet->src_qpn = qp->ibqp.qp_num;
	packet->dest_qpn = rvt_get_swqe_remote_qpn(wqe);
	/* The high bit asks for the QP's own Q_Key. Only the kernel could have set such a Q_Key. */
	packet->qkey = qkey & BIT(31) ? qp->qkey : qkey;
	packet->solicited = wqe->wr.send_flags & IB_SEND_SOLICITED;
	if (wqe->wr.opcode == IB_WR_SEND_WITH_IMM) {
		packet->has_imm = true;
		packet->imm = wqe->wr.ex.imm_data;
	}
	if (rdma_ah_get_ah_flags(ah) & IB_AH_GRH)
		sib_fill_grh(packet, port, rdma_ah_read_grh(ah));
	sib_linearise(packet->data, wqe);
	sib_wire_send(port, packet);
	return SIB_COMPLETE;
}

/* The index of the entry that lets @pkey in, or -1. QP 1 receives in every partition. */
static int sib_find_pkey(struct sib_port *port, struct rvt_qp *qp, u16 pkey)
{
	int i;

	if (qp->ibqp.qp_type != IB_QPT_GSI)
		return sib_pkey_match(pkey, READ_ONCE(port->end.pkey[qp->s_pkey_index])) ?
			qp->s_pkey_index : -1;
	for (i = 0; i < SIB_PKEYS; i++)
		if (sib_pkey_match(pkey, READ_ONCE(port->end.pkey[i])))
			return i;
	return -1;
}

/* Takes the next receive into r_sge. Called under r_lock. */
static bool sib_take_receive(struct rvt_qp *qp, struct sib_port *port, u32 length)
{
	int ret;

	if (!test_bit(RVT_R_WRID_VALID, &qp->r_aflags)) {
		ret = rvt_get_rwqe(qp, false);
		if (ret < 0)
			rvt_rc_error(qp, IB_WC_LOC_QP_OP_ERR);
		if (ret <= 0) {
			if (qp->ibqp.qp_num == 0)
				sib_count(&port->end, SIB_VL15_DROPPED, 1);
			port->rvp.n_pkt_drops++;
			return false;
		}
	}
	/*
	 * The packet is too large for the buffer. It is dropped, and the next one gets the buffer.
	 */
	if (length > qp->r_len) {
		port->rvp.n_pkt_drops++;
		return false;
	}
	return true;
}

static void sib_receive(struct rvt_qp *qp, struct sib_port *port, const struct sib_packet *packet,
			u16 pkey_index)
{
	u32 length = packet->length + sizeof(struct ib_grh);
	struct ib_wc wc = { .opcode = IB_WC_RECV };

	if (!sib_take_receive(qp, port, length))
		return;
	if (packet->has_grh) {
		rvt_copy_sge(qp, &qp->r_sge, (void *)&packet->grh, sizeof(packet->grh), true,
			     false);
		wc.wc_flags |= IB_WC_GRH;
	} else {
		rvt_skip_sge(&qp->r_sge, sizeof(struct ib_grh), true);
	}
	rvt_copy_sge(qp, &qp->r_sge, (void *)packet->data, packet->length, true, false);
	rvt_put_ss(&qp->r_sge);
	if (!test_and_clear_bit(RVT_R_WRID_VALID, &qp->r_aflags))
		return;
	if (packet->has_imm) {
		wc.wc_flags |= IB_WC_WITH_IMM;
		wc.ex.imm_data = packet->imm;
	}
	wc.wr_id = qp->r_wr_id;
	wc.status = IB_WC_SUCCESS;
	wc.byte_len = length;
	wc.qp = &qp->ibqp;
	wc.src_qp = packet->src_qpn;
	wc.pkey_index = pkey_index;
	wc.slid = packet->slid;
	wc.sl = packet->sl;
	wc.dlid_path_bits = packet->dlid & ((1 << READ_ONCE(port->end.lmc)) - 1);
	wc.port_num = port->port_num;
	sib_recv_complete(qp, &wc, packet->solicited);
}

static void sib_bad_key(struct sib_port *port, const struct sib_packet *packet, bool pkey, u32 key,
			struct rvt_qp *qp)
{
	sib_trap_bad_key(port, pkey, key, packet->slid, packet->dlid, packet->src_qpn,
			 qp->ibqp.qp_num, packet->sl);
}

static void sib_qp_receive(struct rvt_qp *qp, struct sib_port *port,
			   const struct sib_packet *packet)
{
	unsigned long flags;
	int pkey_index = 0;

	if (qp->ibqp.qp_type != IB_QPT_UD && qp->ibqp.qp_type != IB_QPT_GSI &&
	    qp->ibqp.qp_type != IB_QPT_SMI)
		return;
	if (qp->ibqp.qp_type != IB_QPT_SMI) {
		pkey_index = sib_find_pkey(port, qp, packet->pkey);
		if (pkey_index < 0) {
			sib_bad_key(port, packet, true, packet->pkey, qp);
			return;
		}
		if (packet->qkey != qp->qkey) {
			sib_bad_key(port, packet, false, packet->qkey, qp);
			return;
		}
	}
	spin_lock_irqsave(&qp->r_lock, flags);
	if (sib_qp_can(qp, RVT_PROCESS_RECV_OK))
		sib_receive(qp, port, packet, pkey_index);
	spin_unlock_irqrestore(&qp->r_lock, flags);
}

static void sib_mcast_receive(struct sib_port *port, const struct sib_packet *packet)
{
	union ib_gid mgid = packet->grh.dgid;
	struct rvt_mcast_qp *member;
	struct rvt_mcast *mcast;

	if (!packet->has_grh)
		return;
	mcast = rvt_mcast_find(&port->rvp, &mgid, packet->dlid);
	if (!mcast)
		return;
	list_for_each_entry_rcu(member, &mcast->qp_list, list)
		sib_qp_receive(member->qp, port, packet);
	if (atomic_dec_return(&mcast->refcount) <= 1)
		wake_up(&mcast->wait);
}

void sib_ud_receive(struct sib_port *port, const struct sib_packet *packet)
{
	struct rvt_qp *qp;

	if (packet->dest_qpn && READ_ONCE(port->end.state) != IB_PORT_ACTIVE)
		return;
	if (packet->dest_qpn == IB_MULTICAST_QPN) {
		sib_mcast_receive(port, packet);
		return;
	}
	qp = rvt_lookup_qpn(&port->device->rdi, &port->rvp, packet->dest_qpn);
	if (qp && qp->port_num == port->port_num)
		sib_qp_receive(qp, port, packet);
}
