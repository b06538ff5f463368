// SPDX-License-Identifier: GPL-2.0
/* For tests: a request's handler that waits between finding its listener and locking it. */
#include <linux/delay.h>
#include <linux/moduleparam.h>

#include "cma_ns.h"

static unsigned int hold_open;
module_param(hold_open, uint, 0644);
MODULE_PARM_DESC(hold_open, "wait so many milliseconds in each request's handler");

bool cma_ns_without_reference;
module_param_named(without_reference, cma_ns_without_reference, bool, 0644);
MODULE_PARM_DESC(without_reference, "take no reference on listeners, as the stock rdma_cm");

void cma_ns_hold_open(void)
{
	unsigned int milliseconds = READ_ONCE(hold_open);

	if (milliseconds)
		msleep(milliseconds);
}
