// SPDX-License-Identifier: GPL-2.0
/* What rdmavt calls for each QP, and the loop that works through a send queue. */
#include <linux/slab.h>
#include <rdma/ib_hdrs.h>
#include "qp.h"

#define SIB_QPN_PAGES	8	/* QPNs are below 8 * 32768 */
#define SIB_BUDGET	64	/* steps in the caller's context before a worker takes over */

static void sib_do_send(struct rvt_qp *qp);

static void sib_send_work(struct work_struct *work)
{
	sib_do_send(container_of(work, struct sib_qp, work)->qp);
}

static bool sib_schedule_send_no_lock(struct rvt_qp *qp)
{
	struct sib_device *device = to_sib(qp->ibqp.device);

	return queue_work(device->fabric->wq, &to_sib_qp(qp)->work);
}

/*
 * Called under s_lock. A QP in RESET is not queued, because it may be about to go away, with its
 * work already cancelled.
 */
static bool sib_schedule_send(struct rvt_qp *qp)
{
	if (!sib_qp_can(qp, RVT_PROCESS_OR_FLUSH_SEND))
		return false;
	return sib_schedule_send_no_lock(qp);
}

void sib_recv_complete(struct rvt_qp *qp, struct ib_wc *wc, bool solicited)
{
	if (!rvt_cq_enter(ibcq_to_rvtcq(qp->ibqp.recv_cq), wc, solicited))
		rvt_rc_error(qp, IB_WC_LOC_QP_OP_ERR);
}

void sib_qp_event(struct rvt_qp *qp, enum ib_event_type type)
{
	struct ib_event event = {
		.device = qp->ibqp.device,
		.element.qp = &qp->ibqp,
		.event = type,
	};

	if (qp->ibqp.event_handler)
		qp->ibqp.event_handler(&event, qp->ibqp.qp_context);
}

/*
 * A requester had a fatal error: RC goes to ERR, the others to SQE. Returns true if the owner must
 * be told of the last WQE. Called under r_lock and s_lock.
 */
static bool sib_fail_send_queue(struct rvt_qp *qp)
{
	if (qp->ibqp.qp_type == IB_QPT_RC)
		return rvt_error_qp(qp, IB_WC_WR_FLUSH_ERR);
	if (qp->state == IB_QPS_RTS)
		qp->state = IB_QPS_SQE;
	return false;
}

static enum sib_outcome sib_execute(struct rvt_qp *qp, struct rvt_swqe *wqe,
				    enum ib_wc_status *status, u8 *rnr_timer)
{
	if (qp->ibqp.qp_type == IB_QPT_RC || qp->ibqp.qp_type == IB_QPT_UC)
		return sib_requester_execute(qp, wqe, status, rnr_timer);
	return sib_ud_execute(qp, wqe, status);
}

/* Called as sib_fail_send_queue() is, by the owner of RVT_S_BUSY. */
static bool sib_finish(struct rvt_qp *qp, struct rvt_swqe *wqe, enum ib_wc_status status)
{
	struct sib_qp *priv = to_sib_qp(qp);

	priv->offset = 0;
	priv->executed = false;
	qp->s_retry = qp->s_retry_cnt;
	qp->s_rnr_retry = qp->s_rnr_retry_cnt;
	rvt_send_complete(qp, wqe, status);
	return status != IB_WC_SUCCESS && status != IB_WC_WR_FLUSH_ERR && sib_fail_send_queue(qp);
}

/*
 * Called under r_lock and s_lock. Waits for the transport timer, or for ever if there is none
 * (timeout 0).
 */
static void sib_wait_for_answer(struct rvt_qp *qp)
{
	if (!sib_qp_can(qp, RVT_PROCESS_SEND_OK))
		return;
	qp->s_flags |= RVT_S_WAIT_ACK;
	if (qp->timeout)
		rvt_add_retry_timer(qp);
}

