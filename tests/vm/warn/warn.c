// SPDX-License-Identifier: GPL-2.0
/*
 * Misbehaves as asked, so that vm/run can be seen to notice: "kind" is one of the
 * names below. Loading it without a kind does nothing.
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/sched.h>

static char *kind = "";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "warning, refcount, bug, oops, hang");

static int __init warn_init(void)
{
	if (sysfs_streq(kind, "warning")) {
		WARN(1, "asked to warn\n");
	} else if (sysfs_streq(kind, "refcount")) {
		refcount_t count = REFCOUNT_INIT(0);

		refcount_inc(&count);
	} else if (sysfs_streq(kind, "bug")) {
		BUG();
	} else if (sysfs_streq(kind, "oops")) {
		WRITE_ONCE(*(int *)0x10, 1);
	} else if (sysfs_streq(kind, "hang")) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	} else if (*kind) {
		pr_err("warn: no kind '%s'\n", kind);
		return -EINVAL;
	}
	return 0;
}

static void __exit warn_exit(void)
{
}

module_init(warn_init);
module_exit(warn_exit);
MODULE_DESCRIPTION("Provokes kernel warnings for tests of vm/run");
MODULE_LICENSE("GPL");
