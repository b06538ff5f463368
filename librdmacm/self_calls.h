/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* How a library calls its own functions. */
#ifndef RDMA_NS_SELF_CALLS_H
#define RDMA_NS_SELF_CALLS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Does the library with this handle of dlopen() look up each of these functions of its own, so that
 * a library that precedes it can take their place? It does not if it was linked with -Bsymbolic or
 * -Bsymbolic-functions. False also if that cannot be told.
 */
bool self_calls_interposable(void *handle, const char *const *names, size_t count);

#endif
