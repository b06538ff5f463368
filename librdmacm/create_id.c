// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Create an id in a network namespace. rdma_cm gives it the namespace of the thread that creates
 * it.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "address.h"
#include "cm.h"
#include "id_table.h"
#include "kernel_cm.h"
#include "netns_thread.h"
#include "rdma_netlink.h"
#include "real.h"
#include "sized.h"

struct creation {
	const struct real *real;
	struct id_state state;
	int netns_fd; /* -1: no need to go anywhere */
	struct rdma_cm_id *id;
	int status, error;

	struct rdma_event_channel *channel;
	void *context;
	enum rdma_port_space port_space;

	struct rdma_addrinfo *res;
	struct ibv_pd *pd;
	struct ibv_qp_init_attr *qp_init_attr;
};

static void create_id(void *data)
{
	struct creation *creation = data;

	creation->status = creation->real->create_id(creation->channel, &creation->id,
						     creation->context, creation->port_space);
	creation->error = errno;
}

static void create_ep(void *data)
{
	struct creation *creation = data;

	creation->status = creation->real->create_ep(&creation->id, creation->res, creation->pd,
						     creation->qp_init_attr);
	creation->error = errno;
}

static bool copy_opts(const struct rdma_ns_id_opts *given, struct rdma_ns_id_opts *opts)
{
	if (!sized_take(opts, sizeof(*opts), given, given->size, SIZED_ID_OPTS_MIN))
		return false;
	if (opts->flags & ~RDMA_NS_ID_NETNS_FD)
		return false;
	/*
	 * A caller who forgot the flag would get an id in a namespace other than the intended one.
	 */
	if (!(opts->flags & RDMA_NS_ID_NETNS_FD) && opts->netns_fd)
		return false;
	if (opts->netdev && opts->ifindex)
		return false;
	return (unsigned int)opts->policy <= RDMA_NS_POLICY_LAST;
}

/* Returns -1 and sets errno, to ENODEV if the netdev does not exist. */
static int find_netdev(struct id_state *state, const struct rdma_ns_id_opts *opts)
{
	state->ifindex = opts->ifindex;
	if (opts->netdev)
		return netns_netdev_index(state->netns, opts->netdev, &state->ifindex);
	return opts->ifindex ? netns_check_netdev(state->netns, opts->ifindex) : 0;
}

static int prepare(struct creation *creation, const struct rdma_ns_id_opts *given)
{
	struct rdma_ns_id_opts opts = { .policy = cm_default_policy() };
	struct id_state *state = &creation->state;
	bool elsewhere;

	if (given && !copy_opts(given, &opts)) {
		errno = EINVAL;
		return -1;
	}
	creation->real = real_librdmacm();
	if (!creation->real)
		return -1;
	state->policy = opts.policy;
	elsewhere = opts.flags & RDMA_NS_ID_NETNS_FD;
	if (elsewhere && opts.netns_fd < 0) {
		errno = EBADF;
		return -1;
	}
	state->netns = netns_get(elsewhere ? opts.netns_fd : -1);
	if (!state->netns)
		state->netns_error = errno;
	if (!state->netns && given)
		return -1;
	creation->netns_fd = -1;
	if (elsewhere && netlink_netns_inode(-1) != netns_inode(state->netns))
		creation->netns_fd = opts.netns_fd;
	state->abroad =
		creation->netns_fd >= 0 && rdma_netlink_netns_mode() == RDMA_NS_NETNS_EXCLUSIVE;
	if (!find_netdev(state, &opts))
		return 0;
	id_state_release(state);
	return -1;
}

static void destroy(const struct creation *creation)
{
	const int error = errno;

	if (creation->res)
		creation->real->destroy_ep(creation->id);
	else
		creation->real->destroy_id(creation->id);
	errno = error;
}

static int create_there(struct creation *creation, void (*create)(void *data), int netns_fd)
{
	if (netns_thread_run(netns_fd, create, creation))
		return -1;
	errno = creation->error;
	return creation->status;
}

