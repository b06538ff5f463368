// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The host's settings and counters in /sys/module/rdma_cm/parameters, and the start and the end of
 * the extension.
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "cma_ns.h"
#include "cma_ns_words.h"

/* One item of an array of words. */
#define WORD(value, text) [value] = text,

static const char *const policies[] = { CMA_NS_POLICY_WORDS(WORD, WORD) };
static_assert(ARRAY_SIZE(policies) == RDMA_USER_CM_NS_POLICY_LAST + 1);

static u8 host_policy = RDMA_USER_CM_NS_REPORT;

/*
 * A container can have files of sysfs and, if it has no user namespace of its own, the capability
 * as well. But these settings and counters belong to the host.
 */
bool cma_ns_is_administrator(void)
{
	return capable(CAP_NET_ADMIN) && net_eq(current->nsproxy->net_ns, &init_net);
}

/*
 * Whoever can load modules may be in a network namespace of a driver container. The files exist
 * before the module is ready, so this asks who it is as well.
 */
static bool cma_ns_is_loading(void)
{
#ifdef MODULE
	return THIS_MODULE->state == MODULE_STATE_COMING && capable(CAP_SYS_MODULE);
#else
	return system_state < SYSTEM_RUNNING;
#endif
}

static bool cma_ns_may_set(void)
{
	return cma_ns_is_loading() || cma_ns_is_administrator();
}

static int cma_ns_set_policy(const char *value, const struct kernel_param *parameter)
{
	int policy;

	if (!cma_ns_may_set())
		return -EPERM;
	if (!value)
		value = "";
	policy = sysfs_match_string(policies, value);
	/* After an error the host would have no RDMA CM until somebody mends modprobe.d. */
	if (policy < 0 && cma_ns_is_loading()) {
		policy = RDMA_USER_CM_NS_POLICY_LAST;
		pr_err("rdma_cm: no policy is called '%s': using %s, which refuses clients that send no QPN; correct it in modprobe.d, and for now in the file policy\n",
		       value, policies[policy]);
	}
	if (policy < 0)
		return -EINVAL;
	WRITE_ONCE(host_policy, policy);
	return 0;
}

static int cma_ns_get_policy(char *buffer, const struct kernel_param *parameter)
{
	return sysfs_emit(buffer, "%s\n", policies[READ_ONCE(host_policy)]);
}

/* Without this flag, the kernel would refuse the module for a policy without a value. */
static const struct kernel_param_ops policy_ops = { .flags = KERNEL_PARAM_OPS_FL_NOARG,
						    .set = cma_ns_set_policy,
						    .get = cma_ns_get_policy };
module_param_cb(policy, &policy_ops, NULL, 0644);
MODULE_PARM_DESC(policy,
		 "minimum policy for connection requests: report (default), verify or strict");

static int cma_ns_set_bool(const char *value, const struct kernel_param *parameter)
{
	int err;

	if (!cma_ns_may_set())
		return -EPERM;
	err = param_set_bool(value, parameter);
	if (err && cma_ns_is_loading()) {
		pr_err("rdma_cm: %s=%s is neither yes nor no: ignored\n", parameter->name, value);
		return 0;
	}
	return err;
}

const struct kernel_param_ops cma_ns_bool_ops = { .flags = KERNEL_PARAM_OPS_FL_NOARG,
						  .set = cma_ns_set_bool,
						  .get = param_get_bool };

/* The kernel calls what sets an option without asking whether there is such a function. */
int cma_ns_set_counter(const char *value, const struct kernel_param *parameter)
{
	if (!cma_ns_is_loading())
		return -EPERM;
	pr_err("rdma_cm: %s is no option: ignored\n", parameter->name);
	return 0;
}

/*
 * If no QPNs are sent, requests that several netdevs fit go to whoever has the oldest of them, as
 * with the stock rdma_cm.
 */
static bool send_qpn = true;
module_param_cb(send_qpn, &cma_ns_bool_ops, &send_qpn, 0644);
MODULE_PARM_DESC(send_qpn, "tell peers the IPoIB QPNs of connections (default yes)");

