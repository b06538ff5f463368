// SPDX-License-Identifier: GPL-2.0
/*
 * For tests: lets allocations fail in a function of another module, whoever calls it, such as a
 * worker, which has no /proc/self/fail-nth of its own. In each call another one fails: the first,
 * the second and so on, and after a call that had fewer of them the first again. Without a function
 * it does nothing of that.
 *
 * A kernel that was built without CONFIG_FAULT_INJECTION gets /sys/kernel/debug/fail_in/fail-nth,
 * which is to the task that opens it what /proc/self/fail-nth is.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/sched.h>

static char *function = "";
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "as MODULE:FUNCTION");

static bool on;
module_param(on, bool, 0644);
MODULE_PARM_DESC(on, "let them fail (default no)");

static atomic_t nth = ATOMIC_INIT(1);
static atomic_t calls, failed;

static int fail_in_get(char *buffer, const struct kernel_param *parameter)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(parameter->arg));
}

static const struct kernel_param_ops count_ops = { .get = fail_in_get };
module_param_cb(calls, &count_ops, &calls, 0444);
MODULE_PARM_DESC(calls, "calls while it was on");
module_param_cb(failed, &count_ops, &failed, 0444);
MODULE_PARM_DESC(failed, "calls in which an allocation failed");

#ifdef CONFIG_FAULT_INJECTION

/* False if this task's allocations are failing already. */
static bool fail_in_arm(unsigned int number)
{
	if (current->fail_nth)
		return false;
	WRITE_ONCE(current->fail_nth, number);
	return true;
}

/* How many allocations there were too few; 0: it has failed. */
static unsigned int fail_in_disarm(void)
{
	unsigned int left = current->fail_nth;

	WRITE_ONCE(current->fail_nth, 0);
	return left;
}

static int fail_in_begin(void)
{
	return 0;
}

static void fail_in_end(void)
{
}

#else

static struct slot {
	struct task_struct *task; /* NULL: free; only this task uses the rest */
	unsigned int left;
} slots[64];

static struct slot *fail_in_slot(struct task_struct *task)
{
	struct slot *slot;

	for (slot = slots; slot < slots + ARRAY_SIZE(slots); slot++)
		if (READ_ONCE(slot->task) == task)
			return slot;
	return NULL;
}

static bool fail_in_arm(unsigned int number)
{
	struct slot *slot;

	if (fail_in_slot(current))
		return false;
	for (slot = slots; slot < slots + ARRAY_SIZE(slots); slot++) {
		if (!slot->task && !cmpxchg(&slot->task, NULL, current)) {
			slot->left = number;
			return true;
		}
	}
	return false;
}

static unsigned int fail_in_disarm(void)
{
	struct slot *slot = fail_in_slot(current);
	unsigned int left;

	if (!slot)
		return 0;
	left = slot->left;
	slot->left = 0;
	WRITE_ONCE(slot->task, NULL);
	return left;
}

/* Called in the place of should_failslab(), for its error, or of an allocation, for its NULL. */
static noinline int fail_in_no_memory(void)
{
	return -ENOMEM;
}

static noinline void *fail_in_null(void)
{
	return NULL;
}

static int fail_in_allocation(struct kprobe *probe, struct pt_regs *registers);

/* Of all of these the second argument is what the caller allows (gfp). */
static struct kprobe should_fail = {
	.symbol_name = "should_failslab",
	.pre_handler = fail_in_allocation,
};
static struct kprobe allocations[] = {
	{ .symbol_name = "__kmalloc_cache_noprof", .pre_handler = fail_in_allocation },
	{ .symbol_name = "__kmalloc_noprof", .pre_handler = fail_in_allocation },
	{ .symbol_name = "kmem_cache_alloc_noprof", .pre_handler = fail_in_allocation },
};
static struct kprobe *each_allocation[] = { &allocations[0], &allocations[1], &allocations[2] };
static bool asks_first; /* the kernel has should_failslab(), as before 6.11 */

static int fail_in_allocation(struct kprobe *probe, struct pt_regs *registers)
{
	gfp_t gfp = (__force gfp_t)registers->si;
	struct slot *slot;

	if (!in_task() || gfp & __GFP_NOFAIL)
		return 0;
	slot = fail_in_slot(current);
	if (!slot || !slot->left || --slot->left)
		return 0;
	registers->ip = probe == &should_fail ? (unsigned long)fail_in_no_memory :
						(unsigned long)fail_in_null;
	return 1;
}

static ssize_t fail_in_write(struct file *file, const char __user *buffer, size_t length,
			     loff_t *position)
{
	unsigned int number;
	int error = kstrtouint_from_user(buffer, length, 0, &number);

	if (error)
		return error;
	fail_in_disarm();
	if (number && !fail_in_arm(number))
		return -EBUSY;
	return length;
}

static ssize_t fail_in_read(struct file *file, char __user *buffer, size_t length, loff_t *position)
{
	struct slot *slot = fail_in_slot(current);
	char text[16];

	return simple_read_from_buffer(
		buffer, length, position, text,
		scnprintf(text, sizeof(text), "%u\n", slot ? slot->left : 0));
}

static const struct file_operations fail_nth_ops = {
	.owner = THIS_MODULE,
	.read = fail_in_read,
	.write = fail_in_write,
	.llseek = default_llseek,
};
static struct dentry *folder;

static int fail_in_begin(void)
{
	int error = register_kprobe(&should_fail);

	asks_first = !error;
	if (error == -ENOENT)
		error = register_kprobes(each_allocation, ARRAY_SIZE(each_allocation));
	if (error)
		return error;
	folder = debugfs_create_dir("fail_in", NULL);
	debugfs_create_file_unsafe("fail-nth", 0600, folder, NULL, &fail_nth_ops);
	return 0;
}

static void fail_in_end(void)
{
	debugfs_remove(folder);
	if (asks_first)
		unregister_kprobe(&should_fail);
	else
		unregister_kprobes(each_allocation, ARRAY_SIZE(each_allocation));
}

#endif

static int fail_in_entered(struct kretprobe_instance *instance, struct pt_regs *registers)
{
	return READ_ONCE(on) && fail_in_arm(atomic_read(&nth)) ? 0 : 1;
}

static int fail_in_returns(struct kretprobe_instance *instance, struct pt_regs *registers)
{
	if (fail_in_disarm()) {
		atomic_set(&nth, 1);
	} else {
		atomic_inc(&failed);
		atomic_inc(&nth);
	}
	atomic_inc(&calls);
	return 0;
}

static struct kretprobe probe = {
	.entry_handler = fail_in_entered,
	.handler = fail_in_returns,
	.maxactive = 64,
};

static int __init fail_in_init(void)
{
	int error = fail_in_begin();

	if (error || !*function)
		return error;
	probe.kp.symbol_name = function;
	error = register_kretprobe(&probe);
	if (error)
		fail_in_end();
	return error;
}

static void __exit fail_in_exit(void)
{
	if (*function)
		unregister_kretprobe(&probe);
	fail_in_end();
}

module_init(fail_in_init);
module_exit(fail_in_exit);
MODULE_DESCRIPTION("Lets allocations fail in a function of another module");
MODULE_LICENSE("GPL");
