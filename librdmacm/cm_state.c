// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <string.h>

#include "cm.h"
#include "cm_state.h"

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

bool cm_interposed(void)
{
	return interposed;
}

void cm_new_state(const struct rdma_cm_id *id, struct id_state *state)
{
	memset(state, 0, sizeof(*state));
	state->id = id;
	state->policy = default_policy;
	state->netns = netns_get(-1);
	if (!state->netns)
		state->netns_error = errno;
}

void cm_get_state(const struct rdma_cm_id *id, struct id_state *state)
{
	if (id_table_get(id, state)) {
		if (!state->dying)
			return;
		id_state_release(state);
	}
	cm_new_state(id, state);
}

int cm_set_state(struct id_state *state)
{
	int status = id_table_set(state);

	id_state_release(state);
	if (status)
		errno = ENOMEM;
	return status;
}

bool cm_has_netns(const struct id_state *state)
{
	if (!state->netns)
		errno = state->netns_error;
	return state->netns;
}
