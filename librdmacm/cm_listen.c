// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The calls that wrap librdmacm's: where an id listens, and from where it connects. */
#include <errno.h>

#include "address.h"
#include "cm.h"
#include "cm_state.h"
#include "kernel_cm.h"
#include "look.h"
#include "real.h"

/*
 * Requests without IP addresses are not resolved, so no netdev could be told on which they arrive.
 * The extended kernel gives the same error.
 */
static int check_family(const struct id_state *state, const struct sockaddr *address)
{
	if (!state->ifindex || address->sa_family != AF_IB)
		return 0;
	errno = EAFNOSUPPORT;
	return -1;
}

/* Takes over the state. */
static int bind_netdev(struct rdma_cm_id *id, struct id_state *state, uint32_t ifindex)
{
	if (state->listening) {
		id_state_release(state);
		errno = EINVAL;
		return -1;
	}
	if (ifindex && (!cm_has_netns(state) || netns_check_netdev(state->netns, ifindex))) {
		id_state_release(state);
		return -1;
	}
	state->ifindex = ifindex;
	if (check_family(state, &id->route.addr.src_addr) || kernel_cm_bind_netdev(id, ifindex)) {
		id_state_release(state);
		return -1;
	}
	return cm_set_state(state);
}

int rdma_ns_bind_netdev(struct rdma_cm_id *id, unsigned int ifindex)
{
	struct id_state state;

	cm_get_state(id, &state);
	return bind_netdev(id, &state, ifindex);
}

int rdma_ns_bind_netdev_name(struct rdma_cm_id *id, const char *netdev)
{
	struct id_state state;
	uint32_t ifindex = 0;

	cm_get_state(id, &state);
	if (netdev &&
	    (!cm_has_netns(&state) || netns_netdev_index(state.netns, netdev, &ifindex))) {
		id_state_release(&state);
		return -1;
	}
	return bind_netdev(id, &state, ifindex);
}

int rdma_ns_set_policy(struct rdma_cm_id *id, enum rdma_ns_policy policy)
{
	struct id_state state;

	cm_get_state(id, &state);
	if (state.listening || (unsigned int)policy > RDMA_NS_POLICY_LAST) {
		id_state_release(&state);
		errno = EINVAL;
		return -1;
	}
	state.policy = policy;
	return cm_set_state(&state);
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
	cm_get_state(id, &state);
	if (check_family(&state, address)) {
		id_state_release(&state);
		return -1;
	}
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
	cm_get_state(id, &state);
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

	cm_get_state(id, &state);
	state.listening = listening;
	id_table_update(&state);
	id_state_release(&state);
	errno = error;
}

/*
 * Whoever calls rdma_get_request() of librdmacm itself mistakes a look for a request. The extended
 * kernel needs no look, since it finds room for the record.
 */
static void listen_for_looks(struct id_state *state, struct rdma_cm_id *id)
{
	const int error = errno;

	if ((state->asynchronous || cm_interposed()) && !state->abroad && !state->cookie) {
		state->look = look_listen(state->netns, id);
		id_table_update(state);
	}
	errno = error;
}

/*
 * When the first request comes, the process may have no descriptor left. A listener that has to
 * refuse requests must not be one that refuses all of them because it cannot look.
 */
static int prepare_to_judge(const struct id_state *state, const struct rdma_cm_id *id)
{
	const bool can = cm_has_netns(state) && !netns_prepare(state->netns);

	if (can || state->policy == RDMA_NS_POLICY_REPORT || state->cookie ||
	    id->route.addr.src_addr.sa_family == AF_IB)
		return 0;
	return -1;
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
	cm_get_state(id, &state);
	listening = state.listening;
	if (check_family(&state, &id->route.addr.src_addr)) {
		id_state_release(&state);
		return -1;
	}
	/* Without an address it would be a wildcard. */
	if (state.abroad && !id->verbs) {
		id_state_release(&state);
		return not_supported();
	}
	cookie = kernel_cm_prepare_listen(id, state.policy);
	/* An id that listens already keeps its own state. */
	if (cookie)
		state.cookie = cookie;
	if (prepare_to_judge(&state, id)) {
		id_state_release(&state);
		return -1;
	}
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