/* The caller's thread stays where it is: the kernel moves the id, or another thread creates it. */
static int create_in_netns(struct creation *creation, void (*create)(void *data))
{
	/*
	 * An endpoint is bound or resolved during its creation, after which the kernel cannot move
	 * it.
	 */
	if (creation->netns_fd >= 0 && !creation->res && kernel_cm_available()) {
		if (create_there(creation, create, -1))
			return -1;
		if (!kernel_cm_set_netns(creation->id, creation->netns_fd))
			return 0;
		destroy(creation);
		if (errno != ENOSYS)
			return -1;
	}
	return create_there(creation, create, creation->netns_fd);
}

static int keep(struct creation *creation)
{
	const bool resolved = creation->res && !(creation->res->ai_flags & RAI_PASSIVE);
	struct id_state *state = &creation->state;

	/* As rdma_ns_bind_netdev() does. */
	if (state->ifindex && creation->id->route.addr.src_addr.sa_family == AF_IB) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	if (state->ifindex && !resolved && kernel_cm_bind_netdev(creation->id, state->ifindex))
		return -1;
	state->id = creation->id;
	state->asynchronous = creation->channel != NULL;
	if (!id_table_set(state))
		return 0;
	errno = ENOMEM;
	return -1;
}

static int run(struct creation *creation, void (*create)(void *data), struct rdma_cm_id **id)
{
	int status = create_in_netns(creation, create);

	if (!status && keep(creation)) {
		destroy(creation);
		status = -1;
	}
	id_state_release(&creation->state);
	if (!status)
		*id = creation->id;
	return status;
}

int rdma_ns_create_id(struct rdma_event_channel *channel, struct rdma_cm_id **id, void *context,
		      enum rdma_port_space port_space, const struct rdma_ns_id_opts *opts)
{
	struct creation creation = { .channel = channel,
				     .context = context,
				     .port_space = port_space };

	if (!id) {
		errno = EINVAL;
		return -1;
	}
	return prepare(&creation, opts) ? -1 : run(&creation, create_id, id);
}

/*
 * Returns -1 if the options cannot be met. @source is storage for an address, to which @res then
 * points.
 */
static int check_addresses(const struct id_state *state, struct rdma_addrinfo *res,
			   struct sockaddr_storage *source)
{
	if (res->ai_flags & RAI_PASSIVE) {
		if (!state->abroad || (res->ai_src_addr && !address_is_wildcard(res->ai_src_addr)))
			return 0;
		errno = ENOTSUP;
		return -1;
	}
	if (state->abroad) {
		errno = ENOTSUP;
		return -1;
	}
	if (!state->ifindex)
		return 0;
	if (netns_check_source(state->netns, state->ifindex, &res->ai_src_addr, res->ai_dst_addr,
			       source))
		return -1;
	if (res->ai_src_addr != (struct sockaddr *)source)
		return 0;
	res->ai_src_len = source->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
							 sizeof(struct sockaddr_in6);
	return 0;
}

int rdma_ns_create_ep(struct rdma_cm_id **id, struct rdma_addrinfo *res, struct ibv_pd *pd,
		      struct ibv_qp_init_attr *qp_init_attr, const struct rdma_ns_id_opts *opts)
{
	struct creation creation = { .pd = pd, .qp_init_attr = qp_init_attr };
	struct sockaddr_storage source;
	struct rdma_addrinfo copy;

	if (!id || !res) {
		errno = EINVAL;
		return -1;
	}
	if (prepare(&creation, opts))
		return -1;
	copy = *res;
	if (check_addresses(&creation.state, &copy, &source)) {
		id_state_release(&creation.state);
		return -1;
	}
	creation.res = &copy;
	/*
	 * librdmacm puts these before the private data of rdma_connect(), and keeps 8 bits of their
	 * number.
	 */
	if (!(res->ai_flags & RAI_PASSIVE))
		creation.state.connect_length = (uint8_t)res->ai_connect_len;
	return run(&creation, create_ep, id);
}
