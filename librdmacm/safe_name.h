/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A tenant may have chosen the names of netdevs, processes and network namespaces. */
#ifndef RDMA_NS_SAFE_NAME_H
#define RDMA_NS_SAFE_NAME_H

#include <stdint.h>

#define SAFE_NAME_MAX (4 * 255 + 1) /* of the longest file name */

/*
 * The name in printable ASCII, where \xNN stands for every other byte, for a space and for a
 * backslash. Tables, JSON, OpenMetrics and logs can all take it. No two names look the same, except
 * that names longer than the longest file name are cut. Returns @text.
 */
const char *safe_name(const char *name, char text[SAFE_NAME_MAX]);

/* The same, but a name that is cut ends with "\...NUMBER", which no other name contains. */
const char *safe_name_numbered(const char *name, uint64_t number, char text[SAFE_NAME_MAX]);

/*
 * The same for a whole message, in which spaces and backslashes stay as they are. Returns NULL, or
 * memory for free().
 */
char *safe_message(const char *message);

#endif
