/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A network namespace in a line of output: its name and, in JSON, what else is known of it. */
#ifndef RDMA_NS_NETNS_OUTPUT_H
#define RDMA_NS_NETNS_OUTPUT_H

#include "namespaces.h"
#include "output.h"

/* Add the columns that only JSON has. Call this after output_begin(). */
void netns_output_begin(struct output *output, const struct options *options);
/* @column is the one of the name. */
void netns_output_cells(struct output *output, size_t column, const struct namespace *namespace);

#endif
