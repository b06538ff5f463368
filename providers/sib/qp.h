/* SPDX-License-Identifier: GPL-2.0 */
/* The QP engines (ud.c, requester.c, responder.c) share this with qp.c. */
#ifndef SIB_QP_H
#define SIB_QP_H

#include "sib.h"

struct sib_qp {
	struct rvt_qp *qp;
	struct work_struct work;
	wait_queue_head_t wait;		/* until RVT_S_BUSY is cleared */

	/* The requester's state for the request at s_last. It belongs to whoever set RVT_S_BUSY. */
	u32 offset;			/* bytes that the responder has acknowledged */
	u32 sge_offset;			/* the offset that s_sge stands at */
	bool executed;			/* executed; only the answer was lost */
	bool give_up;			/* no retries are left; under s_lock */
	/* tell the owner when the send queue is drained; under s_lock */
	bool notify_drained;
	u64 atomic_result;

	/* The responder's state, under r_lock. */
	struct rvt_sge_state recv;	/* the position in r_sge, which holds the references */
	u32 received;			/* bytes of the message that recv is in */
};

/* The outcome of one attempt at a request. */
enum sib_outcome {
	SIB_COMPLETE,	/* it is done, and *status says how it ended */
	SIB_PROGRESS,	/* there is more of it to do */
	SIB_LOST,	/* there was no answer: retry after the transport timeout */
	SIB_RNR,	/* the receiver was not ready: retry after its RNR timer */
};

static inline struct sib_qp *to_sib_qp(struct rvt_qp *qp)
{
	return qp->priv;
}

static inline bool sib_qp_can(struct rvt_qp *qp, int what)
{
	return ib_rvt_state_ops[READ_ONCE(qp->state)] & what;
}

/*
 * Compares 24-bit packet sequence numbers. The result is negative if @a is before @b, positive if
 * it is after @b, and otherwise 0.
 */
static inline int sib_psn_compare(u32 a, u32 b)
{
	return (int)((a - b) << 8);
}

static inline u32 sib_packets(struct rvt_qp *qp, u32 length)
{
	return length ? DIV_ROUND_UP(length, qp->pmtu) : 1;
}

/* qp.c */
void sib_qp_driver_init(struct rvt_dev_info *rdi);
/* Completes a receive. If the CQ is full, the QP moves to the error state. Called under r_lock. */
void sib_recv_complete(struct rvt_qp *qp, struct ib_wc *wc, bool solicited);
/*
 * Tells the QP's owner about an event. Called without the QP's locks, because the owner may post to
 * another QP.
 */
void sib_qp_event(struct rvt_qp *qp, enum ib_event_type type);

/* ud.c */
enum sib_outcome sib_ud_execute(struct rvt_qp *qp, struct rvt_swqe *wqe,
				enum ib_wc_status *status);

/* requester.c */
enum sib_outcome sib_requester_execute(struct rvt_qp *qp, struct rvt_swqe *wqe,
				       enum ib_wc_status *status, u8 *rnr_timer);

/* responder.c */
struct sib_request {
	struct rvt_qp *requester;	/* its send side belongs to the caller; not locked */
	struct rvt_swqe *wqe;
	struct rvt_sge_state *sge;	/* the requester's memory, at @offset */
	struct sib_port *port;		/* the port where the request arrives */
	u16 slid;
	u16 pkey;
	u32 psn;			/* of the first packet, which starts at @offset */
	u32 offset;
	u32 length;			/* the number of bytes to handle now */
	bool last;
	u64 atomic_result;		/* out */
	u8 rnr_timer;			/* out */
	/* the responder's QP failed, and its owner must be told @event */
	bool failed;
	bool last_wqe;
	enum ib_event_type event;
};

enum sib_outcome sib_respond(struct rvt_qp *qp, struct sib_request *request,
			     enum ib_wc_status *status);

#endif
