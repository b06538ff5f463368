// SPDX-License-Identifier: GPL-2.0
/*
 * For tests: holds open what takes a moment. A call of a function of another module, whoever makes
 * it, sleeps before it begins or after it has ended. The function must be one that may sleep, and
 * its arguments at most six words.
 *
 *     echo 1000 >/sys/module/hold_in/parameters/milliseconds
 *
 * has the next call sleep so long, and no other one.
 *
 *     echo 1000 >/sys/module/hold_in/parameters/rcu_milliseconds
 *
 * ends after so long: nobody who waits for RCU meanwhile has it before.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/nmi.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

static char *function = "";
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "as MODULE:FUNCTION");

static bool at_return;
module_param(at_return, bool, 0444);
MODULE_PARM_DESC(at_return, "sleep after the call (default: before it)");

static unsigned int milliseconds;
module_param(milliseconds, uint, 0644);
MODULE_PARM_DESC(milliseconds, "how long the next call sleeps");

static unsigned int held;
module_param(held, uint, 0444);
MODULE_PARM_DESC(held, "calls that have slept, or do so");

static int hold_in_rcu(const char *value, const struct kernel_param *parameter)
{
	unsigned int length;
	ktime_t end;
	int status;

	status = kstrtouint(value, 0, &length);
	if (status)
		return status;
	end = ktime_add_ms(ktime_get(), length);
	rcu_read_lock();
	while (ktime_before(ktime_get(), end)) {
		udelay(100);
		touch_softlockup_watchdog();
	}
	rcu_read_unlock();
	return 0;
}

static const struct kernel_param_ops hold_in_rcu_ops = { .set = hold_in_rcu };
module_param_cb(rcu_milliseconds, &hold_in_rcu_ops, NULL, 0200);
MODULE_PARM_DESC(rcu_milliseconds, "hold RCU up for so long, at once");

/* Only this task calls the function by way of hold_in_call(). */
static struct task_struct *holder;
static unsigned int duration;

static int hold_in_entered(struct kprobe *probe, struct pt_regs *registers);

static struct kprobe probe = { .pre_handler = hold_in_entered };

static void hold_in_sleep(void)
{
	WRITE_ONCE(held, held + 1);
	msleep(duration);
}

/* Called in the place of the function. */
static noinline unsigned long hold_in_call(unsigned long a, unsigned long b, unsigned long c,
					   unsigned long d, unsigned long e, unsigned long f)
{
	unsigned long (*original)(unsigned long a, unsigned long b, unsigned long c,
				  unsigned long d, unsigned long e, unsigned long f);
	unsigned long result;

	original = (void *)probe.addr;
	if (!at_return)
		hold_in_sleep();
	result = original(a, b, c, d, e, f);
	if (at_return)
		hold_in_sleep();
	WRITE_ONCE(holder, NULL);
	return result;
}

static int hold_in_entered(struct kprobe *entered, struct pt_regs *registers)
{
	if (!READ_ONCE(milliseconds) || cmpxchg(&holder, NULL, current))
		return 0;
	duration = xchg(&milliseconds, 0);
	registers->ip = (unsigned long)hold_in_call;
	return 1;
}

static int __init hold_in_init(void)
{
	probe.symbol_name = function;
	return register_kprobe(&probe);
}

/* Nobody may be left in hold_in_call(). */
static void __exit hold_in_exit(void)
{
	unregister_kprobe(&probe);
	while (READ_ONCE(holder))
		msleep(20);
	msleep(20);
}

module_init(hold_in_init);
module_exit(hold_in_exit);
MODULE_DESCRIPTION("Holds open what takes a moment in a function of another module");
MODULE_LICENSE("GPL");
