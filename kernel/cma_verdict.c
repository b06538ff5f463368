// SPDX-License-Identifier: GPL-2.0
/* Policy: whether what the three steps found is good enough, and what a refused peer is told. */
#include <linux/netdevice.h>

#include "cma_ns.h"
#include "cma_ns_trace.h"
#include <rdma/rdma_cm_ns_wire.h>

/*
 * Sets the reason why the request is flagged, and refuses it if the policy does. A QPN that names
 * no netdev and a route that does not deliver have refused it already, whatever the policy.
 */
bool cma_ns_acceptable(struct cma_ns_request *request, enum rdma_user_cm_ns_policy policy)
{
	struct rdma_user_cm_ns_ingress *ingress = &request->ingress;

	ingress->policy = policy;
	if (ingress->decided_by == RDMA_USER_CM_NS_BY_AMBIGUOUS)
		ingress->reason = RDMA_USER_CM_NS_REASON_AMBIGUOUS;
	if (ingress->reason == RDMA_USER_CM_NS_REASON_AMBIGUOUS && policy >= RDMA_USER_CM_NS_VERIFY)
		request->refusal = RDMA_USER_CM_NS_REASON_AMBIGUOUS;
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

/*
 * Is the listener that was found, if any, content with the request? Then it gets a reference:
 * ib_cm shares one listening id among all listeners of a port, so that one of them can be destroyed
 * while a request for it is being handled. Under cma.c's lock, which keeps the listener until then.
 */
struct rdma_id_private *cma_ns_judge(struct cma_ns_request *request, struct net_device *netdev,
				     struct rdma_id_private *listener)
{
	const struct cma_ns_id *ns;

	if (IS_ERR(listener)) {
		request->refusal = PTR_ERR(listener) == -EADDRNOTAVAIL ?
					   RDMA_USER_CM_NS_REASON_BOUND_ELSEWHERE :
					   RDMA_USER_CM_NS_REASON_NO_LISTENER;
		return listener;
	}
	ns = &cma_ns_listener(listener)->ns;
	if (!netdev) {
		/* No IP addresses: nothing could be resolved. */
		request->ingress.reason = RDMA_USER_CM_NS_REASON_AF_IB;
	} else {
		cma_ns_name_rule(&request->ingress, cma_ns_listener(listener));
		if (!cma_ns_acceptable(request,
				       max_t(u8, READ_ONCE(ns->policy), cma_ns_host_policy())))
			return ERR_PTR(-EACCES);
	}
	refcount_inc(&listener->refcount);
	return listener;
}

/* Whoever destroys the listener waits for this. */
void cma_ns_put_listener(struct rdma_id_private *listener)
{
	if (refcount_dec_and_test(&listener->refcount))
		complete(&listener->comp);
}

void cma_ns_finish(const struct cma_ns_request *request)
{
	cma_ns_count(request);
	trace_cma_ns_resolve(request);
}

/*
 * What the peer learns: what an IP stack would tell it. Reasons told apart would list the QPNs and
 * addresses of other namespaces to whoever asks often enough. A listener that is bound to another
 * netdev is no listener, as to TCP.
 */
static enum rdma_user_cm_ns_reason cma_ns_told(const struct cma_ns_request *request)
{
	if (cma_ns_explaining())
		return request->refusal;
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

/*
 * ib_cm itself answers a request to a port where nobody on the device listens, whatever the
 * namespace. Where only other namespaces listen the answer is the same, so that it does not tell of
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

/*
 * Without this ib_cm rejects the request all the same, as soon as the handler returns, but without
 * a word. A peer that gets no answer because there is no memory for one asks again.
 */
void cma_ns_refuse(struct ib_cm_id *cm_id, const struct ib_cm_event *event,
		   struct cma_ns_request *request)
{
	bool datagram = event->event == IB_CM_SIDR_REQ_RECEIVED;
	struct rdma_cm_ns_refusal refusal;

	/* The netdev found was down. */
	if (!request->refusal && request->ingress.decided_by)
		request->refusal = RDMA_USER_CM_NS_REASON_ROUTE;
	if (!request->refusal)
		return;
	refusal = cma_ns_refusal_of(request);
	if (refusal.reason == RDMA_USER_CM_NS_REASON_NO_LISTENER && !cma_ns_explaining())
		cma_ns_tell_no_listener(cm_id, datagram);
	else
		cma_ns_tell_refusal(cm_id, datagram, &refusal);
	cma_ns_finish(request);
}

/* @id is the new one for the request, not yet handed to anybody. */
void cma_ns_accepted(struct rdma_id_private *id, struct rdma_id_private *listener,
		     const struct cma_ns_request *request)
{
	struct rdma_user_cm_ns_ingress *ingress = &id->ns.ingress;

	*ingress = request->ingress;
	ingress->size = sizeof(*ingress);
	/* How many netdevs other namespaces have is for the tracepoint. */
	ingress->candidates = min(ingress->candidates, RDMA_USER_CM_NS_SEVERAL);
	id->ns.recv_ingress = cma_ns_listener(listener)->ns.recv_ingress;
	cma_ns_finish(request);
}
