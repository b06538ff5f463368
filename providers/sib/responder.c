// SPDX-License-Identifier: GPL-2.0
/* The responder's side of RC and UC: what a request does to the QP that it reaches. */
#include "qp.h"

/*
 * The answer to one step: its outcome and, if that is SIB_COMPLETE, the requester's completion
 * status.
 */
struct answer {
	enum sib_outcome outcome;
	enum ib_wc_status status;
};

static const struct answer lost = { SIB_LOST, IB_WC_SUCCESS };
static const struct answer not_ready = { SIB_RNR, IB_WC_SUCCESS };

/*
 * RC refuses the request: the responder's QP fails with @local, and the requester gets @remote. UC
 * drops the request instead. Called under r_lock.
 */
static struct answer sib_refuse(struct rvt_qp *qp, struct sib_request *request,
				enum ib_wc_status remote, enum ib_wc_status local,
				enum ib_event_type event)
{
	struct answer answer = { SIB_COMPLETE, remote };

	if (qp->ibqp.qp_type == IB_QPT_UC)
		return lost;
	spin_lock(&qp->s_lock);
	request->last_wqe = rvt_error_qp(qp, local);
	spin_unlock(&qp->s_lock);
	request->failed = true;
	request->event = event;
	return answer;
}

static struct answer sib_invalid_request(struct rvt_qp *qp, struct sib_request *request,
					 enum ib_wc_status local)
{
	return sib_refuse(qp, request, IB_WC_REM_INV_REQ_ERR, local, IB_EVENT_QP_REQ_ERR);
}

static struct answer sib_access_error(struct rvt_qp *qp, struct sib_request *request)
{
	return sib_refuse(qp, request, IB_WC_REM_ACCESS_ERR, IB_WC_LOC_ACCESS_ERR,
			  IB_EVENT_QP_ACCESS_ERR);
}

static struct answer sib_operation_error(struct rvt_qp *qp, struct sib_request *request)
{
	return sib_refuse(qp, request, IB_WC_REM_OP_ERR, IB_WC_LOC_QP_OP_ERR, IB_EVENT_QP_FATAL);
}

static struct answer sib_done(const struct sib_request *request)
{
	struct answer answer = { request->last ? SIB_COMPLETE : SIB_PROGRESS, IB_WC_SUCCESS };

	return answer;
}

/* Copies @length bytes from one scatter list to another. It does not give references back. */
static void sib_copy(struct rvt_qp *qp, struct rvt_sge_state *to, struct rvt_sge_state *from,
		     u32 length, bool copy_last)
{
	while (length) {
		u32 len = rvt_get_sge_length(&from->sge, length);

		if (WARN_ON_ONCE(!len))
			return;
		rvt_copy_sge(qp, to, from->sge.vaddr, len, false, copy_last && len == length);
		rvt_update_sge(from, len, false);
		length -= len;
	}
}

/* Finds the responder's memory for the rest of the request. The caller gets the reference. */
static bool sib_remote_sge(struct rvt_qp *qp, struct rvt_sge_state *ss,
			   const struct sib_request *request, int access)
{
	const struct ib_rdma_wr *wr = &request->wqe->rdma_wr;

	if (!rvt_rkey_ok(qp, &ss->sge, request->wqe->length - request->offset,
			 wr->remote_addr + request->offset, wr->rkey, access))
		return false;
	ss->sg_list = NULL;
	ss->num_sge = 1;
	ss->total_len = request->length;
	return true;
}

static void sib_complete_receive(struct rvt_qp *qp, const struct sib_request *request,
				 struct ib_wc *wc)
{
	const struct rvt_swqe *wqe = request->wqe;

	/* On UC, a write may complete the receive that a broken-off send had taken. */
	rvt_put_ss(&qp->r_sge);
	clear_bit(RVT_R_WRID_VALID, &qp->r_aflags);
	wc->wr_id = qp->r_wr_id;
	wc->status = IB_WC_SUCCESS;
	wc->byte_len = wqe->length;
	wc->qp = &qp->ibqp;
	wc->src_qp = qp->remote_qpn;
	wc->slid = request->slid;
	wc->sl = rdma_ah_get_sl(&qp->remote_ah_attr);
	wc->port_num = qp->port_num;
	if (wqe->wr.opcode == IB_WR_SEND_WITH_IMM ||
	    wqe->wr.opcode == IB_WR_RDMA_WRITE_WITH_IMM) {
		wc->wc_flags |= IB_WC_WITH_IMM;
		wc->ex.imm_data = wqe->wr.ex.imm_data;
	}
	sib_recv_complete(qp, wc, wqe->wr.send_flags & IB_SEND_SOLICITED);
}

