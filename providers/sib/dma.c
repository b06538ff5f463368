// SPDX-License-Identifier: GPL-2.0
/*
 * The memory region of kernel memory, whose key is 0. rdmavt would make one for each PD and let the
 * first of them serve all. When a PD goes, it would wait for RCU to be done with the PD's region,
 * but not for more than 5 s, and no caller expects that to fail. Here the device has a region for
 * as long as it lives, and the PDs need none.
 */
#include <linux/percpu-refcount.h>
#include <linux/slab.h>
#include <rdma/rdmavt_mr.h>
#include "sib.h"

static void sib_dma_released(struct percpu_ref *ref)
{
	complete(&container_of(ref, struct rvt_mregion, refcount)->comp);
}

int sib_dma_init(struct sib_device *device)
{
	struct rvt_mregion *region = kzalloc(sizeof(*region), GFP_KERNEL);

	if (!region)
		return -ENOMEM;
	init_completion(&region->comp);
	if (percpu_ref_init(&region->refcount, sib_dma_released, 0, GFP_KERNEL)) {
		kfree(region);
		return -ENOMEM;
	}
	device->dma = region;
	return 0;
}

/* rdmavt forgets the region when the device is registered. No link is up before this. */
void sib_dma_begin(struct sib_device *device)
{
	rcu_assign_pointer(device->rdi.dma_mr, device->dma);
}

/* All QPs have gone. */
void sib_dma_end(struct sib_device *device)
{
	RCU_INIT_POINTER(device->rdi.dma_mr, NULL);
}

void sib_dma_free(struct sib_device *device)
{
	percpu_ref_kill(&device->dma->refcount);
	wait_for_completion(&device->dma->comp);
	percpu_ref_exit(&device->dma->refcount);
	kfree(device->dma);
}
