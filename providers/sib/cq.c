// SPDX-License-Identifier: GPL-2.0
/* The end of a CQ, which rdmavt begins too early on a machine that lags. */
#include <rdma/rdmavt_cq.h>
#include "sib.h"

/*
 * ib_free_cq() has cancelled the work that polls the CQ. Only now would rdmavt wait for its own
 * work, which may have been pending since the last completion and which queues the other one again.
 * No QP is left, so nothing else does.
 */
static int sib_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata)
{
	flush_work(&ibcq_to_rvtcq(ibcq)->comptask);
	/* A CQ from elsewhere has no such work. Its poll_ctx is zero, which is another one. */
	if (ibcq->poll_ctx == IB_POLL_WORKQUEUE || ibcq->poll_ctx == IB_POLL_UNBOUND_WORKQUEUE)
		cancel_work_sync(&ibcq->work);
	return to_sib(ibcq->device)->rvt_destroy_cq(ibcq, udata);
}

/*
 * rdmavt does not export its function, so that it can be replaced only where rdmavt has put it. A
 * CQ that goes before that goes as in rdmavt.
 */
void sib_cq_init(struct sib_device *device)
{
	struct ib_device_ops *ops = &device->rdi.ibdev.ops;

	device->rvt_destroy_cq = ops->destroy_cq;
	/* Clients may be calling already. */
	smp_store_release(&ops->destroy_cq, sib_destroy_cq);
}
