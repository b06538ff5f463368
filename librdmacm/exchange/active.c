// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <string.h>

#include "address.h"
#include "active.h"
#include "cm_id.h"
#include "ingress.h"
#include "kernel_cm.h"
#include "look.h"
#include "refusal.h"

/* librdmacm takes NULL for its defaults, if there is a QP that provides the rest. */
static bool copy_param(const struct rdma_cm_id *id, const struct rdma_conn_param *param,
		       struct rdma_conn_param *copy)
{
	if (param) {
		*copy = *param;
		return true;
	}
	if (!id->qp)
		return false;
	memset(copy, 0, sizeof(*copy));
	copy->responder_resources = RDMA_MAX_RESP_RES;
	copy->initiator_depth = RDMA_MAX_INIT_DEPTH;
	copy->retry_count = 7;
	copy->rnr_retry_count = 7;
	copy->srq = id->qp->srq != NULL;
	copy->qp_num = id->qp->qp_num;
	return true;
}

static enum rdma_ns_sent add_record(const struct rdma_cm_id *id, enum qpn_message kind,
				    const struct qpn_record *record, size_t before,
				    const struct rdma_conn_param *param, struct message *message)
{
	const size_t length = qpn_trailer_length(kind);
	size_t used;

	if (!copy_param(id, param, &message->param))
		return RDMA_NS_SENT_NO_NETDEV;
	used = message->param.private_data ? message->param.private_data_len : 0;
	if (before + used > length)
		return RDMA_NS_SENT_NO_ROOM;
	memset(message->data, 0, before);
	if (used)
		memcpy(message->data + before, message->param.private_data, used);
	switch (qpn_trailer_put(kind, record, &id->route.addr.src_addr, &id->route.addr.dst_addr,
				message->data, before + used)) {
	case QPN_RECORD_OK:
		break;
	case QPN_RECORD_NO_ROOM:
		return RDMA_NS_SENT_NO_ROOM;
	default:
		return RDMA_NS_SENT_NO_NETDEV;
	}
	message->param.private_data = message->data + before;
	message->param.private_data_len = (uint8_t)(length - before);
	return RDMA_NS_SENT;
}

/* Only then does the listener's library use what was sent ahead. Zeros could be padding. */
static bool shows_no_room(const struct rdma_conn_param *param, size_t before)
{
	const uint8_t *data = param->private_data;

	for (size_t i = 0; data && i < param->private_data_len; i++) {
		if (before + i >= RDMA_CM_NS_REQ_OFFSET && data[i])
			return true;
	}
	return false;
}

static struct qpn_record record_of(uint32_t source_qpn, uint32_t destination_qpn, uint8_t flags)
{
	struct qpn_record record = {
		.flags = flags,
		.source_qpn = source_qpn,
		.destination_qpn = destination_qpn,
	};

	if (source_qpn)
		record.flags |= RDMA_CM_NS_SOURCE_QPN;
	if (destination_qpn)
		record.flags |= RDMA_CM_NS_DESTINATION_QPN;
	return record;
}

/*
 * If the outgoing netdev is not known, the source must at least be an address of the right one.
 * Returns -1 and sets errno.
 */
static int check_departure(const struct id_state *state, const struct rdma_cm_id *id,
			   const struct resolver_source *source)
{
	if (!state->ifindex || state->ifindex == source->ifindex ||
	    state->ifindex == source->vrf_ifindex)
		return 0;
	if (!source->ifindex)
		return netns_check_address(state->netns, state->ifindex, &id->route.addr.src_addr);
	errno = EADDRNOTAVAIL;
	return -1;
}

int active_prepare(struct id_state *state, struct rdma_cm_id *id, struct rdma_conn_param *param,
		   struct message *message, struct rdma_conn_param **result)
{
	const enum qpn_message kind =
		cm_id_is_datagram(id) ? QPN_MESSAGE_SIDR_REQ : QPN_MESSAGE_REQ;
	struct rdma_ns_exchange *exchange = &state->exchange;
	struct resolver_source source = { 0 };
	struct rdma_ns_request request;
	struct qpn_record record;

