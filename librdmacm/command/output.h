/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Tables for people, JSON for programs, both from libsmartcols. */
#ifndef RDMA_NS_OUTPUT_H
#define RDMA_NS_OUTPUT_H

#include <libsmartcols/libsmartcols.h>

#include "command.h"

enum output_type {
	OUTPUT_TEXT,
	OUTPUT_NUMBER,
	OUTPUT_BOOLEAN, /* "yes" or "no" */
	OUTPUT_LIST, /* a line for each */
};

struct output_column {
	const char *name;
	enum output_type type;
};

struct output {
	struct libscols_table *table;
	struct libscols_line *line;
	size_t columns;
	size_t netns_columns; /* where those of netns_output_begin() are, or 0 */
	bool failed;
};

/* @name is that of the array in JSON. */
void output_begin(struct output *output, const struct options *options, const char *name,
		  const struct output_column *columns, size_t count);
/* More of them, before the first line. Returns the number of the first one. */
size_t output_add_columns(struct output *output, const struct output_column *columns, size_t count);
void output_line(struct output *output);
/* Set a cell of the last line. A cell that is not set, or is "", is null in JSON. */
__attribute__((format(printf, 3, 4))) void output_cell(struct output *output, size_t column,
							const char *format, ...);
/* The same for a name that a tenant may have chosen. */
void output_name(struct output *output, size_t column, const char *name);
/* Print and free everything; returns an exit status. */
int output_end(struct output *output);

#endif
