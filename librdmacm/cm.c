// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The calls that wrap librdmacm's: connections, requests and their events. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "active.h"
#include "cancel.h"
#include "cm.h"
#include "cm_id.h"
#include "cm_state.h"
#include "look.h"
#include "observe.h"
#include "passive.h"
#include "real.h"
#include "refusal.h"

#define WITHHELD_MAX 16 /* events that one call takes, but does not return */

/* The id of the last request that this thread has judged and admitted. */
static __thread const struct rdma_cm_id *judged_here;

static void drop_look(const struct rdma_cm_id *id)
{
	struct id_state state;
	struct rdma_cm_id *look;

	if (!id_table_get(id, &state))
		return;
	look = state.look;
	state.look = NULL;
	if (look)
		id_table_update(&state);
	id_state_release(&state);
	look_destroy(look);
}

static void observe_reply(const struct id_state *state, const struct rdma_cm_event *event,
			  bool misdelivered)
{
	struct rdma_ns_observation observation;

	cm_id_observation(event->id, state->record, &observation);
	observation.exchange = &state->exchange;
	observation.status = event->status;
	if (misdelivered)
		observation.what = RDMA_NS_OBSERVED_MISDELIVERED;
	else if (state->exchange.refusal != RDMA_NS_REASON_NONE)
		observation.what = RDMA_NS_OBSERVED_REFUSED;
	else if (event->status)
		observation.what = RDMA_NS_OBSERVED_FAILED;
	else
		observation.what = RDMA_NS_OBSERVED_ESTABLISHED;
	observe(&observation);
}

static bool is_reply(enum rdma_cm_event_type event)
{
	return event == RDMA_CM_EVENT_ESTABLISHED || event == RDMA_CM_EVENT_CONNECT_RESPONSE ||
	       event == RDMA_CM_EVENT_CONNECT_ERROR || event == RDMA_CM_EVENT_UNREACHABLE ||
	       event == RDMA_CM_EVENT_REJECTED;
}

static void take_reply(struct rdma_cm_event *event)
{
	struct id_state state;
	bool misdelivered;

	if (!id_table_get(event->id, &state))
		return;
	if (state.active && !state.reply_seen) {
		active_reply(&state, event);
		id_table_update(&state);
		misdelivered = state.policy == RDMA_NS_POLICY_STRICT &&
			       state.exchange.answer == RDMA_NS_ANSWER_ELSEWHERE;
		observe_reply(&state, event, misdelivered);
		/* If the id is synchronous, disconnecting would wait for an event. */
		if (misdelivered) {
			event->event = RDMA_CM_EVENT_CONNECT_ERROR;
			event->status = -EREMCHG;
		}
	}
	id_state_release(&state);
}

/*
 * No event of this id can reach another thread meanwhile: the kernel drops the events of a new
 * connection until rdma_accept() has set its context (ucma_event_handler()).
 */
static void refuse(const struct real *real, struct rdma_cm_event *event,
		   const struct rdma_ns_resolution *resolution)
{
	/* This is nothing that the peer should take for the fault of its neighbour entry. */
	const bool blind = resolution->ingress.route == RDMA_NS_ROUTE_FAILED;
	struct rdma_cm_ns_refusal refusal;
	struct rdma_cm_id *id = event->id;

	refusal_encode(resolution->reason, &refusal);
	real->reject(id, blind ? NULL : &refusal, blind ? 0 : sizeof(refusal));
	/* rdma_get_request() has created a QP, and has moved the event to the id. */
	if (id->qp)
		real->destroy_qp(id);
	id->event = NULL;
	real->ack_cm_event(event);
	real->destroy_id(id);
}

/* False: the application must not see this event. */
static bool judge_request(const struct real *real, struct rdma_cm_event *event)
{
	struct rdma_ns_observation observation;
	struct id_state listener, accepted;
	bool admitted;

	if (!id_table_get(event->listen_id, &listener)) {
		if (cm_interposed())
			return true;
		cm_new_state(event->listen_id, &listener);
	}
	passive_judge(event, &listener, &accepted);
	admitted = accepted.resolution.verdict != RDMA_NS_REJECT;
	accepted.netns = listener.netns;
	accepted.netns_error = listener.netns_error;
	if (admitted)
		id_table_set(&accepted);
	cm_id_observation(event->id, accepted.record, &observation);
	observation.what = RDMA_NS_OBSERVED_REQUEST;
	observation.listener = event->listen_id;
	observation.resolution = &accepted.resolution;
	observation.exchange = &accepted.exchange;
	/* This must happen before either id can be destroyed. */
	observe(&observation);
	judged_here = admitted ? event->id : NULL;
	if (!admitted)
		refuse(real, event, &accepted.resolution);
	id_state_release(&listener);
	return admitted;
}

