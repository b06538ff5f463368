// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The calls that wrap librdmacm's: connections, requests and their events. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "active.h"
#include "address.h"
#include "cancel.h"
#include "cm.h"
#include "cm_id.h"
#include "id_table.h"
#include "kernel_cm.h"
#include "look.h"
#include "observe.h"
#include "passive.h"
#include "real.h"
#include "refusal.h"

#define WITHHELD_MAX 16 /* events that one call takes, but does not return */

static enum rdma_ns_policy default_policy = RDMA_NS_POLICY_REPORT;

void cm_set_default_policy(enum rdma_ns_policy policy)
{
	default_policy = policy;
}

enum rdma_ns_policy cm_default_policy(void)
{
	return default_policy;
}

static bool interposed;

void cm_is_interposed(void)
{
	interposed = true;
}

static void new_state(const struct rdma_cm_id *id, struct id_state *state)
{
	memset(state, 0, sizeof(*state));
	state->id = id;
	state->policy = default_policy;
	state->netns = netns_get(-1);
	if (!state->netns)
		state->netns_error = errno;
}

/* Get the state of an id, even if this library sees the id for the first time; release it. */
static void get_state(const struct rdma_cm_id *id, struct id_state *state)
{
	if (id_table_get(id, state)) {
		if (!state->dying)
			return;
		id_state_release(state);
	}
	new_state(id, state);
}

static int set_state(struct id_state *state)
{
	int status = id_table_set(state);

	id_state_release(state);
	if (status)
		errno = ENOMEM;
	return status;
}

/* Returns false and sets errno if the namespace of the id could not be told. */
static bool has_netns(const struct id_state *state)
{
	if (!state->netns)
		errno = state->netns_error;
	return state->netns;
}

/* Takes over the state. */
static int bind_netdev(struct rdma_cm_id *id, struct id_state *state, uint32_t ifindex)
{
	if (state->listening) {
		id_state_release(state);
		errno = EINVAL;
		return -1;
	}
	if (ifindex && (!has_netns(state) || netns_check_netdev(state->netns, ifindex))) {
		id_state_release(state);
		return -1;
	}
	if (kernel_cm_bind_netdev(id, ifindex)) {
		id_state_release(state);
		return -1;
	}
	state->ifindex = ifindex;
	return set_state(state);
}

int rdma_ns_bind_netdev(struct rdma_cm_id *id, unsigned int ifindex)
{
	struct id_state state;

	get_state(id, &state);
	return bind_netdev(id, &state, ifindex);
}

int rdma_ns_bind_netdev_name(struct rdma_cm_id *id, const char *netdev)
{
	struct id_state state;
	uint32_t ifindex = 0;

	get_state(id, &state);
	if (netdev && (!has_netns(&state) || netns_netdev_index(state.netns, netdev, &ifindex))) {
		id_state_release(&state);
		return -1;
	}
	return bind_netdev(id, &state, ifindex);
}

int rdma_ns_set_policy(struct rdma_cm_id *id, enum rdma_ns_policy policy)
{
	struct id_state state;

	get_state(id, &state);
	if (state.listening || (unsigned int)policy > RDMA_NS_POLICY_LAST) {
		id_state_release(&state);
		errno = EINVAL;
		return -1;
	}
	state.policy = policy;
	return set_state(&state);
}

struct errand {
	const struct real *real;
	struct rdma_cm_id *id;
	struct sockaddr *address;
	int backlog;
	int status, error;
};

static void bind_here(void *data)
{
	struct errand *errand = data;

	errand->status = errand->real->bind_addr(errand->id, errand->address);
	errand->error = errno;
}

static void listen_here(void *data)
{
	struct errand *errand = data;

	errand->status = errand->real->listen(errand->id, errand->backlog);
	errand->error = errno;
}

/* librdmacm looks devices up in the namespace of the thread that calls it. */
static int call_there(const struct id_state *state, void (*function)(void *data),
		      struct errand *errand)
{
	if (!state->abroad)
		function(errand);
	else if (netns_run(state->netns, function, errand))
		return -1;
	errno = errand->error;
	return errand->status;
}

static int not_supported(void)
{
	errno = ENOTSUP;
	return -1;
}