/* Called under r_lock and s_lock. Returns true if the request is to be tried again later. */
static bool sib_wait_for_receiver(struct rvt_qp *qp, u8 rnr_timer)
{
	if (!sib_qp_can(qp, RVT_PROCESS_SEND_OK))
		return true;
	if (!qp->s_rnr_retry)
		return false;
	if (qp->s_rnr_retry_cnt < 7)
		qp->s_rnr_retry--;
	rvt_add_rnr_timer(qp, rnr_timer << IB_AETH_CREDIT_SHIFT);
	return true;
}

static void sib_lock_qp(struct rvt_qp *qp, unsigned long *flags)
	__acquires(&qp->r_lock) __acquires(&qp->s_lock)
{
	spin_lock_irqsave(&qp->r_lock, *flags);
	spin_lock(&qp->s_lock);
}

static void sib_unlock_qp(struct rvt_qp *qp, unsigned long flags)
	__releases(&qp->s_lock) __releases(&qp->r_lock)
{
	spin_unlock(&qp->s_lock);
	spin_unlock_irqrestore(&qp->r_lock, flags);
}

/*
 * Works through the send queue. Whoever sets RVT_S_BUSY is the only one to do so, and the flag
 * keeps the entry at s_last alive. No lock is held while a request executes, so the responder's
 * locks never nest in this QP's.
 */
static void sib_do_send(struct rvt_qp *qp)
{
	struct sib_qp *priv = to_sib_qp(qp);
	unsigned int budget = SIB_BUDGET;
	enum sib_outcome outcome;
	enum ib_wc_status status;
	struct rvt_swqe *wqe;
	bool last_wqe = false, drained = false;
	unsigned long flags;
	u8 rnr_timer = 0;

	sib_lock_qp(qp, &flags);
	if ((qp->s_flags & (RVT_S_BUSY | RVT_S_ANY_WAIT)) ||
	    !sib_qp_can(qp, RVT_PROCESS_OR_FLUSH_SEND))
		goto unlock;
	qp->s_flags |= RVT_S_BUSY;

	while (qp->s_last != smp_load_acquire(&qp->s_head)) {
		wqe = rvt_get_swqe_ptr(qp, qp->s_last);
		if (sib_qp_can(qp, RVT_FLUSH_SEND)) {
			sib_finish(qp, wqe, IB_WC_WR_FLUSH_ERR);
			continue;
		}
		/* A draining queue finishes what it has begun. */
		if (!sib_qp_can(qp, RVT_PROCESS_NEXT_SEND_OK) &&
		    !(sib_qp_can(qp, RVT_PROCESS_SEND_OK) && qp->s_last != qp->s_cur))
			break;
		if (!budget--) {
			sib_schedule_send(qp);
			break;
		}
		if (qp->s_last == qp->s_cur)
			qp->s_cur = rvt_qp_swqe_incr(qp, qp->s_cur);
		if (priv->give_up) {
			priv->give_up = false;
			last_wqe |= sib_finish(qp, wqe, IB_WC_RETRY_EXC_ERR);
			continue;
		}
		sib_unlock_qp(qp, flags);
		status = IB_WC_SUCCESS;
		outcome = sib_execute(qp, wqe, &status, &rnr_timer);
		sib_lock_qp(qp, &flags);
		switch (outcome) {
		case SIB_COMPLETE:
			last_wqe |= sib_finish(qp, wqe, status);
			break;
		case SIB_PROGRESS:
			break;
		case SIB_LOST:
			sib_wait_for_answer(qp);
			break;
		case SIB_RNR:
			if (!sib_wait_for_receiver(qp, rnr_timer))
				last_wqe |= sib_finish(qp, wqe, IB_WC_RNR_RETRY_EXC_ERR);
			break;
		}
		if (qp->s_flags & RVT_S_ANY_WAIT)
			break;
	}
	if (qp->state == IB_QPS_SQD && qp->s_last == qp->s_cur) {
		drained = priv->notify_drained;
		priv->notify_drained = false;
	}
	qp->s_flags &= ~RVT_S_BUSY;
	wake_up(&priv->wait);
unlock:
	sib_unlock_qp(qp, flags);
	if (last_wqe)
		sib_qp_event(qp, IB_EVENT_QP_LAST_WQE_REACHED);
	if (drained)
		sib_qp_event(qp, IB_EVENT_SQ_DRAINED);
}

