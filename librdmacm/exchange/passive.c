// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "cm_id.h"
#include "kernel_cm.h"
#include "look.h"
#include "passive.h"
#include "verdict.h"

/* Only InfiniBand has a place for a record; elsewhere, what looks like one is the application's. */
static enum qpn_record_status take_record(const struct rdma_cm_event *event,
					  struct qpn_record *record)
{
	const enum qpn_message message =
		cm_id_is_datagram(event->id) ? QPN_MESSAGE_SIDR_REQ : QPN_MESSAGE_REQ;
	const struct rdma_addr *address = &event->id->route.addr;
	size_t length;
	void *data = cm_event_data(event, &length);
	enum qpn_record_status status;

	status = qpn_trailer_find(message, &address->dst_addr, &address->src_addr, data, length,
				  record);
	if (status == QPN_RECORD_OK)
		qpn_trailer_blank(message, data);
	return status;
}

/*
 * Anybody can send a look in the name of any client. So the record of one counts only for a request
 * that had no room, before which a client sends one.
 */
static bool find_ahead(const struct rdma_cm_event *event, struct qpn_record *record)
{
	size_t length;
	const void *data = cm_event_data(event, &length);

	return !cm_id_is_datagram(event->id) &&
	       !qpn_trailer_has_room(QPN_MESSAGE_REQ, data, length) &&
	       look_find(event->id, record);
}

/* Judge a request by policy when an error has kept this library from looking where it arrived. */
static void judge_unseen(const struct rdma_ns_request *request, enum rdma_ns_transport transport,
			 uint32_t ifindex, int error, struct rdma_ns_resolution *resolution)
{
	struct verdict_evidence evidence = {
		.transport = transport,
		.af_ib = request->destination.ss_family == AF_IB,
		.qpn_sent = request->flags & RDMA_NS_REQUEST_QPN,
		.decided_by = RDMA_NS_BY_NOTHING,
		.route = RDMA_NS_ROUTE_FAILED,
		.rule = ifindex ? RDMA_NS_RULE_BOUND_ELSEWHERE : RDMA_NS_RULE_NOT_ASKED,
	};
	struct rdma_ns_ingress *ingress = &resolution->ingress;

	memset(resolution, 0, sizeof(*resolution));
	resolution->listener = -1;
	resolution->policy = request->policy;
	resolution->verdict = verdict_give(request->policy, &evidence, &resolution->reason);
	memcpy(ingress->device, request->device, sizeof(ingress->device));
	ingress->port = request->port;
	ingress->transport = transport;
	ingress->pkey = request->pkey;
	ingress->peer_qpn = request->peer_qpn;
	ingress->wanted_qpn = request->qpn;
	ingress->route = evidence.route;
	ingress->route_errno = error;
	ingress->rule = evidence.rule;
}

static void resolve(const struct id_state *state, struct rdma_ns_request *request,
		    const struct rdma_ns_listener *listener, enum rdma_ns_transport transport,
		    struct rdma_ns_resolution *resolution)
{
	if (address_ip(&listener->address)) {
		request->listeners = listener;
		request->listeners_count = 1;
		request->listener_size = sizeof(*listener);
	}
	if (!state->netns || netns_resolve(state->netns, request, resolution)) {
		judge_unseen(request, transport, listener->ifindex,
			     state->netns ? errno : state->netns_error, resolution);
		return;
	}
	/* The kernel has already matched the listener, and knows more about it than its address. */
	if (!listener->ifindex && request->listeners && resolution->listener < 0) {
		resolution->ingress.rule = RDMA_NS_RULE_NOT_ASKED;
		resolver_judge(request, resolution);
	}
	resolution->listener = -1;
}

/*
 * The peer is told which netdev answers, even if it aimed at none of this namespace.
 */
static uint32_t answering_qpn(struct netns *netns, const struct rdma_ns_request *request,
			      const struct rdma_ns_resolution *resolution)
{
	if (resolution->ingress.local_qpn || resolution->verdict == RDMA_NS_REJECT || !netns)
		return resolution->ingress.local_qpn;
	return netns_answering_qpn(netns, request);
}

