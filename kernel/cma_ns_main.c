// SPDX-License-Identifier: GPL-2.0
/* The host's settings and counters, in /sys/module/rdma_cm/parameters, and the start and end of it all. */
#include <linux/capability.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "cma_ns.h"

static const char *const policies[] = {
	[RDMA_USER_CM_NS_REPORT] = "report",
	[RDMA_USER_CM_NS_VERIFY] = "verify",
	[RDMA_USER_CM_NS_STRICT] = "strict",
};

static u8 host_policy = RDMA_USER_CM_NS_REPORT;

/* Files of sysfs can be handed to a container; the host's policy is not its to loosen. */
static int cma_ns_set_policy(const char *value, const struct kernel_param *parameter)
{
	int policy;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	policy = sysfs_match_string(policies, value);
	if (policy < 0)
		return -EINVAL;
	WRITE_ONCE(host_policy, policy);
	return 0;
}

static int cma_ns_get_policy(char *buffer, const struct kernel_param *parameter)
{
	return sysfs_emit(buffer, "%s\n", policies[READ_ONCE(host_policy)]);
}

static const struct kernel_param_ops policy_ops = { .set = cma_ns_set_policy,
						    .get = cma_ns_get_policy };
module_param_cb(policy, &policy_ops, NULL, 0644);
MODULE_PARM_DESC(policy,
		 "least policy for connection requests: report (default), verify or strict");

/* Nor this: without QPNs whose netdev is older gets the requests again. */
static int cma_ns_set_send_qpn(const char *value, const struct kernel_param *parameter)
{
	return capable(CAP_NET_ADMIN) ? param_set_bool(value, parameter) : -EPERM;
}

static bool send_qpn = true;
static const struct kernel_param_ops send_qpn_ops = { .set = cma_ns_set_send_qpn,
						      .get = param_get_bool };
module_param_cb(send_qpn, &send_qpn_ops, &send_qpn, 0644);
MODULE_PARM_DESC(send_qpn, "tell peers the IPoIB QPNs of connections (default yes)");

enum rdma_user_cm_ns_policy cma_ns_host_policy(void)
{
	return READ_ONCE(host_policy);
}

bool cma_ns_sending(void)
{
	return READ_ONCE(send_qpn);
}

static const char *const ways[] = {
	[RDMA_USER_CM_NS_BY_NOTHING] = "af_ib",
	[RDMA_USER_CM_NS_BY_QPN] = "qpn",
	[RDMA_USER_CM_NS_BY_GID] = "gid",
	[RDMA_USER_CM_NS_BY_VLAN] = "vlan",
	[RDMA_USER_CM_NS_BY_TCP] = "tcp",
	[RDMA_USER_CM_NS_BY_ADDRESS] = "address",
	[RDMA_USER_CM_NS_BY_AMBIGUOUS] = "ambiguous",
};

static const char *const reasons[] = {
	[RDMA_USER_CM_NS_REASON_QPN_UNKNOWN] = "qpn_unknown",
	[RDMA_USER_CM_NS_REASON_UNRESOLVED] = "unresolved",
	[RDMA_USER_CM_NS_REASON_AMBIGUOUS] = "ambiguous",
	[RDMA_USER_CM_NS_REASON_NO_QPN] = "no_qpn",
	[RDMA_USER_CM_NS_REASON_ROUTE] = "route",
	[RDMA_USER_CM_NS_REASON_HANDLING_DIFFERS] = "handling_differs",
	[RDMA_USER_CM_NS_REASON_NO_LISTENER] = "no_listener",
	[RDMA_USER_CM_NS_REASON_BOUND_ELSEWHERE] = "bound_elsewhere",
	[RDMA_USER_CM_NS_REASON_PKEY_DIFFERS] = "pkey_differs",
};

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

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		length += sysfs_emit_at(buffer, length, "accepted %s %ld\n", ways[i],
					atomic_long_read(&accepted[i]));
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (reasons[i])
			length += sysfs_emit_at(buffer, length, "refused %s %ld\n", reasons[i],
						atomic_long_read(&refused[i]));
	}
	return length;
}

static const struct kernel_param_ops requests_ops = { .get = cma_ns_get_requests };
module_param_cb(requests, &requests_ops, NULL, 0400);
MODULE_PARM_DESC(requests,
		 "connection requests: accepted, by what named the netdev, and refused, by reason");

int cma_ns_init(void)
{
	return cma_ns_bind_init();
}

/* Harmless if cma_ns_init() has failed. */
void cma_ns_exit(void)
{
	cma_ns_bind_exit();
}