/*
 * rdmavt would believe the caller, who could so take a QP from ERR to RTS without a reset, or from
 * RESET to RTS without a port. Called under all locks of the QP.
 */
static int sib_check_modify_qp(struct rvt_qp *qp, struct ib_qp_attr *attr, int attr_mask,
			       struct ib_udata *udata)
{
	if (attr_mask & IB_QP_CUR_STATE && attr->cur_qp_state != qp->state)
		return -EINVAL;
	return 0;
}

/* Called under all locks of the QP. */
static void sib_modify_qp(struct rvt_qp *qp, struct ib_qp_attr *attr, int attr_mask,
			  struct ib_udata *udata)
{
	struct sib_qp *priv = to_sib_qp(qp);

	if (!(attr_mask & IB_QP_STATE))
		return;
	priv->notify_drained = attr->qp_state == IB_QPS_SQD &&
			       (attr_mask & IB_QP_EN_SQD_ASYNC_NOTIFY) &&
			       attr->en_sqd_async_notify;
	/* It must report that it has drained, or go on where it was stopped. */
	if (attr->qp_state == IB_QPS_SQD || attr->qp_state == IB_QPS_RTS)
		sib_schedule_send(qp);
}

/*
 * The transport timer fired. Called under r_lock and s_lock; the caller schedules the send queue.
 */
static void sib_notify_restart_rc(struct rvt_qp *qp, u32 psn, int wait)
{
	qp->s_flags &= ~RVT_S_WAIT_ACK;
	if (qp->s_last == READ_ONCE(qp->s_head))
		return;
	if (!qp->s_retry) {
		to_sib_qp(qp)->give_up = true;
		return;
	}
	qp->s_retry--;
	to_sib_port(qp)->rvp.n_rc_resends++;
}

static void *sib_qp_priv_alloc(struct rvt_dev_info *rdi, struct rvt_qp *qp)
{
	struct sib_qp *priv = kzalloc(sizeof(*priv), GFP_KERNEL);

	if (!priv)
		return ERR_PTR(-ENOMEM);
	priv->qp = qp;
	INIT_WORK(&priv->work, sib_send_work);
	init_waitqueue_head(&priv->wait);
	return priv;
}

static void sib_qp_priv_free(struct rvt_dev_info *rdi, struct rvt_qp *qp)
{
	struct sib_qp *priv = to_sib_qp(qp);

	/* A poster that raced with a reset may have queued it after sib_stop_send_queue(). */
	cancel_work_sync(&priv->work);
	kfree(priv);
}

static void sib_notify_qp_reset(struct rvt_qp *qp)
{
	struct sib_qp *priv = to_sib_qp(qp);

	priv->offset = 0;
	priv->executed = false;
	priv->give_up = false;
	priv->notify_drained = false;
	memset(&priv->recv, 0, sizeof(priv->recv));
	priv->received = 0;
	qp->r_len = 0;
}

static void sib_stop_send_queue(struct rvt_qp *qp)
{
	cancel_work_sync(&to_sib_qp(qp)->work);
}

static void sib_quiesce_qp(struct rvt_qp *qp)
{
	wait_event(to_sib_qp(qp)->wait, !(READ_ONCE(qp->s_flags) & RVT_S_BUSY));
	/* Whoever has just cleared the flag must also let go of the locks, and so of the QP. */
	spin_lock_irq(&qp->r_lock);
	spin_unlock_irq(&qp->r_lock);
}

/* No QP waits for resources here. It waits only for its own timers, which rdmavt stops. */
static void sib_flush_qp_waiters(struct rvt_qp *qp)
{
}

static void sib_notify_error_qp(struct rvt_qp *qp)
{
	to_sib_qp(qp)->give_up = false;
}

static unsigned int sib_free_all_qps(struct rvt_dev_info *rdi)
{
	return 0;
}

static int sib_get_pmtu_from_attr(struct rvt_dev_info *rdi, struct rvt_qp *qp,
				  struct ib_qp_attr *attr)
{
	struct sib_fabric *fabric = container_of(rdi, struct sib_device, rdi)->fabric;