int rdma_ns_bind_addr(struct rdma_cm_id *id, struct sockaddr *address)
{
	struct errand errand = { .real = real_librdmacm(), .id = id, .address = address };
	struct id_state state;
	int status;

	if (!errand.real)
		return -1;
	if (!address) {
		errno = EINVAL;
		return -1;
	}
	get_state(id, &state);
	/*
	 * Its requests would name devices that librdmacm does not find, and would be lost silently.
	 */
	status = state.abroad && address_is_wildcard(address) ?
			 not_supported() :
			 call_there(&state, bind_here, &errand);
	id_state_release(&state);
	return status;
}

int rdma_ns_resolve_addr(struct rdma_cm_id *id, struct sockaddr *source,
			 struct sockaddr *destination, int timeout_ms)
{
	const struct real *real = real_librdmacm();
	struct sockaddr_storage chosen;
	struct id_state state;
	int status = 0;

	if (!real)
		return -1;
	get_state(id, &state);
	if (state.abroad) {
		status = not_supported();
	} else if (state.ifindex) {
		status = netns_check_source(state.netns, state.ifindex, &source, destination,
					    &chosen);
	}
	id_state_release(&state);
	return status ? status : real->resolve_addr(id, source, destination, timeout_ms);
}

static void forget_listening(struct rdma_cm_id *id, bool listening)
{
	const int error = errno;
	struct id_state state;

	get_state(id, &state);
	state.listening = listening;
	id_table_update(&state);
	id_state_release(&state);
	errno = error;
}

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

/*
 * If rdma_get_request() reads the channel without this library, it mistakes a look for a request.
 * The extended kernel needs no look, since it finds room for the record.
 */
static void listen_for_looks(struct id_state *state, struct rdma_cm_id *id)
{
	const int error = errno;

	if ((state->asynchronous || interposed) && !state->abroad && !state->cookie) {
		state->look = look_listen(state->netns, id);
		id_table_update(state);
	}
	errno = error;
}

int rdma_ns_listen(struct rdma_cm_id *id, int backlog)
{
	struct errand errand = { .real = real_librdmacm(), .id = id, .backlog = backlog };
	struct id_state state;
	bool listening;
	uint64_t cookie;
	int status;

	if (!errand.real)
		return -1;
	get_state(id, &state);
	listening = state.listening;
	/* Without an address it would be a wildcard. */
	if (state.abroad && !id->verbs) {
		id_state_release(&state);
		return not_supported();
	}
	cookie = kernel_cm_prepare_listen(id, state.policy);
	/* An id that listens already keeps its own state. */
	if (cookie)
		state.cookie = cookie;
	/* Set before the first request can come in. */
	state.listening = true;
	status = id_table_set(&state);
	if (status) {
		errno = ENOMEM;
	} else {
		status = call_there(&state, listen_here, &errand);
		if (status)
			forget_listening(id, listening);
		else if (!listening)
			listen_for_looks(&state, id);
	}
	id_state_release(&state);
	return status;
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
static void refuse(const struct real *real, struct rdma_cm_event *event, enum rdma_ns_reason reason)
{
	struct rdma_cm_ns_refusal refusal;
	struct rdma_cm_id *id = event->id;

	refusal_encode(reason, &refusal);
	real->reject(id, &refusal, sizeof(refusal));
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
		if (interposed)
			return true;
		new_state(event->listen_id, &listener);
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
	if (!admitted)
		refuse(real, event, accepted.resolution.reason);
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

static bool take_event(const struct real *real, struct rdma_cm_event *event)
{
	if (look_owns(event->listen_id) || look_owns(event->id)) {
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

int rdma_ns_get_request(struct rdma_cm_id *listen, struct rdma_cm_id **id)
{
	const struct real *real = real_librdmacm();

	if (!real)
		return -1;
	for (;;) {
		int status = real->get_request(listen, id);

		if (status || take_request(real, (*id)->event))
			return status;
	}
}

static int prepare_connect(struct rdma_cm_id *id, struct rdma_conn_param **param,
			   struct message *message)
{
	const int cancel = cancel_hold();
	struct id_state state;
	int status;

	get_state(id, &state);
	status = active_prepare(&state, id, *param, message, param);
	if (status)
		id_state_release(&state);
	else
		status = set_state(&state);
	cancel_restore(cancel);
	return status;
}

int rdma_ns_connect(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	const struct real *real = real_librdmacm();
	struct message message;
	int status;

	if (!real || prepare_connect(id, &param, &message))
		return -1;
	status = real->connect(id, param);
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
