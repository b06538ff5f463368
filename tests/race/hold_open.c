// SPDX-License-Identifier: GPL-2.0
/*
 * For tests: a request's handler that waits between finding its listener and locking it, and the
 * removal of a device that waits between telling an id's owner and going on; private data as they
 * were sent.
 */
#include <linux/delay.h>
#include <linux/moduleparam.h>

#include "cma_ns.h"

static unsigned int hold_open;
module_param(hold_open, uint, 0644);
MODULE_PARM_DESC(hold_open, "wait so many milliseconds in each request's handler");

bool cma_ns_without_reference;
module_param_named(without_reference, cma_ns_without_reference, bool, 0644);
MODULE_PARM_DESC(without_reference, "take no reference on listeners, as the stock rdma_cm");

static unsigned int hold_removal;
module_param(hold_removal, uint, 0644);
MODULE_PARM_DESC(hold_removal, "wait so many milliseconds for each id of a removed device");

bool cma_ns_cancel_late;
module_param_named(cancel_late, cma_ns_cancel_late, bool, 0644);
MODULE_PARM_DESC(cancel_late,
		 "cancel queries for paths of a removed device as the stock rdma_cm does");

bool cma_ns_keep_trailers;
module_param_named(keep_trailers, cma_ns_keep_trailers, bool, 0644);
MODULE_PARM_DESC(keep_trailers, "leave trailers in the private data of requests");

static void hold(const unsigned int *milliseconds)
{
	unsigned int time = READ_ONCE(*milliseconds);

	if (time)
		msleep(time);
}

void cma_ns_hold_open(void)
{
	hold(&hold_open);
}

void cma_ns_hold_removal(void)
{
	hold(&hold_removal);
}
