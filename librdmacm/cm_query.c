// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What is known of an id, for the application. */
#include <errno.h>

#include "id_table.h"
#include "sized.h"

/* Of an id that a request made, or also one that connects; -1 and errno. */
static int get(struct rdma_cm_id *id, const void *to, size_t size, bool also_active,
	       struct id_state *state)
{
	if (!id || !to || !size) {
		errno = EINVAL;
		return -1;
	}
	if (!id_table_get(id, state)) {
		errno = ENODATA;
		return -1;
	}
	id_state_release(state);
	if (state->passive || (also_active && state->active))
		return 0;
	errno = ENODATA;
	return -1;
}

int rdma_ns_get_ingress(struct rdma_cm_id *id, struct rdma_ns_ingress *ingress, size_t size)
{
	struct id_state state;

	if (get(id, ingress, size, false, &state))
		return -1;
	sized_copy(ingress, size, &state.resolution.ingress, sizeof(state.resolution.ingress));
	return 0;
}

int rdma_ns_get_resolution(struct rdma_cm_id *id, struct rdma_ns_resolution *resolution,
			   size_t size)
{
	struct id_state state;

	if (get(id, resolution, size, false, &state))
		return -1;
	sized_copy(resolution, size, &state.resolution, sizeof(state.resolution));
	return 0;
}

int rdma_ns_get_exchange(struct rdma_cm_id *id, struct rdma_ns_exchange *exchange, size_t size)
{
	struct id_state state;

	if (get(id, exchange, size, true, &state))
		return -1;
	sized_copy(exchange, size, &state.exchange, sizeof(state.exchange));
	return 0;
}

int rdma_ns_get_id_info(struct rdma_cm_id *id, struct rdma_ns_id_info *info, size_t size)
{
	struct rdma_ns_id_info found = { 0 };
	struct id_state state;

	if (!id || !info || !size) {
		errno = EINVAL;
		return -1;
	}
	if (!id_table_get(id, &state)) {
		errno = ENODATA;
		return -1;
	}
	found.policy = state.policy;
	found.listening = state.listening;
	found.ifindex = state.ifindex;
	if (state.netns) {
		found.netns = netns_inode(state.netns);
		netns_netdev_name(state.netns, state.ifindex, found.netdev);
	}
	id_state_release(&state);
	sized_copy(info, size, &found, sizeof(found));
	return 0;
}
