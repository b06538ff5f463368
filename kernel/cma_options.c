// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The interface for user space: the options of an id. */
#include <linux/capability.h>
#include <linux/export.h>
#include <net/net_namespace.h>
#include <rdma/rdma_user_cm.h>
#include <rdma/rdma_user_cm_ns.h>

#include "cma_bind.h"
#include "cma_settings.h"
#ifdef RDMA_NS_VERSION
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <rdma/rdma_user_cm_ns_record.h>

#include "cma_ns.h"
#include "cma_ns_user.h"
#endif

#ifdef RDMA_NS_VERSION
/* The process is what owns the id, as /proc shows it. */
int rdma_ns_created(struct rdma_cm_id *cm_id)
{
	struct rdma_id_private *id = container_of(cm_id, struct rdma_id_private, id);

	id->ns.creator = get_pid(task_tgid(current));
	return rdma_bind_as_sockets(cm_id);
}
EXPORT_SYMBOL_GPL(rdma_ns_created);

#endif

static u64 cma_ns_features(void)
{
	u64 features = RDMA_NS_FEATURE_RESOLVE | RDMA_NS_FEATURE_NETNS_FD |
		       RDMA_NS_FEATURE_BIND_IFINDEX | RDMA_NS_FEATURE_POLICY |
		       RDMA_NS_FEATURE_EXCHANGE | RDMA_NS_FEATURE_IPOIB;

#ifdef RDMA_NS_VERSION
	features |= RDMA_NS_FEATURE_RECV_INGRESS;
	/* The stock ib_ipoib may be loaded in the place of the extended one at any time. */
	if (!cma_ns_ipoib_answers())
		features &= ~RDMA_NS_FEATURE_IPOIB;
#endif
	return features;
}

/*
 * rdma_ucm lets only one call at a time change an id, so an id cannot leave these states meanwhile.
 */
static bool cma_ns_may_still_bind(struct rdma_id_private *id)
{
	enum rdma_cm_state state = READ_ONCE(id->state);

	return state == RDMA_CM_IDLE || state == RDMA_CM_ADDR_BOUND;
}

static bool cma_ns_may_still_connect(struct rdma_id_private *id)
{
	switch (READ_ONCE(id->state)) {
	case RDMA_CM_IDLE:
	case RDMA_CM_ADDR_BOUND:
	case RDMA_CM_ADDR_QUERY:
	case RDMA_CM_ADDR_RESOLVED:
	case RDMA_CM_ROUTE_QUERY:
	case RDMA_CM_ROUTE_RESOLVED:
		return true;
	default:
		return false;
	}
}

static int cma_ns_set_netns(struct rdma_id_private *id, int fd)
{
	struct net **place = &id->id.route.addr.dev_addr.net;
	struct net *net, *before;

	if (READ_ONCE(id->state) != RDMA_CM_IDLE ||
	    (READ_ONCE(id->ns.ifindex) && !id->ns.by_cgroup))
		return -EINVAL;
	net = get_net_ns_by_fd(fd);
	if (IS_ERR(net))
		return PTR_ERR(net);
	if (!ns_capable(net->user_ns, CAP_SYS_ADMIN)) {
		put_net(net);
		return -EPERM;
	}
	/* Neither that VRF nor the netdev of a bind that failed is in this namespace. */
	if (id->ns.by_cgroup)
		cma_ns_rebind(id, 0);
	id->ns.by_cgroup = false;
	id->id.route.addr.dev_addr.bound_dev_if = 0;
	before = *place;
	*place = net;
	id->ns.netns_set = true;
	put_net(before);
	return 0;
}

#ifdef RDMA_NS_VERSION
static int cma_ns_set_recv_ingress(struct rdma_id_private *id,
				   const struct rdma_user_cm_ns_recv_ingress *wanted)
{
	bool fits = wanted->size >= RDMA_USER_CM_NS_RECORD_MIN &&
		    wanted->size <= RDMA_USER_CM_NS_RECORD_MAX;

	if (!cma_ns_may_still_bind(id) || wanted->reserved)
		return -EINVAL;
	if (!fits && (wanted->cookie || wanted->size))
		return -EINVAL;
	id->ns.recv_ingress = *wanted;
	return 0;
}
#endif

