/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * On which port is an IPoIB netdev? Its GID says so, but its owner may write another port's GUID
 * into it. Nobody can change from which netdev it was made.
 */
#ifndef RDMA_NS_IPOIB_PARENTS_H
#define RDMA_NS_IPOIB_PARENTS_H

#include <rdma/rdma_ns.h>
#include <stddef.h>

struct ipoib_parent {
	const struct rdma_ns_netdev *netdev;
	size_t namespace;
};

/* The ports' own netdevs, of all namespaces. */
struct ipoib_parents {
	struct ipoib_parent *list;
	size_t count, room;
};

/* @namespace: 0: the caller's, where GIDs are believed. Returns -1 for ENOMEM. */
int ipoib_parents_add(struct ipoib_parents *parents, const struct rdma_ns_netdev *netdev,
		      size_t namespace);

/*
 * Returns a netdev that is on the port: the netdev itself if its GID is believed, or NULL if no
 * port is known. @parent: the ifindex of the netdev that it was made from, or 0 for a port's own.
 */
const struct rdma_ns_netdev *ipoib_parents_port(const struct ipoib_parents *parents,
						const struct rdma_ns_netdev *netdev,
						uint32_t parent);

void ipoib_parents_release(struct ipoib_parents *parents);

#endif
