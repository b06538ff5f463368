/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The steps before a connection, by IP addresses or by the CM's own (AF_IB): by these a request's
 * private data is the caller's from the first byte to the last. What fails ends the program.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <stdint.h>

#include <infiniband/ib.h>
#include <rdma/rdma_cma.h>

#define RESOLVE_TIMEOUT_MS 4000

/* @p_key in host byte order, @port in network byte order; 0 is any. */
void resolve_ib_address(struct sockaddr_ib *address, const uint8_t gid[16], uint16_t p_key,
			enum rdma_port_space space, uint16_t port);

/* A new id on @channel, ready to connect. @from may be NULL. */
struct rdma_cm_id *resolve_id(struct rdma_event_channel *channel, enum rdma_port_space space,
			      void *from, void *to);

#endif