/*
 * A message goes on only where it was left. The receiver may have failed and been connected anew
 * since, or the message may be another requester's. Then recv is not what this message needs.
 */
static bool sib_goes_on(struct rvt_qp *qp, const struct sib_request *request)
{
	return test_bit(RVT_R_WRID_VALID, &qp->r_aflags) &&
	       request->offset == to_sib_qp(qp)->received;
}

static struct answer sib_respond_send(struct rvt_qp *qp, struct sib_request *request)
{
	struct sib_qp *priv = to_sib_qp(qp);
	struct ib_wc wc = { .opcode = IB_WC_RECV };
	int ret;

	if (!request->offset) {
		/* On UC, a message that broke off leaves its receive to the next message. */
		if (!test_bit(RVT_R_WRID_VALID, &qp->r_aflags)) {
			ret = rvt_get_rwqe(qp, false);
			if (ret < 0)
				return sib_operation_error(qp, request);
			if (!ret)
				return not_ready;
		}
		priv->recv = qp->r_sge;
		priv->received = 0;
	} else if (!sib_goes_on(qp, request)) {
		return sib_invalid_request(qp, request, IB_WC_LOC_QP_OP_ERR);
	}
	if (request->wqe->length > qp->r_len)
		return sib_invalid_request(qp, request, IB_WC_LOC_LEN_ERR);
	sib_copy(qp, &priv->recv, request->sge, request->length, false);
	priv->received += request->length;
	if (!request->last)
		return sib_done(request);

	if (request->wqe->wr.opcode == IB_WR_SEND_WITH_INV) {
		if (rvt_invalidate_rkey(qp, request->wqe->wr.ex.invalidate_rkey))
			return sib_access_error(qp, request);
		wc.wc_flags = IB_WC_WITH_INVALIDATE;
		wc.ex.invalidate_rkey = request->wqe->wr.ex.invalidate_rkey;
	}
	sib_complete_receive(qp, request, &wc);
	return sib_done(request);
}

static struct answer sib_respond_write(struct rvt_qp *qp, struct sib_request *request)
{
	bool with_imm = request->wqe->wr.opcode == IB_WR_RDMA_WRITE_WITH_IMM;
	struct ib_wc wc = { .opcode = IB_WC_RECV_RDMA_WITH_IMM };
	struct rvt_sge_state target;
	int ret;

	if (!(qp->qp_access_flags & IB_ACCESS_REMOTE_WRITE))
		return sib_invalid_request(qp, request, IB_WC_LOC_QP_OP_ERR);
	if (request->length && !sib_remote_sge(qp, &target, request, IB_ACCESS_REMOTE_WRITE))
		return sib_access_error(qp, request);
	if (with_imm && request->last && !test_bit(RVT_R_WRID_VALID, &qp->r_aflags)) {
		ret = rvt_get_rwqe(qp, true);
		if (ret <= 0) {
			if (request->length)
				rvt_put_mr(target.sge.mr);
			return ret ? sib_operation_error(qp, request) : not_ready;
		}
	}
	if (request->length) {
		struct rvt_mregion *mr = target.sge.mr;

		/* A program that polls the last byte of a write must see that byte arrive last. */
		sib_copy(qp, &target, request->sge, request->length,
			 request->last && rvt_is_user_qp(qp));
		rvt_put_mr(mr);
	}
	if (with_imm && request->last)
		sib_complete_receive(qp, request, &wc);
	return sib_done(request);
}

static struct answer sib_respond_read(struct rvt_qp *qp, struct sib_request *request)
{
	struct rvt_sge_state source;
	struct rvt_mregion *mr;

	if (!(qp->qp_access_flags & IB_ACCESS_REMOTE_READ) || !qp->r_max_rd_atomic)
		return sib_invalid_request(qp, request, IB_WC_LOC_QP_OP_ERR);
	if (!request->length)
		return sib_done(request);
	if (!sib_remote_sge(qp, &source, request, IB_ACCESS_REMOTE_READ))
		return sib_access_error(qp, request);
	mr = source.sge.mr;
	sib_copy(qp, request->sge, &source, request->length, false);
	rvt_put_mr(mr);
	return sib_done(request);
}

static struct answer sib_respond_atomic(struct rvt_qp *qp, struct sib_request *request)
{
	const struct ib_atomic_wr *wr = &request->wqe->atomic_wr;
	struct rvt_sge sge;