static bool take_request(const struct real *real, struct rdma_cm_event *event)
{
	const int cancel = cancel_hold();
	const bool admitted = judge_request(real, event);

	cancel_restore(cancel);
	return admitted;
}

/* An event of an id that listens for looks, or of a look that it has got. */
static bool is_look(const struct rdma_cm_event *event)
{
	return look_owns(event->listen_id) || look_owns(event->id);
}

static bool take_event(const struct real *real, struct rdma_cm_event *event)
{
	if (is_look(event)) {
		look_take(event);
		return false;
	}
	if (event->event == RDMA_CM_EVENT_CONNECT_REQUEST)
		return take_request(real, event);
	if (is_reply(event->event))
		take_reply(event);
	return true;
}

static bool admit(const struct real *real, struct rdma_cm_event *event)
{
	const int cancel = cancel_hold();
	const bool admitted = take_event(real, event);

	cancel_restore(cancel);
	return admitted;
}

/*
 * Peers could keep the queue filled with requests that are refused for ever, and an application
 * whose channel does not block has other things to do.
 */
static bool is_enough(const struct rdma_event_channel *channel, unsigned int withheld)
{
	return withheld >= WITHHELD_MAX && fcntl(channel->fd, F_GETFL) & O_NONBLOCK;
}

int rdma_ns_get_cm_event(struct rdma_event_channel *channel, struct rdma_cm_event **event)
{
	const struct real *real = real_librdmacm();
	unsigned int withheld = 0;

	if (!real)
		return -1;
	do {
		int status = real->get_cm_event(channel, event);

		if (status || admit(real, *event))
			return status;
	} while (!is_enough(channel, ++withheld));
	errno = EAGAIN;
	return -1;
}

/*
 * librdmacm has taken the event without this library, and calls it an error if it is no request, or
 * if it can make no QP of the listener's kind for it.
 */
static bool take_failed_look(struct rdma_cm_id *listen)
{
	struct rdma_cm_event *event = listen->event;
	int cancel;

	if (!event || !is_look(event))
		return false;
	cancel = cancel_hold();
	listen->event = NULL;
	look_take(event);
	cancel_restore(cancel);
	return true;
}

/* The same if it gives the look out as a request. */
static bool take_look(const struct real *real, struct rdma_cm_id *id)
{
	struct rdma_cm_event *event = id->event;
	int cancel;

	if (!is_look(event))
		return false;
	cancel = cancel_hold();
	if (id->qp)
		real->destroy_qp(id);
	id->event = NULL;
	look_take(event);
	cancel_restore(cancel);
	return true;
}

int rdma_ns_get_request(struct rdma_cm_id *listen, struct rdma_cm_id **id)
{
	const struct real *real = real_librdmacm();
	int status;

	if (!real)
		return -1;
	for (;;) {
		judged_here = NULL;
		status = real->get_request(listen, id);
		if (status && !take_failed_look(listen))
			return status;
		if (status || take_look(real, *id))
			continue;
		/* Under the preload library, librdmacm may have got it from us. */
		if (*id == judged_here || take_request(real, (*id)->event))
			return 0;
	}
}

/* What is known of an id before it connects, perhaps once more. */
struct attempt {
	bool active, reply_seen;
	struct rdma_ns_exchange exchange;
	enum qpn_record_status record;
};

static int prepare_connect(struct rdma_cm_id *id, struct rdma_conn_param **param,
			   struct message *message, struct attempt *before)
{
	const int cancel = cancel_hold();
	struct id_state state;
	int status;

	cm_get_state(id, &state);
	*before = (struct attempt){ state.active, state.reply_seen, state.exchange, state.record };
	status = active_prepare(&state, id, *param, message, param);
	if (status)
		id_state_release(&state);
	else
		status = cm_set_state(&state);
	cancel_restore(cancel);
	return status;
}

