// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The policy decides whether what the three steps found is good enough. This file also says what a
 * refused peer is told.
 */
#include <linux/netdevice.h>
#include <rdma/rdma_cm_ns_wire.h>

#include "cma_address.h"
#include "cma_choice.h"
#include "cma_settings.h"
#include "cma_verdict.h"
#ifdef RDMA_NS_VERSION
#include "cma_ns.h"
#endif

/*
 * Sets the reason why the request is flagged, and refuses the request if the policy demands it. A
 * request whose QPN names no netdev, or whose route does not deliver it, has already been refused,
 * whatever the policy.
 */
bool cma_ns_acceptable(struct cma_ns_request *request, enum rdma_user_cm_ns_policy policy)
{
	struct rdma_user_cm_ns_ingress *ingress = &request->ingress;

	ingress->policy = policy;
	if (request->pkey_differs)
		ingress->reason = RDMA_USER_CM_NS_REASON_PKEY_DIFFERS;
	else if (ingress->decided_by == RDMA_USER_CM_NS_BY_AMBIGUOUS)
		ingress->reason = RDMA_USER_CM_NS_REASON_AMBIGUOUS;
	if (ingress->reason && policy >= RDMA_USER_CM_NS_VERIFY)
		request->refusal = ingress->reason;
	else if (policy < RDMA_USER_CM_NS_STRICT)
		return true;
	else if (ingress->transport == RDMA_USER_CM_NS_TRANSPORT_IB &&
		 ingress->decided_by != RDMA_USER_CM_NS_BY_QPN)
		request->refusal = RDMA_USER_CM_NS_REASON_NO_QPN;
	else if (ingress->handling_ifindex && ingress->handling_ifindex != ingress->ifindex)
		request->refusal = RDMA_USER_CM_NS_REASON_HANDLING_DIFFERS;
	return !request->refusal;
}

void cma_ns_name_rule(struct rdma_user_cm_ns_ingress *ingress,
		      const struct rdma_id_private *listener)
{
	bool netdev = READ_ONCE(listener->ns.ifindex);

	if (cma_ns_is_wildcard((const struct sockaddr *)&listener->id.route.addr.src_addr))
		ingress->rule = netdev ? RDMA_USER_CM_NS_RULE_WILDCARD_NETDEV :
					 RDMA_USER_CM_NS_RULE_WILDCARD;
	else
		ingress->rule =
			netdev ? RDMA_USER_CM_NS_RULE_ADDRESS_NETDEV : RDMA_USER_CM_NS_RULE_ADDRESS;
}

enum rdma_user_cm_ns_policy cma_ns_policy_of(const struct rdma_id_private *listener)
{
	return max_t(u8, READ_ONCE(listener->ns.policy),
		     cma_ns_net_policy(listener->id.route.addr.dev_addr.net));
}

/* If a listener was found, does it accept the request? Called under rdma_cm's global lock. */
struct rdma_id_private *cma_ns_judge(struct cma_ns_request *request, struct net_device *netdev,
				     struct rdma_id_private *listener)
{
	const struct rdma_id_private *outer;

	if (IS_ERR(listener)) {
		request->refusal = PTR_ERR(listener) == -EADDRNOTAVAIL ?
					   RDMA_USER_CM_NS_REASON_BOUND_ELSEWHERE :
					   RDMA_USER_CM_NS_REASON_NO_LISTENER;
		return listener;
	}
	if (!netdev) {
		/* There are no IP addresses, so nothing could be resolved. */
		request->ingress.reason = RDMA_USER_CM_NS_REASON_AF_IB;
		return listener;
	}
	outer = cma_ns_listener(listener);
	cma_ns_name_rule(&request->ingress, outer);
	return cma_ns_acceptable(request, cma_ns_policy_of(outer)) ? listener : ERR_PTR(-EACCES);
}

#ifdef RDMA_NS_VERSION
/*
 * ib_cm shares one listening id among all listeners of a port, and so a listener can be destroyed
 * while a request for it is being handled. So the listener that was found, if any, gets a
 * reference. Called under cma.c's lock, which keeps the listener alive until then.
 */
struct rdma_id_private *cma_ns_hold(struct rdma_id_private *listener)
{
	if (IS_ERR(listener))
		return listener;
	refcount_inc(&listener->refcount);
	return listener;
}

/* Whoever destroys the listener waits for this reference. */
void cma_ns_put_listener(struct rdma_id_private *listener)
{
	if (refcount_dec_and_test(&listener->refcount))
		complete(&listener->comp);
}
#endif

/*
 * The peer learns what an IP stack would tell it. If it could tell the reasons apart, it could list
 * the QPNs and addresses of other namespaces by asking often enough. As in TCP, a listener that is
 * bound to another netdev does not count as a listener.
 */
static enum rdma_user_cm_ns_reason cma_ns_told(const struct cma_ns_request *request)
{
#ifdef RDMA_NS_VERSION
	if (cma_ns_explaining())
		return request->refusal;
#endif
	switch (request->refusal) {
	case RDMA_USER_CM_NS_REASON_NO_LISTENER:
	case RDMA_USER_CM_NS_REASON_BOUND_ELSEWHERE:
		return RDMA_USER_CM_NS_REASON_NO_LISTENER;
	default:
		return RDMA_USER_CM_NS_REASON_NOT_DELIVERED;
	}
}

