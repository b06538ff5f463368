// SPDX-License-Identifier: GPL-2.0
/*
 * This maps the rings that rdmavt shares with user space. rdmavt's own mmap leaves its vm_ops in
 * the mapping, which use the device when the process unmaps, even if the device is gone by then.
 * The mapping made here holds the pages and nothing else, so it may outlive the device.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "sib.h"

/*
 * rdmavt does not export its own release function. This one runs only if the object is destroyed
 * while it is being mapped.
 */
static void sib_release_info(struct kref *ref)
{
	struct rvt_mmap_info *info = container_of(ref, struct rvt_mmap_info, ref);
	struct rvt_dev_info *rdi = ib_to_rvt(info->context->device);

	spin_lock_irq(&rdi->pending_lock);
	list_del(&info->pending_mmaps);
	spin_unlock_irq(&rdi->pending_lock);
	vfree(info->obj);
	kfree(info);
}

int sib_mmap(struct ib_ucontext *context, struct vm_area_struct *vma)
{
	struct rvt_dev_info *rdi = ib_to_rvt(context->device);
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	unsigned long size = vma->vm_end - vma->vm_start;
	struct rvt_mmap_info *info;
	int ret = -EINVAL;

	spin_lock_irq(&rdi->pending_lock);
	list_for_each_entry(info, &rdi->pending_mmaps, pending_mmaps) {
		if (info->context != context || info->offset != offset)
			continue;
		/* Whoever dropped the last reference waits for the lock, to free it. */
		if (size <= info->size && kref_get_unless_zero(&info->ref)) {
			list_del_init(&info->pending_mmaps);
			ret = 0;
		}
		break;
	}
	spin_unlock_irq(&rdi->pending_lock);
	if (ret)
		return ret;
	ret = remap_vmalloc_range(vma, info->obj, 0);
	kref_put(&info->ref, sib_release_info);
	return ret;
}
