/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Structures that grow from release to release: each is as long as the caller's header made it. */
#ifndef RDMA_NS_SIZED_H
#define RDMA_NS_SIZED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The size of a structure whose last member is @member. For arguments this is the last one of
 * release 1.0, without which no program was ever built. It stays when fields are appended.
 */
#define SIZED_UNTIL(type, member) (offsetof(type, member) + sizeof(((type *)NULL)->member))

#define SIZED_ID_OPTS_MIN SIZED_UNTIL(struct rdma_ns_id_opts, netdev)
#define SIZED_REQUEST_MIN SIZED_UNTIL(struct rdma_ns_request, listener_size)
#define SIZED_LISTENER_MIN SIZED_UNTIL(struct rdma_ns_listener, afonly)

/*
 * Take an argument of @size bytes into @to, which has @length: what the caller does not know is
 * zero. Returns false if @size is below @min, or if the caller has set what is not known here.
 */
bool sized_take(void *to, size_t length, const void *from, size_t size, size_t min);

/* Copy what both have room for, and zero what @to has beyond that. */
void sized_copy(void *to, size_t to_length, const void *from, size_t from_length);

#endif