/* The kernel has taken the three steps, and has removed the peer's record from the data. */
static bool judged_by_kernel(struct rdma_cm_event *event, const struct id_state *listener,
			     struct id_state *accepted)
{
	struct rdma_ns_ingress *ingress = &accepted->resolution.ingress;
	struct rdma_user_cm_ns_ingress record;
	size_t length, before;
	void *data = cm_event_data(event, &length);
	bool found;

	before = length;
	found = kernel_cm_take_record(data, &length, listener->cookie, &record);
	if (length != before)
		cm_event_set_length(event, length);
	if (!found)
		return false;
	kernel_cm_resolution(&record, listener->policy, &accepted->resolution);
	if (event->id->verbs)
		snprintf(ingress->device, sizeof(ingress->device), "%s",
			 event->id->verbs->device->name);
	if (listener->netns) {
		netns_netdev_name(listener->netns, ingress->ifindex, ingress->name);
		netns_netdev_name(listener->netns, ingress->handling_ifindex,
				  ingress->handling_name);
	}
	kernel_cm_peer(&record, &accepted->exchange);
	accepted->exchange.sent = ingress->transport == RDMA_NS_TRANSPORT_IB ?
					  RDMA_NS_SENT_NOT_ASKED :
					  RDMA_NS_SENT_NOT_IB;
	accepted->reply_wanted = record.flags & RDMA_USER_CM_NS_REPLY;
	accepted->reply_qpn = record.local_qpn;
	return true;
}

static void judge(const struct rdma_cm_event *event, const struct id_state *listener,
		  struct id_state *accepted)
{
	const struct rdma_ns_listener bound = {
		.address = event->listen_id->route.addr.src_storage,
		.port_space = event->id->ps,
		.ifindex = listener->ifindex,
		.policy = listener->policy,
	};
	struct rdma_ns_exchange *exchange = &accepted->exchange;
	enum rdma_ns_transport transport = RDMA_NS_TRANSPORT_UNKNOWN;
	struct qpn_record record = { 0 };
	struct rdma_ns_request request;

	cm_id_request(event->id, &request);
	request.policy = listener->policy;
	if (listener->netns)
		transport = netns_transport(listener->netns, request.device, request.port);
	/* Even if this library cannot look, the application must not see the record. */
	if (transport == RDMA_NS_TRANSPORT_UNKNOWN)
		transport = cm_id_transport(event->id);
	exchange->sent = transport == RDMA_NS_TRANSPORT_IB ? RDMA_NS_SENT_NOT_ASKED :
							    RDMA_NS_SENT_NOT_IB;
	accepted->record = transport == RDMA_NS_TRANSPORT_IB ? take_record(event, &record) :
							       QPN_RECORD_ABSENT;
	if (accepted->record == QPN_RECORD_ABSENT && transport == RDMA_NS_TRANSPORT_IB &&
	    find_ahead(event, &record))
		accepted->record = QPN_RECORD_OK;
	if (accepted->record == QPN_RECORD_OK) {
		exchange->received = 1;
		exchange->peer_qpn = request.peer_qpn = record.source_qpn;
		exchange->wanted_qpn = record.destination_qpn;
		if (record.flags & RDMA_CM_NS_DESTINATION_QPN) {
			request.flags |= RDMA_NS_REQUEST_QPN;
			request.qpn = record.destination_qpn;
		}
		accepted->reply_wanted = record.flags & RDMA_CM_NS_REPLY;
	}
	resolve(listener, &request, &bound, transport, &accepted->resolution);
	exchange->local_qpn = accepted->resolution.ingress.local_qpn;
	if (accepted->reply_wanted)
		accepted->reply_qpn =
			answering_qpn(listener->netns, &request, &accepted->resolution);
}

void passive_judge(struct rdma_cm_event *event, const struct id_state *listener,
		   struct id_state *accepted)
{
	memset(accepted, 0, sizeof(*accepted));
	accepted->id = event->id;
	accepted->policy = listener->policy;
	accepted->passive = true;
	if (!judged_by_kernel(event, listener, accepted))
		judge(event, listener, accepted);
}
