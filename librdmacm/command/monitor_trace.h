/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Lines about requests that the extended kernel has resolved, from its tracepoint. The trace is one
 * of its own, so that neither this nor another reader takes anything from the other.
 */
#ifndef RDMA_NS_MONITOR_TRACE_H
#define RDMA_NS_MONITOR_TRACE_H

#include "monitor.h"

#define TRACE_LINES_SIZE 16384

struct monitor_trace {
	const char *root; /* of tracefs */
	char instance[64]; /* its folder, or "" */
	int pipe; /* -1: not seen */
	char lines[TRACE_LINES_SIZE];
	size_t length;
	bool skipping; /* the rest of a line that is too long */
	uint64_t lost;
};

void monitor_trace_init(struct monitor_trace *trace, const char *root);
/*
 * See to it that it is on, whenever the module may have been loaded or unloaded. Returns NULL, or
 * says why resolutions cannot be seen.
 */
const char *monitor_trace_on(struct monitor_trace *trace);
/* Tell of what has been traced, for a while. Returns 1 if there may be more. */
int monitor_trace_take(struct monitor *monitor, struct monitor_trace *trace);
void monitor_trace_off(struct monitor_trace *trace);

#endif
