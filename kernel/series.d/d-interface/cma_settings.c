// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The settings of each network namespace, in /proc/sys/net/rdma_cm. */
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "cma_settings.h"

struct cma_ns_settings {
	struct ctl_table_header *header;
	u8 send_qpn;
#ifdef RDMA_NS_WITH_INGRESS
	u8 policy; /* enum rdma_user_cm_ns_policy */
	/* These are of the initial namespace alone. */
	u8 heed_qpn;
#endif
#ifdef RDMA_NS_WITH_OWNER
	u8 own_qp;
#endif
};

static unsigned int settings_id;
static bool registered;

static const struct ctl_table settings_table[] = {
	{
		.procname = "send_qpn",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
#ifdef RDMA_NS_WITH_INGRESS
	{
		.procname = "policy",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_TWO,
	},
	{
		.procname = "heed_qpn",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
#endif
#ifdef RDMA_NS_WITH_OWNER
	{
		.procname = "own_qp",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	{}
#endif
};

static struct cma_ns_settings *cma_ns_settings_of(const struct net *net)
{
	return net_generic(net, settings_id);
}

bool cma_ns_sending(const struct net *net)
{
	return READ_ONCE(cma_ns_settings_of(net)->send_qpn) &&
	       READ_ONCE(cma_ns_settings_of(&init_net)->send_qpn);
}

#ifdef RDMA_NS_WITH_INGRESS
enum rdma_user_cm_ns_policy cma_ns_host_policy(void)
{
	return READ_ONCE(cma_ns_settings_of(&init_net)->policy);
}

enum rdma_user_cm_ns_policy cma_ns_net_policy(const struct net *net)
{
	return max_t(u8, READ_ONCE(cma_ns_settings_of(net)->policy), cma_ns_host_policy());
}

bool cma_ns_heeding(void)
{
	return READ_ONCE(cma_ns_settings_of(&init_net)->heed_qpn);
}
#endif

#ifdef RDMA_NS_WITH_OWNER
bool cma_ns_own_qps_only(void)
{
	return READ_ONCE(cma_ns_settings_of(&init_net)->own_qp);
}
#endif

static int __net_init cma_ns_settings_init_net(struct net *net)
{
	struct cma_ns_settings *settings = cma_ns_settings_of(net);
#if defined(RDMA_NS_WITH_INGRESS) || LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	size_t count = ARRAY_SIZE(settings_table);
#endif
	struct ctl_table *table;

#ifdef RDMA_NS_WITH_RETRY
	settings->send_qpn = 1;
#endif
#ifdef RDMA_NS_WITH_INGRESS
	settings->heed_qpn = 1;
#endif
#ifdef RDMA_NS_WITH_OWNER
	settings->own_qp = 1;
#endif
	if (!IS_ENABLED(CONFIG_SYSCTL))
		return 0;
	table = kmemdup(settings_table, sizeof(settings_table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	table[0].data = &settings->send_qpn;
#ifdef RDMA_NS_WITH_INGRESS
	table[1].data = &settings->policy;
	table[2].data = &settings->heed_qpn;
#endif
#ifdef RDMA_NS_WITH_OWNER
	table[3].data = &settings->own_qp;
#endif
#ifdef RDMA_NS_WITH_INGRESS
	if (!net_eq(net, &init_net)) {
		count = 2;
		table[count].procname = NULL;
	}
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	settings->header = register_net_sysctl(net, "net/rdma_cm", table);
#else
	settings->header = register_net_sysctl_sz(net, "net/rdma_cm", table, count);
#endif
	if (settings->header)
		return 0;
	kfree(table);
	return -ENOMEM;
}

static void __net_exit cma_ns_settings_exit_net(struct net *net)
{
	struct cma_ns_settings *settings = cma_ns_settings_of(net);
	const struct ctl_table *table;

	if (!settings->header)
		return;
	table = settings->header->ctl_table_arg;
	unregister_net_sysctl_table(settings->header);
	kfree(table);
}

static struct pernet_operations settings_operations = {
	.init = cma_ns_settings_init_net,
	.exit = cma_ns_settings_exit_net,
	.id = &settings_id,
	.size = sizeof(struct cma_ns_settings),
};

int cma_ns_settings_init(void)
{
	int ret = register_pernet_subsys(&settings_operations);

	registered = !ret;
	return ret;
}

/* This is harmless if cma_ns_settings_init() has failed. */
void cma_ns_settings_exit(void)
{
	if (registered)
		unregister_pernet_subsys(&settings_operations);
}
