/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * IPoIB netdevs in any network namespace: find, make, move, configure and remove them. -1 and errno
 * say what failed; a @netns_fd of -1 is the caller's namespace.
 */
#ifndef RDMA_NS_IPOIB_CHILD_H
#define RDMA_NS_IPOIB_CHILD_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>

#include "netdev_message.h"
#include "netlink.h"

/* What whoever has a netdev may set, and what stays when it is moved. */
struct ipoib_settings {
	uint32_t mtu; /* 0: none of this is known */
	uint32_t queue_length, group;
	uint32_t flags; /* IPOIB_FLAGS */
	uint32_t mode, umcast;
};

struct ipoib_netdev {
	uint32_t ifindex;
	char name[NETDEV_NAME_MAX];
	uint32_t parent; /* ifindex where the parent is; its own if it is a port's own netdev */
	uint16_t pkey;
	uint32_t qpn;
	uint64_t created; /* its number in sysfs; 0: not known, as in a list */
	uint8_t lladdr[NETDEV_LLADDR_MAX], broadcast[NETDEV_LLADDR_MAX];
	struct ipoib_settings settings;
};

/*
 * What its owner cannot change: neither renaming a child nor moving it hides it. A QPN of 0 is not
 * known yet; then the ifindex counts. The QPN of one that has gone is given again, and an ifindex
 * may be chosen; its number in sysfs is its own for ever, but may be 0 here.
 */
struct ipoib_identity {
	uint32_t parent, ifindex, qpn;
	uint16_t pkey;
	uint64_t created;
};

struct ipoib_identity ipoib_identity_of(const struct ipoib_netdev *netdev);

/* Would both find the same netdev, by its QPN and, if both know it, its number in sysfs? */
bool ipoib_is_same(const struct ipoib_identity *one, const struct ipoib_identity *other);

/* Returns 1 if it is in the namespace, 0 if not. */
int ipoib_find(int netns_fd, const struct ipoib_identity *identity, struct ipoib_netdev *found);
int ipoib_find_by_name(int netns_fd, const char *name, struct ipoib_netdev *found);
int ipoib_find_by_ifindex(int netns_fd, uint32_t ifindex, struct ipoib_netdev *found);

bool ipoib_is_child(const struct ipoib_netdev *netdev);

/* All children in the namespace; the list is for free(). */
int ipoib_list_children(int netns_fd, struct ipoib_netdev **list, size_t *count);

/*
 * Make a child in the caller's namespace. Its ifindex is given; the QPN and the number in sysfs,
 * which must be 0, are set. In a container, others might move it on before these are known.
 */
int ipoib_make(const char *name, struct ipoib_identity *identity);
/* It is set down, loses its alternative names, and gets the name there. */
int ipoib_move(int from_fd, uint32_t ifindex, int to_fd, const char *name);
int ipoib_set_lladdr(int netns_fd, uint32_t ifindex, const uint8_t lladdr[NETDEV_LLADDR_MAX],
		     const uint8_t broadcast[NETDEV_LLADDR_MAX]);
/* Give a netdev these settings, if they are known. */
int ipoib_restore(int netns_fd, const struct ipoib_netdev *netdev,
		  const struct ipoib_settings *settings);
int ipoib_set_up(int netns_fd, uint32_t ifindex, bool up);
/* An address that the netdev already has is no error. */
int ipoib_add_address(int netns_fd, uint32_t ifindex, const struct rdma_ns_address *address);
/*
 * -1 and ENODEV also if it is not certain that this one was removed: whoever is in the namespace
 * may move it on just before, and give its ifindex to another netdev.
 */
int ipoib_delete(int netns_fd, const struct ipoib_netdev *netdev);

/* Does a netdev with that QPN come to a namespace, or go from there, between the two? */
int ipoib_watch(struct netlink *watch, int netns_fd);
bool ipoib_watch_end(struct netlink *watch, uint32_t qpn);

#endif
