/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The words after "rdma-ns monitor". */
#ifndef RDMA_NS_MONITOR_OPTIONS_H
#define RDMA_NS_MONITOR_OPTIONS_H

#include "monitor.h"

struct monitor_options {
	bool all, json, timestamp;
	uint32_t rate, interval, count;
	struct monitor_filter filter;
};

/* Returns -1 to go on, or an exit status. */
int monitor_options_parse(const struct options *general, int count, char **words,
			  struct monitor_options *options);

#endif
