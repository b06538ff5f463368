/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The lines of "rdma-ns monitor": an event and what is known of it, in words or as a JSON object,
 * and how many of them each namespace may cause.
 */
#ifndef RDMA_NS_MONITOR_LINE_H
#define RDMA_NS_MONITOR_LINE_H

#include <stdio.h>

#include "namespaces.h"

/* Where all lines go. */
struct monitor_output {
	FILE *file;
	bool json, timestamp;
	uint32_t rate; /* lines a second for each bucket; 0: any number */
	uint64_t printed;
	int error; /* why a line could not be written, or 0 */
};

/*
 * Of a namespace, and of a subject: a noisy namespace must not take the lines of the others, nor
 * whoever sends it requests those about its netdevs, nor requests that are accepted those of
 * refusals.
 */
enum monitor_subject { MONITOR_CHANGES, MONITOR_ACCEPTED, MONITOR_REFUSED, MONITOR_SUBJECTS };

struct monitor_bucket {
	uint32_t tokens;
	int64_t filled; /* the second, in CLOCK_MONOTONIC */
	uint64_t left_out;
};

bool monitor_bucket_has_room(const struct monitor_output *output, struct monitor_bucket *bucket);
/* Take the room for a line, or count the line as left out. */
bool monitor_bucket_take(const struct monitor_output *output, struct monitor_bucket *bucket);
/* Take room even if there is none. */
void monitor_bucket_force(const struct monitor_output *output, struct monitor_bucket *bucket);

struct monitor_line {
	struct monitor_output *output;
	FILE *stream;
	char *text;
	size_t size;
};

/* @event: in JSON with an underscore for each space. */
void monitor_line_begin(struct monitor_line *line, struct monitor_output *output,
			const char *event);
/*
 * Values are null in JSON, and missing in words, if they are "" or not known. @format must make
 * printable ASCII.
 */
__attribute__((format(printf, 3, 4))) void monitor_line_text(struct monitor_line *line,
							      const char *key, const char *format,
							      ...);
/* The same for a name that a tenant may have chosen. */
void monitor_line_name(struct monitor_line *line, const char *key, const char *name);
void monitor_line_number(struct monitor_line *line, const char *key, uint64_t number, bool known);
void monitor_line_flag(struct monitor_line *line, const char *key, bool flag);
/* All that is known of a namespace; NULL: none is. */
void monitor_line_netns(struct monitor_line *line, const struct namespace *namespace);
/* Print it, at once. */
void monitor_line_end(struct monitor_line *line);

#endif