	*result = param;
	memset(exchange, 0, sizeof(*exchange));
	state->active = true;
	state->reply_seen = false;
	exchange->sent = RDMA_NS_SENT_NO_NETDEV;
	cm_id_request(id, &request);
	if (id->verbs && state->netns && address_ip(&request.destination) &&
	    address_ip(&request.source))
		netns_find_source(state->netns, &request, &source);
	if (check_departure(state, id, &source))
		return -1;
	if (source.transport == RDMA_NS_TRANSPORT_ROCE ||
	    source.transport == RDMA_NS_TRANSPORT_IWARP)
		exchange->sent = RDMA_NS_SENT_NOT_IB;
	if (source.transport != RDMA_NS_TRANSPORT_IB)
		return 0;
	exchange->local_qpn = source.qpn;
	exchange->wanted_qpn = source.destination_qpn;
	/* The extended kernel confirms the neighbour entry itself. */
	if (!kernel_cm_available())
		netns_probe(state->netns, &request, &source, false);
	if (source.qpn) {
		record = record_of(source.qpn, source.destination_qpn, RDMA_CM_NS_REPLY);
		exchange->sent =
			add_record(id, kind, &record, state->connect_length, param, message);
	}
	if (exchange->sent == RDMA_NS_SENT)
		*result = &message->param;
	/*
	 * The RDMA CM header of IPv4 always has room for the kernel's record. A peer without the
	 * extended kernel sees only the library's record.
	 */
	if (kernel_cm_exchange(id) && (request.source.ss_family == AF_INET ||
				       exchange->sent == RDMA_NS_SENT_NO_NETDEV))
		exchange->sent = RDMA_NS_SENT;
	if (exchange->sent == RDMA_NS_SENT_NO_ROOM && !state->abroad &&
	    shows_no_room(&message->param, state->connect_length) &&
	    look_ask(state->netns, id, &record))
		exchange->sent = RDMA_NS_SENT_AHEAD;
	return 0;
}

struct rdma_conn_param *passive_prepare(struct id_state *state, const struct rdma_cm_id *id,
					struct rdma_conn_param *param, struct message *message)
{
	struct rdma_ns_exchange *exchange = &state->exchange;
	struct qpn_record record;

	if (!state->passive || !state->reply_wanted)
		return param;
	exchange->sent = RDMA_NS_SENT_NO_NETDEV;
	if (!state->reply_qpn)
		return param;
	record = record_of(state->reply_qpn, exchange->peer_qpn, 0);
	exchange->sent = add_record(id,
				    cm_id_is_datagram(id) ? QPN_MESSAGE_SIDR_REP : QPN_MESSAGE_REP,
				    &record, 0, param, message);
	return exchange->sent == RDMA_NS_SENT ? &message->param : param;
}

/*
 * The extended kernel sends a refused request again, to the QPN that the neighbour entry of the
 * peer has by then.
 */
static void follow_kernel(struct id_state *state, const struct rdma_cm_id *id)
{
	struct resolver_source source;
	struct rdma_ns_request request;

	cm_id_request(id, &request);
	if (state->netns && !netns_find_source(state->netns, &request, &source) &&
	    source.destination_qpn)
		state->exchange.wanted_qpn = source.destination_qpn;
}

static void take_record(struct id_state *state, const struct rdma_cm_event *event)
{
	const enum qpn_message kind =
		cm_id_is_datagram(event->id) ? QPN_MESSAGE_SIDR_REP : QPN_MESSAGE_REP;
	const struct rdma_addr *address = &event->id->route.addr;
	struct rdma_ns_exchange *exchange = &state->exchange;
	struct qpn_record record;
	size_t length;
	void *data = cm_event_data(event, &length);

	/* A peer puts a record into its reply only if the request carried one. */
	state->record = QPN_RECORD_ABSENT;
	if (exchange->sent != RDMA_NS_SENT && exchange->sent != RDMA_NS_SENT_AHEAD)
		return;
	state->record = qpn_trailer_find(kind, &address->dst_addr, &address->src_addr, data, length,
					 &record);
	if (state->record != QPN_RECORD_OK)
		return;
	qpn_trailer_blank(kind, data);
	exchange->received = 1;
	exchange->peer_qpn = record.source_qpn;
	if (exchange->wanted_qpn != exchange->peer_qpn && kernel_cm_available())
		follow_kernel(state, event->id);
	if (exchange->wanted_qpn && exchange->peer_qpn)
		exchange->answer = exchange->wanted_qpn == exchange->peer_qpn ?
					   RDMA_NS_ANSWER_AS_AIMED :
					   RDMA_NS_ANSWER_ELSEWHERE;
}

/*
 * The peer's netdev may have been recreated with another QPN. The entry is renewed so that the
 * program's next attempt aims at it.
 */
static void doubt_neighbour(const struct id_state *state, const struct rdma_cm_id *id)
{
	struct resolver_source source;
	struct rdma_ns_request request;

	if (!state->netns || !state->exchange.wanted_qpn || kernel_cm_available())
		return;
	cm_id_request(id, &request);
	/* Another attempt, or a ping, may have renewed the entry already. */
	if (netns_find_source(state->netns, &request, &source) ||
	    source.destination_qpn != state->exchange.wanted_qpn)
		return;
	netns_probe(state->netns, &request, &source, true);
}

void active_reply(struct id_state *state, const struct rdma_cm_event *event)
{
	size_t length;
	void *data;

	switch (event->event) {
	case RDMA_CM_EVENT_ESTABLISHED:
	case RDMA_CM_EVENT_CONNECT_RESPONSE:
		take_record(state, event);
		break;
	case RDMA_CM_EVENT_REJECTED:
	case RDMA_CM_EVENT_UNREACHABLE:
		data = cm_event_data(event, &length);
		if (refusal_decode(data, length, &state->exchange.refusal) &&
		    refusal_may_be_stale(state->exchange.refusal))
			doubt_neighbour(state, event->id);
		break;
	default:
		break;
	}
	state->reply_seen = true;
}
