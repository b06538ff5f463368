/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* An observation as a line of a log: words for a person, or a JSON object. */
#ifndef RDMA_NS_REPORT_H
#define RDMA_NS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <rdma/rdma_ns.h>

#define REPORT_MAX 2048

/* The process and the time of a line. */
struct report_source {
	struct timespec time; /* CLOCK_REALTIME */
	long pid;
};

/*
 * Returns the length of the line, including its newline. A line is cut at REPORT_MAX - 1.
 */
size_t report_line(const struct report_source *source,
		   const struct rdma_ns_observation *observation, bool json, char line[REPORT_MAX]);

/* Write a line which says that @count lines are missing. */
size_t report_left_out(const struct report_source *source, unsigned long count, bool json,
		       char line[REPORT_MAX]);

/* Parts of such a line, in JSON without braces; all return @text. */
const char *report_resolution(const struct rdma_ns_resolution *resolution, bool json,
			      char text[REPORT_MAX]);
const char *report_exchange(const struct rdma_ns_exchange *exchange, bool json,
			    char text[REPORT_MAX]);
const char *report_address(const struct sockaddr_storage *address, char text[REPORT_MAX]);
const char *report_time(const struct timespec *time, char text[REPORT_MAX]);

#endif
