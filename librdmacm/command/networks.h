/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What containers may have: the networks that the host's administrator has described in JSON. */
#ifndef RDMA_NS_NETWORKS_H
#define RDMA_NS_NETWORKS_H

#include "command.h"
#include "json_input.h"
#include "netdev_message.h"

#define NETWORK_NAME_MAX 64
#define NETWORKS_DEFAULT_FILE "/etc/rdma-ns/networks.json"

struct network {
	char name[NETWORK_NAME_MAX];
	char device[RDMA_NS_DEVICE_NAME_MAX];
	uint32_t port;
	uint16_t pkey; /* 0: the port's own netdev's */
	char netdev[NETDEV_NAME_MAX]; /* what it is called in a container, or "" */
	struct rdma_ns_address *ranges; /* which addresses containers may have */
	size_t ranges_count;
	/* IPoIB children of the host that are handed out; none: children are made. */
	char (*take)[NETDEV_NAME_MAX];
	size_t take_count;
};

struct networks {
	struct network *list;
	size_t count;
	bool refuse_unseen; /* refuse a container if not everything could be audited */
};

/* Both release what they have made if they fail. @path is for messages. */
int networks_parse(struct networks *networks, struct json_object *object, const char *path,
		   struct problem *problem);
int networks_read(struct networks *networks, const char *path, struct problem *problem);
void networks_release(struct networks *networks);

const struct network *networks_find(const struct networks *networks, const char *name);

/*
 * The members of one network, but for its name, which @what is for messages. The members of @more,
 * which ends with NULL, are for the caller. Release it in any case.
 */
int network_parse(struct network *network, struct json_object *object, const char *const *more,
		  const char *what, struct problem *problem);
void network_release(struct network *network);

/*
 * Parse ADDRESS or ADDRESS/LENGTH; without a length, or with one that is shorter, that of the range
 * which it is in counts. Returns -1 and the problem if the network does not allow it.
 */
int network_address(const struct network *network, const char *text,
		    struct rdma_ns_address *address, struct problem *problem);

/* Parse ADDRESS/LENGTH; false if it is none, or not a single host's. */
bool network_parse_address(const char *text, struct rdma_ns_address *address);

/* Is this address among them, whatever the lengths of their prefixes are? */
bool addresses_have(const struct rdma_ns_address *list, size_t count,
		    const struct rdma_ns_address *address);

/* Parse a range such as 10.0.0.0/24, or 0.0.0.0/0. */
bool network_parse_range(const char *text, struct rdma_ns_address *range);

/* May a netdev, a network or a container be called so? Only letters, digits, '_', '.' and '-'. */
bool network_is_name(const char *text, size_t room);
bool network_is_netdev_name(const char *text);

#endif
