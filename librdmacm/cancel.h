/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * An application may cancel a thread that waits in librdmacm, as in rdma_get_cm_event(), which
 * holds no lock there. What this library does around that must come to its end first, since it
 * holds locks and what other threads need.
 */
#ifndef RDMA_NS_CANCEL_H
#define RDMA_NS_CANCEL_H

#include <pthread.h>

/* Put off the thread's cancellation. Pass what this returns to cancel_restore(). They nest. */
static inline int cancel_hold(void)
{
	int before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	return before;
}

static inline void cancel_restore(int before)
{
	int held;

	pthread_setcancelstate(before, &held);
}

#endif