/* Nothing has been sent, so that what was known of a connection still holds. */
static void restore(const struct rdma_cm_id *id, const struct attempt *before)
{
	const int error = errno;
	struct id_state state;

	if (before->active && id_table_get(id, &state)) {
		state.reply_seen = before->reply_seen;
		state.exchange = before->exchange;
		state.record = before->record;
		id_table_update(&state);
		id_state_release(&state);
	}
	errno = error;
}

/* No event that comes is of this type. */
#define OLD_EVENT ((enum rdma_cm_event_type)0x7fff)

/*
 * librdmacm frees the event of a synchronous id before it waits for the next one, which may get the
 * same memory. Only a mark in the event itself tells the two apart.
 */
static enum rdma_cm_event_type mark_event(const struct rdma_cm_id *id)
{
	enum rdma_cm_event_type type = OLD_EVENT;

	if (id->event) {
		type = id->event->event;
		id->event->event = OLD_EVENT;
	}
	return type;
}

/* Returns whether the id has no event but the one that it had before. */
static bool unmark_event(const struct rdma_cm_id *id, enum rdma_cm_event_type type)
{
	if (!id->event)
		return type == OLD_EVENT;
	if (id->event->event != OLD_EVENT)
		return false;
	id->event->event = type;
	return true;
}

int rdma_ns_connect(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	const struct real *real = real_librdmacm();
	enum rdma_cm_event_type type;
	struct message message;
	struct attempt before;
	int status;

	if (!real || prepare_connect(id, &param, &message, &before))
		return -1;
	type = mark_event(id);
	status = real->connect(id, param);
	if (unmark_event(id, type)) {
		if (status)
			restore(id, &before);
		return status;
	}
	/* A synchronous id has its event already; only the preload library has seen this event. */
	if (id->event && id->event->id == id && is_reply(id->event->event)) {
		take_reply(id->event);
		if (!status && id->event->status == -EREMCHG) {
			errno = EREMCHG;
			status = -1;
		}
	}
	return status;
}

int rdma_ns_accept(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	const struct real *real = real_librdmacm();
	struct message message;
	struct id_state state;

	if (!real)
		return -1;
	if (!id_table_get(id, &state))
		return real->accept(id, param);
	param = passive_prepare(&state, id, param, &message);
	id_table_update(&state);
	id_state_release(&state);
	return real->accept(id, param);
}

int rdma_ns_reject(struct rdma_cm_id *id, const void *private_data, uint8_t private_data_len)
{
	const struct real *real = real_librdmacm();

	return real ? real->reject(id, private_data, private_data_len) : -1;
}

int rdma_ns_ack_cm_event(struct rdma_cm_event *event)
{
	const struct real *real = real_librdmacm();

	return real ? real->ack_cm_event(event) : -1;
}

int rdma_ns_migrate_id(struct rdma_cm_id *id, struct rdma_event_channel *channel)
{
	const struct real *real = real_librdmacm();
	struct id_state state;
	int status;

	if (!real)
		return -1;
	status = real->migrate_id(id, channel);
	if (!status && id_table_get(id, &state)) {
		/* It must not stay on a channel that may be destroyed now. */
		if (state.look && (!channel || real->migrate_id(state.look, channel)))
			drop_look(id);
		id_state_release(&state);
	}
	return status;
}

static int destroy(struct rdma_cm_id *id, int (*real_destroy)(struct rdma_cm_id *))
{
	int status, error;

	drop_look(id);
	id_table_begin_destroy(id);
	status = real_destroy(id);
	error = errno;
	id_table_end_destroy(id, status);
	errno = error;
	return status;
}

int rdma_ns_destroy_id(struct rdma_cm_id *id)
{
	const struct real *real = real_librdmacm();

	return real ? destroy(id, real->destroy_id) : -1;
}

static int destroy_ep(struct rdma_cm_id *id)
{
	real_librdmacm()->destroy_ep(id);
	return 0;
}

void rdma_ns_destroy_ep(struct rdma_cm_id *id)
{
	if (real_librdmacm())
		destroy(id, destroy_ep);
}
