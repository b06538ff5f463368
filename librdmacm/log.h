/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The preload's log, in a process that belongs to somebody else: it never writes to a descriptor
 * that is not its own, never waits, raises no signal, and limits itself.
 */
#ifndef RDMA_NS_LOG_H
#define RDMA_NS_LOG_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>

#define LOG_BURST 200	   /* lines at once, */
#define LOG_PER_SECOND 100 /* and in the long run; then one line says how many were left out */

/* Before any line. @file: NULL: no log; "-": standard error as it is now. Keeps @file. */
void log_begin(const char *file, bool json);

/* An observer; it has no context. */
void log_observation(const struct rdma_ns_observation *observation, void *context);

/* A complaint, on standard error if that is still what it was in log_begin(). */
void log_complain(const char *what, const char *name, const char *why);

#endif