static int cma_ns_set_exchange(struct rdma_id_private *id, u32 mask)
{
	if (mask & ~(RDMA_NS_EXCHANGE_SEND | RDMA_NS_EXCHANGE_REPLY) ||
	    mask == RDMA_NS_EXCHANGE_REPLY || !cma_ns_may_still_connect(id))
		return -EINVAL;
	if (mask && !cma_ns_sending(id->id.route.addr.dev_addr.net))
		return -EOPNOTSUPP;
	id->ns.send_nothing = !(mask & RDMA_NS_EXCHANGE_SEND);
	id->ns.wants_reply = mask & RDMA_NS_EXCHANGE_REPLY;
	return 0;
}

static int cma_ns_set_policy(struct rdma_id_private *id, u32 policy)
{
	if (policy > RDMA_USER_CM_NS_STRICT || !cma_ns_may_still_bind(id))
		return -EINVAL;
	WRITE_ONCE(id->ns.policy, policy);
	return 0;
}

static int cma_ns_bind_netdev(struct rdma_id_private *id, u32 ifindex)
{
	if (!cma_ns_may_still_bind(id))
		return -EINVAL;
	/* As for SO_BINDTODEVICE: "ip vrf exec" may have bound it to keep the program inside. */
	if (READ_ONCE(id->ns.ifindex) &&
	    !ns_capable(id->id.route.addr.dev_addr.net->user_ns, CAP_NET_RAW))
		return -EPERM;
	id->ns.by_cgroup = false;
	return ifindex > INT_MAX ? -ENODEV : cma_ns_rebind(id, ifindex);
}

static size_t cma_ns_option_length(int option)
{
	switch (option) {
	case RDMA_OPTION_NS_FEATURES:
		return sizeof(u64);
#ifdef RDMA_NS_VERSION
	case RDMA_OPTION_NS_RECV_INGRESS:
		return sizeof(struct rdma_user_cm_ns_recv_ingress);
#endif
	case RDMA_OPTION_NS_NETNS_FD:
	case RDMA_OPTION_NS_BIND_IFINDEX:
	case RDMA_OPTION_NS_POLICY:
	case RDMA_OPTION_NS_EXCHANGE:
		return sizeof(u32);
	default:
		return 0;
	}
}

/* This runs in the process that sets the option. @value is a copy that nobody else changes. */
int rdma_ns_set_option(struct rdma_cm_id *cm_id, int option, const void *value, size_t length)
{
	struct rdma_id_private *id = container_of(cm_id, struct rdma_id_private, id);
	size_t expected = cma_ns_option_length(option);

	if (!expected)
		return -EOPNOTSUPP;
	if (length != expected)
		return -EINVAL;
	switch (option) {
	case RDMA_OPTION_NS_FEATURES:
		return *(const u64 *)value & ~cma_ns_features() ? -EOPNOTSUPP : 0;
	case RDMA_OPTION_NS_NETNS_FD:
		return cma_ns_set_netns(id, *(const s32 *)value);
	case RDMA_OPTION_NS_BIND_IFINDEX:
		return cma_ns_bind_netdev(id, *(const u32 *)value);
	case RDMA_OPTION_NS_POLICY:
		return cma_ns_set_policy(id, *(const u32 *)value);
#ifdef RDMA_NS_VERSION
	case RDMA_OPTION_NS_RECV_INGRESS:
		return cma_ns_set_recv_ingress(id, value);
#endif
	default:
		return cma_ns_set_exchange(id, *(const u32 *)value);
	}
}
EXPORT_SYMBOL_GPL(rdma_ns_set_option);

#ifdef RDMA_NS_VERSION
/* @id belongs to a request, and its listener's event is being made. */
void rdma_ns_append_ingress(struct rdma_cm_id *cm_id, struct rdma_ucm_event_resp *event,
			    bool datagram)
{
	const struct cma_ns_id *ns = &container_of(cm_id, struct rdma_id_private, id)->ns;
	u8 *length =
		datagram ? &event->param.ud.private_data_len : &event->param.conn.private_data_len;
	u8 *data = datagram ? event->param.ud.private_data : event->param.conn.private_data;
	struct rdma_user_cm_ns_record record = { .ingress = ns->ingress };
	size_t size = ns->recv_ingress.size;

	if (!ns->recv_ingress.cookie || *length + size > U8_MAX)
		return;
	record.cookie = ns->recv_ingress.cookie;
	record.ingress.size = sizeof(record);
	memset(data + *length, 0, size);
	memcpy(data + *length, &record, min(size, sizeof(record)));
	*length += size;
}
EXPORT_SYMBOL_GPL(rdma_ns_append_ingress);
#endif
