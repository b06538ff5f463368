/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The preload library's log. The process belongs to somebody else, so the log never writes to a
 * descriptor that is not its own, never waits, raises no signal, and limits itself.
 */
#ifndef RDMA_NS_LOG_H
#define RDMA_NS_LOG_H

#include <stdbool.h>

#include <rdma/rdma_ns.h>

#define LOG_BURST 200	   /* lines at once, */
#define LOG_PER_SECOND 100 /* and in the long run; then one line says how many were left out */

/*
 * Call this before any line. The file's name is copied, because programs overwrite their
 * environment; NULL means no log, and "-" the present standard error. Returns false if there is no
 * log.
 */
bool log_begin(const char *file, bool json);

/* This is an observer, which has no context. */
void log_observation(const struct rdma_ns_observation *observation, void *context);

/* Complain on standard error, if that is still the same as in log_begin(). */
void log_complain(const char *what, const char *name, const char *why);

#endif
