// SPDX-License-Identifier: GPL-2.0
/*
 * Records which blocks of the extended modules were run. With gcc's -fsanitize-coverage=trace-pc
 * each block begins with a call of __sanitizer_cov_trace_pc(). KCOV would export it, but records
 * only system calls of one task, and distributions' kernels do not have it. This records all
 * contexts: workqueues, notifiers and softirqs, too. In debugfs, folder "reached":
 *
 *     NAME    for each module: a byte for each byte of its text, 1 where such a call returned to
 *     count   how many of them are 1
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/string.h>
#include <linux/version.h>
#include <linux/vmalloc.h>

struct text {
	const char *name;
	unsigned long base;
	unsigned long size; /* 0 while the module is not loaded */
	u8 *reached;	    /* is kept when the module is unloaded */
	struct debugfs_blob_wrapper blob;
};

static struct text texts[] = {
	{ .name = "rdma_cm" },
	{ .name = "rdma_ucm" },
	{ .name = "ib_ipoib" },
	{ .name = "ib_uverbs" },
};
static DEFINE_MUTEX(loading);
static atomic_t count = ATOMIC_INIT(0);
static struct dentry *folder;

void __sanitizer_cov_trace_pc(void);

/* Called from anywhere and very often. Nothing that it calls is instrumented. */
noinline notrace void __sanitizer_cov_trace_pc(void)
{
	unsigned long place = (unsigned long)__builtin_return_address(0), offset;
	int i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		offset = place - READ_ONCE(texts[i].base);
		if (offset >= READ_ONCE(texts[i].size))
			continue;
		/* Another processor may count the same place. It is new all the same. */
		if (!READ_ONCE(texts[i].reached[offset])) {
			WRITE_ONCE(texts[i].reached[offset], 1);
			atomic_inc(&count);
		}
		return;
	}
}
EXPORT_SYMBOL(__sanitizer_cov_trace_pc);

static unsigned long reached_base(const struct module *module)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return (unsigned long)module->mem[MOD_TEXT].base;
#else
	return (unsigned long)module->core_layout.base;
#endif
}

static unsigned long reached_size(const struct module *module)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return module->mem[MOD_TEXT].size;
#else
	return module->core_layout.text_size;
#endif
}

/*
 * What is loaded under one of these names may be another build, such as the distribution's, which
 * calls nothing here. A second one with these calls must be the same, which its size has to prove.
 */
static void reached_begins(struct text *text, const struct module *module)
{
	unsigned long size = reached_size(module);

	if (!text->reached) {
		text->reached = vzalloc(size);
		if (!text->reached)
			return;
		text->blob.data = text->reached;
		text->blob.size = size;
		debugfs_create_blob(text->name, 0400, folder, &text->blob);
	}
	if (size != text->blob.size) {
		pr_err("reached: %s is another one than before\n", text->name);
		return;
	}
	WRITE_ONCE(text->base, reached_base(module));
	WRITE_ONCE(text->size, size);
}

static bool reached_calls(const struct module *module)
{
	const struct module_use *use;

	list_for_each_entry(use, &module->target_list, target_list) {
		if (use->target == THIS_MODULE)
			return true;
	}
	return false;
}

static int reached_notify(struct notifier_block *self, unsigned long event, void *data)
{
	const struct module *module = data;
	int i;

	if (event != MODULE_STATE_COMING && event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&loading);
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		if (strcmp(module->name, texts[i].name) || !reached_calls(module))
			continue;
		if (event == MODULE_STATE_COMING)
			reached_begins(&texts[i], module);
		else
			WRITE_ONCE(texts[i].size, 0);
	}
	mutex_unlock(&loading);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = reached_notify };

static int __init reached_init(void)
{
	int ret;

	folder = debugfs_create_dir("reached", NULL);
	debugfs_create_atomic_t("count", 0400, folder, &count);
	ret = register_module_notifier(&notifier);
	if (ret)
		debugfs_remove(folder);
	return ret;
}

/* Modules that call it keep this one, so nobody calls it now. */
static void __exit reached_exit(void)
{
	int i;

	unregister_module_notifier(&notifier);
	debugfs_remove(folder);
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		vfree(texts[i].reached);
}

module_init(reached_init);
module_exit(reached_exit);
MODULE_DESCRIPTION("Records which blocks of the extended modules were run");
MODULE_LICENSE("GPL");
