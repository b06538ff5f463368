/* SPDX-License-Identifier: GPL-2.0 */
/* What the QP engines (ud.c, requester.c, responder.c) share with qp.c. */
#ifndef SIB_QP_H
#define SIB_QP_H

#include "sib.h"

struct sib_qp {
	struct rvt_qp *qp;
	struct work_struct work;
	wait_queue_head_t wait;		/* for RVT_S_BUSY to go */

	/* requester: the request at s_last; owned by whoever set RVT_S_BUSY */
	u32 offset;			/* bytes of it that the responder has acknowledged */
	u32 sge_offset;			/* where in it s_sge stands */
	bool executed;			/* only its acknowledgement was lost */
	bool give_up;			/* retries used up; under s_lock */
	bool notify_drained;		/* the owner awaits a drained send queue; under s_lock */
	u64 atomic_result;

	/* responder, under r_lock */
	struct rvt_sge_state recv;	/* progress in r_sge, which holds the references */
};

/* What became of one request. */
enum sib_outcome {
	SIB_COMPLETE,	/* done; *status says how */
	SIB_PROGRESS,	/* more of it to do */
	SIB_LOST,	/* no answer: retry after the transport timeout */
	SIB_RNR,	/* receiver not ready: retry after its RNR timer */
};

static inline struct sib_qp *to_sib_qp(struct rvt_qp *qp)
{
	return qp->priv;
}

static inline bool sib_qp_can(struct rvt_qp *qp, int what)
{
	return ib_rvt_state_ops[READ_ONCE(qp->state)] & what;
}

/* 24-bit packet sequence numbers: negative, 0 or positive as @a is before, at or after @b. */
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
/* Complete a receive; a full CQ moves the QP to the error state. Under r_lock. */
void sib_recv_complete(struct rvt_qp *qp, struct ib_wc *wc, bool solicited);
/* Tell the QP's owner. Not under its locks: the owner may post to another QP. */
void sib_qp_event(struct rvt_qp *qp, enum ib_event_type type);

/* ud.c */
enum sib_outcome sib_ud_execute(struct rvt_qp *qp, struct rvt_swqe *wqe,
				enum ib_wc_status *status);

/* requester.c */
enum sib_outcome sib_requester_execute(struct rvt_qp *qp, struct rvt_swqe *wqe,
				       enum ib_wc_status *status, u8 *rnr_timer);

/* responder.c */
struct sib_request {
	struct rvt_qp *requester;	/* its send side is the caller's; not locked */
	struct rvt_swqe *wqe;
	struct rvt_sge_state *sge;	/* the requester's memory, at @offset */
	struct sib_port *port;		/* where the request arrives */
	u16 slid;
	u16 pkey;
	u32 psn;			/* of the first packet at @offset */
	u32 offset;
	u32 length;			/* bytes to do now */
	bool last;
	u64 atomic_result;		/* out */
	u8 rnr_timer;			/* out */
	bool failed;			/* the responder's QP did, and is to be told @event */
	bool last_wqe;
	enum ib_event_type event;
};

enum sib_outcome sib_respond(struct rvt_qp *qp, struct sib_request *request,
			     enum ib_wc_status *status);

#endif
