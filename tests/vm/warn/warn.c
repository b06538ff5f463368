// SPDX-License-Identifier: GPL-2.0
/*
 * Misbehaves as asked, so that vm/run can be seen to notice: "kind" is one of the
 * names below. Loading it without a kind does nothing. Some of them only a debug
 * kernel sees.
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static char *kind = "";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "one of the names in the table below");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spinning);

static void warn_warning(void)
{
	WARN(1, "asked to warn\n");
}

static void warn_refcount(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);
}

static void warn_bug(void)
{
	BUG();
}

static void warn_oops(void)
{
	WRITE_ONCE(*(int *)0x10, 1);
}

static void warn_hang(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
}

static void warn_freed(void)
{
	int *number = kmalloc(sizeof(*number), GFP_KERNEL);

	kfree(number);
	if (number)
		WRITE_ONCE(*number, 1);
}

static void warn_shift(void)
{
	int places = 40;

	OPTIMIZER_HIDE_VAR(places);
	pr_info("warn: %d\n", 1 << places);
}

static void warn_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void warn_sleep(void)
{
	spin_lock(&spinning);
	mutex_lock(&first);
	mutex_unlock(&first);
	spin_unlock(&spinning);
}

static void warn_rcu(void)
{
	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "warn: rcu_read_lock() is missing");
}

static void warn_timer(struct timer_list *timer)
{
}

static void warn_object(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, warn_timer, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer);
}

static void warn_list(void)
{
	static LIST_HEAD(list);
	static struct list_head entry;

	list_add(&entry, &list);
	list_add(&entry, &list);
}

static void warn_leak(void)
{
	int i;

	/* The last ones may still be in a register or on a stack. */
	for (i = 0; i < 10; i++)
		if (!kzalloc(100, GFP_KERNEL))
			return;
}

static const struct {
	const char *name;
	void (*misbehave)(void);
} kinds[] = {
	{ "warning", warn_warning }, { "refcount", warn_refcount }, { "bug", warn_bug },
	{ "oops", warn_oops },	     { "hang", warn_hang },	    { "freed", warn_freed },
	{ "shift", warn_shift },     { "order", warn_order },	    { "sleep", warn_sleep },
	{ "rcu", warn_rcu },	     { "object", warn_object },	    { "list", warn_list },
	{ "leak", warn_leak },
};

static int __init warn_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (sysfs_streq(kind, kinds[i].name)) {
			kinds[i].misbehave();
			return 0;
		}
	}
	if (!*kind)
		return 0;
	pr_err("warn: no kind '%s'\n", kind);
	return -EINVAL;
}

static void __exit warn_exit(void)
{
}

module_init(warn_init);
module_exit(warn_exit);
MODULE_DESCRIPTION("Provokes kernel warnings for tests of vm/run");
MODULE_LICENSE("GPL");
