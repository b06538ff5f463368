/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The network namespaces in use, each with its resolver. All functions are thread-safe. */
#ifndef RDMA_NS_NETNS_H
#define RDMA_NS_NETNS_H

#include "resolver.h"

struct netns;

/*
 * Get the namespace of @netns_fd, the caller's if that is -1. Returns NULL and sets errno on error.
 */
struct netns *netns_get(int netns_fd);
struct netns *netns_ref(struct netns *netns);
void netns_put(struct netns *netns);

uint64_t netns_inode(const struct netns *netns);

/* Call @function there. Returns -1 and sets errno if it was not called. */
int netns_run(const struct netns *netns, void (*function)(void *data), void *data);

/*
 * Have all at hand that the functions below need. Otherwise, their first call opens what it needs.
 * Returns -1 and sets errno on error.
 */
int netns_prepare(struct netns *netns);

/* These do what resolver_resolve(), resolver_find_source() and resolver_answering_qpn() do. */
int netns_resolve(struct netns *netns, const struct rdma_ns_request *request,
		  struct rdma_ns_resolution *resolution);
int netns_find_source(struct netns *netns, const struct rdma_ns_request *request,
		      struct resolver_source *source);
/*
 * Have the kernel confirm what netns_find_source() has found, because a connection uses it.
 * @doubted: the peer says that nothing is delivered to that QPN, so the kernel asks for it again.
 */
void netns_probe(struct netns *netns, const struct rdma_ns_request *request,
		 const struct resolver_source *source, bool doubted);

uint32_t netns_answering_qpn(struct netns *netns, const struct rdma_ns_request *request);

/* RDMA_NS_TRANSPORT_UNKNOWN if there is no such port. */
enum rdma_ns_transport netns_transport(struct netns *netns, const char *device, uint32_t port);

/* Returns -1 and sets errno, to ENODEV only if there is no such netdev. */
int netns_check_netdev(struct netns *netns, uint32_t ifindex);

/* Returns -1 and sets errno, to ENODEV if there is no such netdev. */
int netns_netdev_index(struct netns *netns, const char *name, uint32_t *ifindex);

/* The name is "" if there is no such netdev. */
void netns_netdev_name(struct netns *netns, uint32_t ifindex, char name[RDMA_NS_NETDEV_NAME_MAX]);

/*
 * Does the netdev have this address, which may be link-local? Returns -1 and sets errno, to
 * EADDRNOTAVAIL only if it does not, and to ENODEV only if there is no such netdev.
 */
int netns_check_address(struct netns *netns, uint32_t ifindex, const struct sockaddr *address);

/*
 * Find the source address of an id that is bound to a netdev. It is *source if the netdev has this
 * address, or *chosen if *source is NULL or leaves the address open. Returns -1 and sets errno as
 * netns_check_address() does, or to EINVAL if there is no destination.
 */
int netns_check_source(struct netns *netns, uint32_t ifindex, struct sockaddr **source,
		       const struct sockaddr *destination, struct sockaddr_storage *chosen);

#endif