struct rdma_cm_ns_refusal cma_ns_refusal_of(const struct cma_ns_request *request)
{
	return (struct rdma_cm_ns_refusal){
		.magic = cpu_to_be32(RDMA_CM_NS_REFUSAL_MAGIC),
		.version = RDMA_CM_NS_VERSION,
		.reason = cma_ns_told(request),
	};
}

static bool cma_ns_answers_as_ib_cm(const struct rdma_cm_ns_refusal *refusal)
{
#ifdef RDMA_NS_VERSION
	if (cma_ns_explaining())
		return false;
#endif
	return refusal->reason == RDMA_USER_CM_NS_REASON_NO_LISTENER;
}

/*
 * If nobody on the device listens on the port, in whatever namespace, ib_cm itself answers the
 * request. If only other namespaces listen, the answer is the same, so that it does not reveal
 * them.
 */
static void cma_ns_tell_no_listener(struct ib_cm_id *cm_id, bool datagram)
{
	struct ib_cm_sidr_rep_param reply = { .status = IB_SIDR_UNSUPPORTED };

	if (datagram)
		ib_send_cm_sidr_rep(cm_id, &reply);
	else
		ib_send_cm_rej(cm_id, IB_CM_REJ_INVALID_SERVICE_ID, NULL, 0, NULL, 0);
}

static void cma_ns_tell_refusal(struct ib_cm_id *cm_id, bool datagram,
				const struct rdma_cm_ns_refusal *refusal)
{
	struct ib_cm_sidr_rep_param reply = {
		.status = IB_SIDR_REJECT,
		.private_data = refusal,
		.private_data_len = sizeof(*refusal),
	};

	if (datagram)
		ib_send_cm_sidr_rep(cm_id, &reply);
	else
		ib_send_cm_rej(cm_id, IB_CM_REJ_CONSUMER_DEFINED, NULL, 0, refusal,
			       sizeof(*refusal));
}

/* Route input found no memory for the packet or for its route. */
static bool cma_ns_lacked_memory(const struct cma_ns_request *request)
{
	return request->route_error == -ENOMEM || request->route_error == -ENOBUFS;
}

/*
 * Returns what the handler returns to ib_cm. Without this, ib_cm would still reject the request as
 * soon as the handler returns, but would give no reason. If there is no memory for an answer, the
 * peer gets none and asks again. So it does if there was no memory to find the route; but ib_cm
 * answers every SIDR REQ, so its sender is refused. What is not a request of rdma_cm gets ib_cm's
 * answer.
 */
int cma_ns_refuse(struct ib_cm_id *cm_id, const struct ib_cm_event *event,
		  struct cma_ns_request *request)
{
	bool datagram = event->event == IB_CM_SIDR_REQ_RECEIVED;
	struct rdma_cm_ns_refusal refusal;

	/* The netdev was found, but it was down. */
	if (!request->refusal && request->ingress.decided_by)
		request->refusal = RDMA_USER_CM_NS_REASON_ROUTE;
	if (!request->refusal)
		request->refusal = CMA_NS_REFUSAL_MALFORMED;
	refusal = cma_ns_refusal_of(request);
	if (cma_ns_lacked_memory(request))
		request->refusal = CMA_NS_REFUSAL_NOT_TAKEN;
#if defined(RDMA_NS_VERSION) || defined(RDMA_NS_WITH_TRACE)
	/* What has no IP addresses, or is malformed, has not been noted before. */
	cma_ns_note_device(request, cm_id->device);
	cma_ns_finish(request, -EACCES);
#endif
	if (request->refusal == CMA_NS_REFUSAL_MALFORMED)
		return -EACCES;
	if (request->refusal == CMA_NS_REFUSAL_NOT_TAKEN && !datagram)
		return -ENOMEM;
	if (cma_ns_answers_as_ib_cm(&refusal))
		cma_ns_tell_no_listener(cm_id, datagram);
	else
		cma_ns_tell_refusal(cm_id, datagram, &refusal);
	return -EACCES;
}

/*
 * @id is the new id for the request and has not been handed to anybody yet. Its listener may still
 * not take it.
 */
void cma_ns_accepted(struct rdma_id_private *id, struct rdma_id_private *listener,
		     struct cma_ns_request *request)
{
	struct rdma_user_cm_ns_ingress *ingress = &id->ns.ingress;

#if defined(RDMA_NS_VERSION) || defined(RDMA_NS_WITH_TRACE)
	cma_ns_note_device(request, id->id.device);
#endif
	*ingress = request->ingress;
	ingress->size = sizeof(*ingress);
	/* Only the tracepoint may tell how many netdevs other namespaces have. */
	ingress->candidates = min(ingress->candidates, RDMA_USER_CM_NS_SEVERAL);
#ifdef RDMA_NS_VERSION
	id->ns.recv_ingress = cma_ns_listener(listener)->ns.recv_ingress;
#endif
}
