// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * /proc/net/rdma_cm_listeners: the listeners of a network namespace, what they are bound to and
 * which policy they have set. Like /proc/net/tcp it is for everybody in the namespace.
 */
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "cma_ns.h"

#define CMA_NS_LISTENERS_FILE "rdma_cm_listeners"

static const char *cma_ns_port_space(enum rdma_ucm_port_space space)
{
	switch (space) {
	case RDMA_PS_TCP:
		return "tcp";
	case RDMA_PS_UDP:
		return "udp";
	default:
		return "ipoib";
	}
}

/* The process that created it, or 0 if that is the kernel, or not in the reader's PID namespace. */
static pid_t cma_ns_creator(const struct rdma_id_private *id, struct seq_file *file)
{
	return pid_nr_ns(id->ns.creator, proc_pid_ns(file_inode(file->file)->i_sb));
}

/* Called under cma.c's lock, under which an id's port is released. */
void cma_ns_show_listener(const struct rdma_id_private *id, struct seq_file *file)
{
	const struct sockaddr *address = (const struct sockaddr *)&id->id.route.addr.src_addr;

	if (READ_ONCE(id->state) != RDMA_CM_LISTEN ||
	    (address->sa_family != AF_INET && address->sa_family != AF_INET6))
		return;
	seq_printf(file, "%s %pISc %u %d %s %d\n", cma_ns_port_space(id->id.ps), address,
		   be16_to_cpu(address->sa_family == AF_INET ?
				       ((const struct sockaddr_in *)address)->sin_port :
				       ((const struct sockaddr_in6 *)address)->sin6_port),
		   READ_ONCE(id->ns.ifindex), cma_ns_policy_word(READ_ONCE(id->ns.policy)),
		   cma_ns_creator(id, file));
}

/* An ifindex of 0 is no netdev, and -1 one that has gone. */
static int cma_ns_show_listeners(struct seq_file *file, void *unused)
{
	struct net *net = seq_file_single_net(file);

	seq_puts(file, "port_space address port ifindex policy pid\n");
	cma_ns_show_ids(net, RDMA_PS_TCP, file);
	cma_ns_show_ids(net, RDMA_PS_UDP, file);
	cma_ns_show_ids(net, RDMA_PS_IPOIB, file);
	return 0;
}

static int __net_init cma_ns_listeners_init_net(struct net *net)
{
	if (!IS_ENABLED(CONFIG_PROC_FS) ||
	    proc_create_net_single(CMA_NS_LISTENERS_FILE, 0444, net->proc_net,
				   cma_ns_show_listeners, NULL))
		return 0;
	return -ENOMEM;
}

static void __net_exit cma_ns_listeners_exit_net(struct net *net)
{
	remove_proc_entry(CMA_NS_LISTENERS_FILE, net->proc_net);
}

static struct pernet_operations cma_ns_listeners_operations = {
	.init = cma_ns_listeners_init_net,
	.exit = cma_ns_listeners_exit_net,
};

static bool cma_ns_listeners_shown;

int cma_ns_listeners_init(void)
{
	int ret = register_pernet_subsys(&cma_ns_listeners_operations);

	cma_ns_listeners_shown = !ret;
	return ret;
}

void cma_ns_listeners_exit(void)
{
	if (cma_ns_listeners_shown)
		unregister_pernet_subsys(&cma_ns_listeners_operations);
}
