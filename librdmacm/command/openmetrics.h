/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* OpenMetrics text, as node_exporter's textfile collector reads it. */
#ifndef RDMA_NS_OPENMETRICS_H
#define RDMA_NS_OPENMETRICS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct openmetrics_label {
	const char *name;
	const char *value; /* whatever a tenant has chosen */
};

/* Begin a gauge; its samples follow. @help must have no line breaks and quotation marks. */
void openmetrics_gauge(FILE *file, const char *name, const char *help);
/* A counter, likewise. "_total" is added to its name for its samples, but not for this. */
void openmetrics_counter(FILE *file, const char *name, const char *help);
void openmetrics_sample(FILE *file, const char *name, const struct openmetrics_label *labels,
			size_t count, uint64_t value);
void openmetrics_end(FILE *file);

#endif
