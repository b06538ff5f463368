// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* An id in a network namespace: rdma_cm takes that of the thread that creates it. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "id_table.h"
#include "netns_thread.h"
#include "rdma_netlink.h"
#include "real.h"

struct creation {
	const struct real *real;
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	void *context;
	enum rdma_port_space port_space;
	int status, error;
};

static void create(void *data)
{
	struct creation *creation = data;

	creation->status = creation->real->create_id(creation->channel, &creation->id,
						     creation->context, creation->port_space);
	creation->error = errno;
}

/* The caller's thread stays where it is. */
static int create_there(struct creation *creation, int netns_fd)
{
	if (netns_thread_run(netns_fd, create, creation))
		return -1;
	errno = creation->error;
	return creation->status;
}

static bool copy_opts(const struct rdma_ns_id_opts *given, struct rdma_ns_id_opts *opts)
{
	const char *bytes = (const char *)given;

	if (given->size < sizeof(*opts))
		return false;
	for (size_t i = sizeof(*opts); i < given->size; i++) {
		if (bytes[i])
			return false;
	}
	*opts = *given;
	return (unsigned int)opts->policy <= RDMA_NS_POLICY_STRICT;
}

int rdma_ns_create_id(struct rdma_event_channel *channel, struct rdma_cm_id **id, void *context,
		      enum rdma_port_space port_space, const struct rdma_ns_id_opts *given)
{
	struct creation creation = {
		.real = real_librdmacm(),
		.channel = channel,
		.context = context,
		.port_space = port_space,
	};
	struct rdma_ns_id_opts opts = { .netns_fd = -1 };
	struct id_state state = { 0 };
	int netns_fd = -1;

	if (!id || (given && !copy_opts(given, &opts))) {
		errno = EINVAL;
		return -1;
	}
	if (!creation.real)
		return -1;
	state.policy = opts.policy;
	state.ifindex = opts.ifindex;
	state.netns = netns_get(opts.netns_fd);
	if (!state.netns)
		return -1;
	if (opts.netns_fd >= 0 && netlink_netns_inode(-1) != netns_inode(state.netns))
		netns_fd = opts.netns_fd;
	if (opts.ifindex && !netns_has_netdev(state.netns, opts.ifindex)) {
		errno = ENODEV;
		goto fail;
	}
	state.abroad = netns_fd >= 0 && rdma_netlink_netns_mode() == RDMA_NS_NETNS_EXCLUSIVE;
	if (create_there(&creation, netns_fd))
		goto fail;
	state.id = creation.id;
	if (id_table_set(&state)) {
		creation.real->destroy_id(creation.id);
		errno = ENOMEM;
		goto fail;
	}
	netns_put(state.netns);
	*id = creation.id;
	return 0;
fail:
	netns_put(state.netns);
	return -1;
}