	if (attr->path_mtu < IB_MTU_256 || attr->path_mtu > IB_MTU_4096)
		return -EINVAL;
	return min(attr->path_mtu, fabric->mtu);
}

static u32 sib_mtu_from_qp(struct rvt_dev_info *rdi, struct rvt_qp *qp, u32 pmtu)
{
	return ib_mtu_enum_to_int(pmtu);
}

static int sib_mtu_to_path_mtu(u32 mtu)
{
	return ib_mtu_int_to_enum(mtu);
}

static int sib_setup_wqe(struct rvt_qp *qp, struct rvt_swqe *wqe, bool *call_send)
{
	if ((qp->ibqp.qp_type == IB_QPT_RC || qp->ibqp.qp_type == IB_QPT_UC) &&
	    wqe->length > 0x80000000U)
		return -EINVAL;
	return 0;
}

/*
 * rdmavt's own function never frees the flags of QP 0 and 1, so that a device could not move to
 * another namespace. It also keeps these flags in only 32 bits.
 */
static int sib_alloc_qpn(struct rvt_dev_info *rdi, struct rvt_qpn_table *table,
			 enum ib_qp_type type, u32 port_num)
{
	unsigned int page, offset, tries;
	unsigned long fresh;
	u32 qpn;

	if (type == IB_QPT_SMI || type == IB_QPT_GSI)
		return type == IB_QPT_GSI;

	qpn = table->last + 1;
	for (tries = 0; tries <= SIB_QPN_PAGES; tries++) {
		if (qpn < 2 || qpn >= SIB_QPN_PAGES * RVT_BITS_PER_PAGE)
			qpn = 2;
		page = qpn / RVT_BITS_PER_PAGE;
		fresh = table->map[page].page ? 0 : get_zeroed_page(GFP_KERNEL);
		spin_lock(&table->lock);
		if (!table->map[page].page) {
			table->map[page].page = (void *)fresh;
			fresh = 0;
		}
		if (!table->map[page].page) {
			spin_unlock(&table->lock);
			return -ENOMEM;
		}
		offset = find_next_zero_bit(table->map[page].page, RVT_BITS_PER_PAGE,
					    qpn % RVT_BITS_PER_PAGE);
		if (offset < RVT_BITS_PER_PAGE) {
			set_bit(offset, table->map[page].page);
			qpn = page * RVT_BITS_PER_PAGE + offset;
			table->last = qpn;
			spin_unlock(&table->lock);
			free_page(fresh);
			return qpn;
		}
		spin_unlock(&table->lock);
		free_page(fresh);
		qpn = (page + 1) * RVT_BITS_PER_PAGE;
	}
	return -ENOMEM;
}

void sib_qp_driver_init(struct rvt_dev_info *rdi)
{
	struct rvt_driver_provided *f = &rdi->driver_f;

	f->do_send = sib_do_send;
	f->schedule_send = sib_schedule_send;
	f->schedule_send_no_lock = sib_schedule_send_no_lock;
	f->setup_wqe = sib_setup_wqe;
	f->check_modify_qp = sib_check_modify_qp;
	f->modify_qp = sib_modify_qp;
	f->qp_priv_alloc = sib_qp_priv_alloc;
	f->qp_priv_free = sib_qp_priv_free;
	f->notify_qp_reset = sib_notify_qp_reset;
	f->flush_qp_waiters = sib_flush_qp_waiters;
	f->stop_send_queue = sib_stop_send_queue;
	f->quiesce_qp = sib_quiesce_qp;
	f->notify_error_qp = sib_notify_error_qp;
	f->notify_restart_rc = sib_notify_restart_rc;
	f->free_all_qps = sib_free_all_qps;
	f->get_pmtu_from_attr = sib_get_pmtu_from_attr;
	f->mtu_from_qp = sib_mtu_from_qp;
	f->mtu_to_path_mtu = sib_mtu_to_path_mtu;
	f->alloc_qpn = sib_alloc_qpn;
}
