// SPDX-License-Identifier: GPL-2.0
/*
 * The files in /sys/kernel/debug/sib/<device>/<port>/ make faults in a running fabric. README.md
 * lists them.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include "sib.h"

#define SIB_LINE_MAX	64

/* Reads one line from user space, without its newline. */
static int sib_get_line(const char __user *buffer, size_t size, char line[SIB_LINE_MAX])
{
	if (!size || size >= SIB_LINE_MAX)
		return -EINVAL;
	if (copy_from_user(line, buffer, size))
		return -EFAULT;
	line[size] = 0;
	strim(line);
	return 0;
}

static int sib_link_show(struct seq_file *file, void *unused)
{
	struct sib_port *port = file->private;

	seq_puts(file, port->end.admin_down ? "down\n" : "up\n");
	return 0;
}

static int sib_link_set(struct sib_port *port, char *line)
{
	if (!strcmp(line, "up"))
		sib_link_set_admin(&port->end, false);
	else if (!strcmp(line, "down"))
		sib_link_set_admin(&port->end, true);
	else
		return -EINVAL;
	return 0;
}

static int sib_drop_show(struct seq_file *file, void *unused)
{
	struct sib_port *port = file->private;

	seq_printf(file, "%u\n", port->faults.drop_per_million);
	return 0;
}

static int sib_drop_set(struct sib_port *port, char *line)
{
	u32 rate;

	if (kstrtou32(line, 0, &rate) || rate > 1000000)
		return -EINVAL;
	WRITE_ONCE(port->faults.drop_per_million, rate);
	return 0;
}

static void sib_show_classes(struct seq_file *file, const u32 *values)
{
	unsigned int class;

	for (class = 0; class < SIB_MGMT_CLASSES; class++)
		if (values[class])
			seq_printf(file, "0x%02x %u\n", class, values[class]);
}

/* Parses "<management class> <value>". */
static int sib_set_class(u32 *values, char *line, u32 max)
{
	char *value = line;
	char *word = strsep(&value, " ");
	u32 number;
	u8 class;

	if (!value || kstrtou8(word, 0, &class) || kstrtou32(strim(value), 0, &number) ||
	    number > max)
		return -EINVAL;
	WRITE_ONCE(values[class], number);
	return 0;
}

static int sib_mad_drop_show(struct seq_file *file, void *unused)
{
	sib_show_classes(file, ((struct sib_port *)file->private)->faults.mad_drop_per_million);
	return 0;
}

static int sib_mad_drop_set(struct sib_port *port, char *line)
{
	return sib_set_class(port->faults.mad_drop_per_million, line, 1000000);
}

static int sib_mad_delay_show(struct seq_file *file, void *unused)
{
	sib_show_classes(file, ((struct sib_port *)file->private)->faults.mad_delay_ms);
	return 0;
}

static int sib_mad_delay_set(struct sib_port *port, char *line)
{
	return sib_set_class(port->faults.mad_delay_ms, line, 60000);
}

static int sib_pkeys_show(struct seq_file *file, void *unused)
{
	struct sib_port *port = file->private;
	unsigned int i;

	for (i = 0; i < SIB_PKEYS; i++)
		seq_printf(file, "%u 0x%04x\n", i, port->end.pkey[i]);
	return 0;
}

/* Parses "<index> <P_Key>". */
static int sib_pkeys_set(struct sib_port *port, char *line)
{
	char *value = line;
	char *word = strsep(&value, " ");
	unsigned long flags;
	u16 pkey;
	u8 index;

	if (!value || kstrtou8(word, 0, &index) || kstrtou16(strim(value), 0, &pkey) ||
	    index >= SIB_PKEYS)
		return -EINVAL;
	spin_lock_irqsave(&port->end.lock, flags);
	WRITE_ONCE(port->end.pkey[index], pkey);
	spin_unlock_irqrestore(&port->end.lock, flags);
	sib_port_event(port, IB_EVENT_PKEY_CHANGE);
	return 0;
}

#define SIB_FILE(name)									\
static int sib_##name##_open(struct inode *inode, struct file *file)			\
{											\
	return single_open(file, sib_##name##_show, inode->i_private);			\
}											\
static ssize_t sib_##name##_write(struct file *file, const char __user *buffer,		\
				  size_t size, loff_t *offset)				\
{											\
	struct seq_file *seq = file->private_data;					\
	char line[SIB_LINE_MAX];							\
	int ret = sib_get_line(buffer, size, line);					\
											\
	if (!ret)									\
		ret = sib_##name##_set(seq->private, line);				\
	return ret ? ret : size;							\
}											\
static const struct file_operations sib_##name##_fops = {				\
	.owner = THIS_MODULE,								\
	.open = sib_##name##_open,							\
	.read = seq_read,								\
	.write = sib_##name##_write,							\
	.llseek = seq_lseek,								\
	.release = single_release,							\
}

SIB_FILE(link);
SIB_FILE(drop);
SIB_FILE(mad_drop);
SIB_FILE(mad_delay);
SIB_FILE(pkeys);

static void sib_add_port(struct dentry *parent, struct sib_port *port)
{
	struct dentry *dir;
	char name[12];

	snprintf(name, sizeof(name), "%u", port->port_num);
	dir = debugfs_create_dir(name, parent);
	debugfs_create_file("link", 0600, dir, port, &sib_link_fops);
	debugfs_create_file("drop", 0600, dir, port, &sib_drop_fops);
	debugfs_create_file("mad_drop", 0600, dir, port, &sib_mad_drop_fops);
	debugfs_create_file("mad_delay", 0600, dir, port, &sib_mad_delay_fops);
	debugfs_create_file("pkeys", 0600, dir, port, &sib_pkeys_fops);
}

void sib_debugfs_init(struct sib_fabric *fabric)
{
	unsigned int unit, i;
	struct sib_device *device;
	struct dentry *dir;

	fabric->debugfs = debugfs_create_dir("sib", NULL);
	for (unit = 0; unit < fabric->num_hosts; unit++) {
		device = fabric->device[unit];
		dir = debugfs_create_dir(dev_name(&device->rdi.ibdev.dev), fabric->debugfs);
		for (i = 0; i < device->num_ports; i++)
			sib_add_port(dir, &device->port[i]);
	}
}

void sib_debugfs_exit(struct sib_fabric *fabric)
{
	debugfs_remove_recursive(fabric->debugfs);
}
