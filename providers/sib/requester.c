// SPDX-License-Identifier: GPL-2.0
/*
 * The requester's side of RC and UC. It handles one request at a time, in steps of at most SIB_STEP
 * bytes, and carries each step to the responder that the forwarding tables lead to.
 */
#include "qp.h"

#define SIB_STEP	65536U	/* a multiple of every MTU */

static bool sib_is_local(const struct rvt_swqe *wqe)
{
	return wqe->wr.opcode == IB_WR_REG_MR || wqe->wr.opcode == IB_WR_LOCAL_INV;
}

/* rdmavt registers memory at post time, so only a delayed invalidation is left to do here. */
static enum sib_outcome sib_execute_local(struct rvt_qp *qp, struct rvt_swqe *wqe,
					  enum ib_wc_status *status)
{
	if (wqe->wr.opcode == IB_WR_LOCAL_INV &&
	    !(wqe->wr.send_flags & RVT_SEND_COMPLETION_ONLY)) {
		if (rvt_invalidate_rkey(qp, wqe->wr.ex.invalidate_rkey))
			*status = IB_WC_LOC_PROT_ERR;
		atomic_dec(&qp->local_ops_pending);
	}
	return SIB_COMPLETE;
}

static bool sib_is_answered(struct rvt_qp *qp)
{
	return qp->ibqp.qp_type == IB_QPT_RC;
}

/* The data of a read travels back to the requester; all other data travels to the responder. */
static bool sib_is_read(const struct rvt_swqe *wqe)
{
	return wqe->wr.opcode == IB_WR_RDMA_READ;
}

static bool sib_is_atomic(const struct rvt_swqe *wqe)
{
	return wqe->wr.opcode == IB_WR_ATOMIC_CMP_AND_SWP ||
	       wqe->wr.opcode == IB_WR_ATOMIC_FETCH_AND_ADD;
}

static void sib_count_request(struct rvt_qp *qp, const struct sib_request *request,
			      struct sib_port *from)
{
	struct sib_port *to = request->port;
	u32 packets = sib_packets(qp, request->length);

	if (sib_is_read(request->wqe)) {
		sib_wire_count(from, to, 1, 16);
		sib_wire_count(to, from, packets, request->length + 4);
		return;
	}
	sib_wire_count(from, to, packets, request->length);
	if (sib_is_answered(qp) && request->last)
		sib_wire_count(to, from, 1, 4);
}

/* The value that the responder found reaches the requester's memory only with the answer. */
static void sib_deliver_atomic(struct rvt_swqe *wqe, u64 value)
{
	*(u64 *)wqe->sg_list[0].vaddr = value;
}

static void sib_shorten(struct rvt_qp *qp, struct sib_request *request, u32 packets)
{
	if (packets >= sib_packets(qp, request->length))
		return;
	request->length = packets * qp->pmtu;
	request->last = false;
}

/* Carries the rest of @request->wqe, or a part of it, to @peer. Called under RCU. */
static enum sib_outcome sib_carry(struct rvt_qp *qp, struct rvt_qp *peer,
				  struct sib_request *request, enum ib_wc_status *status)
{
	struct sib_qp *priv = to_sib_qp(qp);
	struct sib_port *from = to_sib_port(qp);
	struct sib_port *to = request->port;
	enum sib_outcome outcome;
	u32 packets = sib_packets(qp, request->length);
	bool whole = true;
	u32 through;

	if (sib_is_read(request->wqe))
		through = sib_wire_survivors(from, to, 1) ?
				sib_wire_survivors(to, from, packets) : 0;
	else
		through = sib_wire_survivors(from, to, packets);
	if (through < packets) {
		if (!through || qp->ibqp.qp_type == IB_QPT_UC)
			return SIB_LOST;
		whole = false;
		sib_shorten(qp, request, through);
	}
	outcome = sib_respond(peer, request, status);
	if (outcome != SIB_PROGRESS && outcome != SIB_COMPLETE)
		return outcome;
	priv->sge_offset = request->offset + request->length;
	if (*status != IB_WC_SUCCESS)
		return SIB_COMPLETE;

