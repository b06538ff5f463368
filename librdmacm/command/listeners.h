/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the extended rdma_cm says about listeners: /proc/net/rdma_cm_listeners of each namespace. */
#ifndef RDMA_NS_LISTENERS_H
#define RDMA_NS_LISTENERS_H

#include <net/if.h>

#include "cm_ids.h"
#include "namespaces.h"

/* Instead of a name, which has no colon: the netdev has gone, or its name is not known. */
#define LISTENER_NETDEV_GONE ":gone"
#define LISTENER_POLICY_MAX 15

struct listener {
	uint32_t pid;	     /* 0 for the kernel, or for a process of another PID namespace */
	uint32_t port_space; /* enum rdma_port_space */
	struct sockaddr_storage address;
	size_t namespace;	  /* its number among those found */
	char netdev[IF_NAMESIZE]; /* that it is bound to, or "" */
	char policy[LISTENER_POLICY_MAX + 1];

	/* For listeners_take(), in the first of those that are alike. */
	char taken_on[RDMA_NS_DEVICE_NAME_MAX];
	size_t taken;
};

struct listeners {
	struct listener *list; /* by process, port space and address */
	size_t count, room;
};

/*
 * Read those of all namespaces; on a stock kernel there are none. Namespaces that cannot be entered
 * are counted in @unseen. Returns -1 for ENOMEM.
 */
int listeners_read(struct listeners *listeners, const struct namespaces *namespaces,
		   size_t *unseen);
void listeners_release(struct listeners *listeners);

/*
 * The listener that @id is, or NULL. A listener has an id on each device. If a process has several
 * of one address and port, each of their ids on a device gets another one, in no certain order. Ids
 * are asked for device by device.
 */
const struct listener *listeners_take(struct listeners *listeners, const struct cm_id *id);

/* For listeners_read(): add what a line says. Returns -1 for ENOMEM; other lines are ignored. */
int listeners_parse(struct listeners *listeners, const char *line, size_t namespace);

#endif