	if (!(qp->qp_access_flags & IB_ACCESS_REMOTE_ATOMIC) || !qp->r_max_rd_atomic ||
	    wr->remote_addr & (sizeof(u64) - 1))
		return sib_invalid_request(qp, request, IB_WC_LOC_QP_OP_ERR);
	if (!rvt_rkey_ok(qp, &sge, sizeof(u64), wr->remote_addr, wr->rkey,
			 IB_ACCESS_REMOTE_ATOMIC))
		return sib_access_error(qp, request);
	if (wr->wr.opcode == IB_WR_ATOMIC_FETCH_AND_ADD)
		request->atomic_result = atomic64_fetch_add(wr->compare_add,
							    (atomic64_t *)sge.vaddr);
	else
		request->atomic_result = cmpxchg((u64 *)sge.vaddr, wr->compare_add, wr->swap);
	rvt_put_mr(sge.mr);
	return sib_done(request);
}

/*
 * These checks come before every operation. Returns true if the packet is to be processed. Called
 * under r_lock.
 */
static bool sib_accepts(struct rvt_qp *qp, const struct sib_request *request)
{
	struct sib_port *port = request->port;
	u16 dlid = rdma_ah_get_dlid(&qp->remote_ah_attr);

	if (!sib_qp_can(qp, RVT_PROCESS_RECV_OK))
		return false;
	if (!sib_pkey_match(request->pkey, READ_ONCE(port->end.pkey[qp->s_pkey_index]))) {
		sib_trap_bad_key(port, true, request->pkey, request->slid, port->end.lid,
				 request->requester->ibqp.qp_num, qp->ibqp.qp_num, 0);
		return false;
	}
	if (qp->remote_qpn != request->requester->ibqp.qp_num || dlid != request->slid)
		return false;
	/* UC accepts any first packet, but the rest of a message must follow in sequence. */
	if (qp->ibqp.qp_type == IB_QPT_UC && !request->offset)
		return true;
	return !sib_psn_compare(qp->r_psn, request->psn);
}

/*
 * First and middle packets must have exactly the size of the responder's path MTU, and last and
 * only packets at most that. The responder cuts a read into packets, so for a read it is the
 * requester that finds the answer misshapen.
 */
static bool sib_fits_pmtu(struct rvt_qp *qp, const struct sib_request *request)
{
	u32 length = request->wqe->length;

	if (qp->pmtu == request->requester->pmtu)
		return true;
	return length <= min(qp->pmtu, request->requester->pmtu);
}

static struct answer sib_misshapen(struct rvt_qp *qp, struct sib_request *request)
{
	struct answer answer = { SIB_COMPLETE, IB_WC_BAD_RESP_ERR };

	if (request->wqe->wr.opcode == IB_WR_RDMA_READ)
		return answer;
	return sib_invalid_request(qp, request, IB_WC_LOC_QP_OP_ERR);
}

enum sib_outcome sib_respond(struct rvt_qp *qp, struct sib_request *request,
			     enum ib_wc_status *status)
{
	struct answer answer = lost;
	unsigned long flags;

	spin_lock_irqsave(&qp->r_lock, flags);
	if (!sib_accepts(qp, request))
		goto unlock;
	if (qp->state == IB_QPS_RTR && !(qp->r_flags & RVT_R_COMM_EST))
		rvt_comm_est(qp);
	if (!sib_fits_pmtu(qp, request)) {
		answer = sib_misshapen(qp, request);
		goto unlock;
	}
	switch (request->wqe->wr.opcode) {
	case IB_WR_SEND:
	case IB_WR_SEND_WITH_IMM:
	case IB_WR_SEND_WITH_INV:
		answer = sib_respond_send(qp, request);
		break;
	case IB_WR_RDMA_WRITE:
	case IB_WR_RDMA_WRITE_WITH_IMM:
		answer = sib_respond_write(qp, request);
		break;
	case IB_WR_RDMA_READ:
		answer = sib_respond_read(qp, request);
		break;
	case IB_WR_ATOMIC_CMP_AND_SWP:
	case IB_WR_ATOMIC_FETCH_AND_ADD:
		answer = sib_respond_atomic(qp, request);
		break;
	default:
		answer = sib_invalid_request(qp, request, IB_WC_LOC_QP_OP_ERR);
		break;
	}
	if (answer.outcome == SIB_RNR) {
		request->rnr_timer = qp->r_min_rnr_timer;
		to_sib_port(qp)->rvp.n_rnr_naks++;
	} else if (answer.outcome != SIB_LOST && answer.status == IB_WC_SUCCESS) {
		qp->r_psn = (request->psn + sib_packets(request->requester, request->length)) &
			    RVT_QPN_MASK;
		if (request->last)
			qp->r_msn++;
	}
unlock:
	spin_unlock_irqrestore(&qp->r_lock, flags);
	if (request->failed)
		sib_qp_event(qp, request->event);
	if (request->last_wqe)
		sib_qp_event(qp, IB_EVENT_QP_LAST_WQE_REACHED);
	*status = answer.status;
	return answer.outcome;
}