/*
 * A way out for an administrator whose honest clients aim at QPNs that no netdev has. Then whoever
 * takes an address gets its requests, as with the stock rdma_cm, unless the policy refuses them.
 */
static bool heed_qpn = true;
module_param_cb(heed_qpn, &cma_ns_bool_ops, &heed_qpn, 0644);
MODULE_PARM_DESC(heed_qpn, "let the QPN in a request say which netdev it is for (default yes)");

bool cma_ns_heeding(void)
{
	return READ_ONCE(heed_qpn);
}

static bool explain_refusals;
module_param_cb(explain_refusals, &cma_ns_bool_ops, &explain_refusals, 0644);
MODULE_PARM_DESC(explain_refusals,
		 "tell peers why a request was refused, for laboratories (default no)");

enum rdma_user_cm_ns_policy cma_ns_host_policy(void)
{
	return READ_ONCE(host_policy);
}

/* Here, network namespaces have no settings of their own. */
enum rdma_user_cm_ns_policy cma_ns_net_policy(const struct net *net)
{
	return cma_ns_host_policy();
}

bool cma_ns_sending(const struct net *net)
{
	return READ_ONCE(send_qpn);
}

const char *cma_ns_policy_word(enum rdma_user_cm_ns_policy policy)
{
	return policies[policy];
}

bool cma_ns_explaining(void)
{
	return READ_ONCE(explain_refusals);
}

static const char *const ways[] = { CMA_NS_DECIDED_BY_WORDS(WORD, WORD) };
static const char *const reasons[] = { CMA_NS_REFUSAL_WORDS(WORD, WORD) };
static_assert(ARRAY_SIZE(reasons) == CMA_NS_REFUSAL_LAST + 1);

static atomic_long_t accepted[ARRAY_SIZE(ways)];
static atomic_long_t refused[ARRAY_SIZE(reasons)];

void cma_ns_count(const struct cma_ns_request *request)
{
	if (request->refusal)
		atomic_long_inc(&refused[request->refusal]);
	else
		atomic_long_inc(&accepted[request->ingress.decided_by]);
}

static int cma_ns_get_requests(char *buffer, const struct kernel_param *parameter)
{
	int length = 0;
	size_t i;

	if (!cma_ns_is_administrator())
		return -EPERM;
	/* Only a request without IP addresses is accepted though nothing decided. */
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		length += sysfs_emit_at(buffer, length, "accepted %s %ld\n",
					i == RDMA_USER_CM_NS_BY_NOTHING ? "af_ib" : ways[i],
					atomic_long_read(&accepted[i]));
	/* The reasons before the first one here are for accepted requests. */
	for (i = RDMA_USER_CM_NS_REASON_QPN_UNKNOWN; i < ARRAY_SIZE(reasons); i++) {
		/* This one is used only on the wire. */
		if (i != RDMA_USER_CM_NS_REASON_NOT_DELIVERED)
			length += sysfs_emit_at(buffer, length, "refused %s %ld\n", reasons[i],
						atomic_long_read(&refused[i]));
	}
	return length;
}

static const struct kernel_param_ops requests_ops = { .flags = KERNEL_PARAM_OPS_FL_NOARG,
						      .set = cma_ns_set_counter,
						      .get = cma_ns_get_requests };
module_param_cb(requests, &requests_ops, NULL, 0400);
MODULE_PARM_DESC(requests,
		 "connection requests accepted, by what found the netdev, and refused, by reason");

int cma_ns_init(void)
{
	return cma_ns_retry_init() ?: cma_ns_bind_init() ?: cma_ns_listeners_init();
}

/* This is harmless if cma_ns_init() has failed. */
void cma_ns_exit(void)
{
	cma_ns_listeners_exit();
	cma_ns_bind_exit();
	cma_ns_retry_exit();
}

/* @id is about to be freed. */
void cma_ns_forget(struct rdma_id_private *id)
{
	cma_ns_unbind(id);
	put_pid(id->ns.creator);
}

MODULE_VERSION("rdma-ns-" RDMA_NS_VERSION);
