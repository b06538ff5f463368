/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The network namespaces in use, each with its resolver. All functions are thread-safe. */
#ifndef RDMA_NS_NETNS_H
#define RDMA_NS_NETNS_H

#include "resolver.h"

struct netns;

/* The namespace of @netns_fd, the caller's if that is -1. NULL and errno. */
struct netns *netns_get(int netns_fd);
struct netns *netns_ref(struct netns *netns);
void netns_put(struct netns *netns);

uint64_t netns_inode(const struct netns *netns);

/* Call @function there; -1 and errno: it was not called. */
int netns_run(const struct netns *netns, void (*function)(void *data), void *data);

/* As resolver_resolve(), resolver_find_source() and resolver_answering_qpn(). */
int netns_resolve(struct netns *netns, const struct rdma_ns_request *request,
		  struct rdma_ns_resolution *resolution);
int netns_find_source(struct netns *netns, const struct rdma_ns_request *request,
		      struct resolver_source *source);
/*
 * What netns_find_source() has found is used: have the kernel confirm it. @doubted: the peer says
 * that nothing is delivered to that QPN, and it is asked for anew.
 */
void netns_probe(struct netns *netns, const struct rdma_ns_request *request,
		 const struct resolver_source *source, bool doubted);

uint32_t netns_answering_qpn(struct netns *netns, const struct rdma_ns_request *request);

/* RDMA_NS_TRANSPORT_UNKNOWN without such a port. */
enum rdma_ns_transport netns_transport(struct netns *netns, const char *device, uint32_t port);

/* False also if it cannot be told. */
bool netns_has_netdev(struct netns *netns, uint32_t ifindex);

/* -1 and ENODEV: no such netdev; or another errno. */
int netns_netdev_index(struct netns *netns, const char *name, uint32_t *ifindex);

/* "" without such a netdev. */
void netns_netdev_name(struct netns *netns, uint32_t ifindex, char name[RDMA_NS_NETDEV_NAME_MAX]);

/* Has the netdev this address? Link-local ones, too. False also if it cannot be told. */
bool netns_has_address(struct netns *netns, uint32_t ifindex, const struct sockaddr *address);

/*
 * The source of an id that is bound to a netdev: *source itself if the netdev has this address, or
 * *chosen where it is NULL or leaves the address open. -1: EINVAL (no destination), EADDRNOTAVAIL,
 * ENODEV.
 */
int netns_check_source(struct netns *netns, uint32_t ifindex, struct sockaddr **source,
		       const struct sockaddr *destination, struct sockaddr_storage *chosen);

#endif