	sib_count_request(qp, request, from);
	if (request->last) {
		priv->executed = true;
		priv->atomic_result = request->atomic_result;
		if (sib_is_answered(qp) && !sib_is_read(request->wqe) &&
		    !sib_wire_survivors(to, from, 1))
			return SIB_LOST;
		if (sib_is_atomic(request->wqe))
			sib_deliver_atomic(request->wqe, priv->atomic_result);
		return SIB_COMPLETE;
	}
	priv->offset += request->length;
	if (request->length && qp->ibqp.qp_type == IB_QPT_RC)
		qp->s_retry = qp->s_retry_cnt;
	return whole ? SIB_PROGRESS : SIB_LOST;
}

/*
 * The request was executed, but its answer was lost. A responder whose PSN shows that it has
 * executed the request repeats the answer.
 */
static enum sib_outcome sib_repeat_answer(struct rvt_qp *qp, struct rvt_qp *peer,
					  struct sib_request *request)
{
	struct sib_port *from = to_sib_port(qp);

	if (!sib_qp_can(peer, RVT_PROCESS_RECV_OK) ||
	    sib_psn_compare(READ_ONCE(peer->r_psn), request->wqe->lpsn) <= 0 ||
	    !sib_wire_survivors(from, request->port, 1) ||
	    !sib_wire_survivors(request->port, from, 1))
		return SIB_LOST;
	if (sib_is_atomic(request->wqe))
		sib_deliver_atomic(request->wqe, to_sib_qp(qp)->atomic_result);
	return SIB_COMPLETE;
}

/* The QP that requests of @qp reach, or NULL. Sets @request->port. Called under RCU. */
static struct rvt_qp *sib_find_peer(struct rvt_qp *qp, struct sib_request *request)
{
	struct sib_port *from = to_sib_port(qp);
	struct sib_port *to = sib_wire_route(from, rdma_ah_get_dlid(&qp->remote_ah_attr),
					     request->pkey);
	struct rvt_qp *peer;

	if (!to)
		return NULL;
	peer = rvt_lookup_qpn(&to->device->rdi, &to->rvp, qp->remote_qpn);
	if (!peer || peer->port_num != to->port_num || peer->ibqp.qp_type != qp->ibqp.qp_type)
		return NULL;
	/* Without a way back there is no answer. The answer carries the responder's P_Key. */
	if (sib_is_answered(qp) &&
	    sib_wire_route(to, request->slid, READ_ONCE(to->end.pkey[peer->s_pkey_index])) != from)
		return NULL;
	request->port = to;
	return peer;
}

static enum sib_outcome sib_step(struct rvt_qp *qp, struct rvt_swqe *wqe, enum ib_wc_status *status,
				 u8 *rnr_timer)
{
	struct sib_qp *priv = to_sib_qp(qp);
	struct sib_port *from = to_sib_port(qp);
	u32 left = wqe->length - priv->offset;
	struct sib_request request = {
		.requester = qp,
		.wqe = wqe,
		.sge = &qp->s_sge,
		.slid = READ_ONCE(from->end.lid) | rdma_ah_get_path_bits(&qp->remote_ah_attr),
		.pkey = READ_ONCE(from->end.pkey[qp->s_pkey_index]),
		.psn = wqe->psn + priv->offset / qp->pmtu,
		.offset = priv->offset,
		.length = min(left, SIB_STEP),
		.last = left <= SIB_STEP,
	};
	enum sib_outcome outcome = SIB_LOST;
	struct rvt_qp *peer;

	if (wqe->length && (!priv->offset || priv->sge_offset != priv->offset)) {
		rvt_restart_sge(&qp->s_sge, wqe, priv->offset);
		priv->sge_offset = priv->offset;
	}
	rcu_read_lock();
	peer = sib_find_peer(qp, &request);
	if (peer)
		outcome = priv->executed ? sib_repeat_answer(qp, peer, &request) :
					   sib_carry(qp, peer, &request, status);
	rcu_read_unlock();
	*rnr_timer = request.rnr_timer;
	return outcome;
}

enum sib_outcome sib_requester_execute(struct rvt_qp *qp, struct rvt_swqe *wqe,
				       enum ib_wc_status *status, u8 *rnr_timer)
{
	enum sib_outcome outcome;

	if (sib_is_local(wqe))
		return sib_execute_local(qp, wqe, status);

	outcome = sib_step(qp, wqe, status, rnr_timer);
	/* UC gets no answers, so a lost request is done. */
	if (qp->ibqp.qp_type == IB_QPT_UC && (outcome == SIB_LOST || outcome == SIB_RNR)) {
		*status = IB_WC_SUCCESS;
		return SIB_COMPLETE;
	}
	return outcome;
}
