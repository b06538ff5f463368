// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <inttypes.h>

#include "openmetrics.h"

static void put_head(FILE *file, const char *name, const char *type, const char *help)
{
	fprintf(file, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

void openmetrics_gauge(FILE *file, const char *name, const char *help)
{
	put_head(file, name, "gauge", help);
}

void openmetrics_counter(FILE *file, const char *name, const char *help)
{
	put_head(file, name, "counter", help);
}

static void put_label(FILE *file, const struct openmetrics_label *label)
{
	fprintf(file, "%s=\"", label->name);
	for (const char *c = label->value; *c; c++) {
		if (*c == '\n')
			fputs("\\n", file);
		else if (*c == '"' || *c == '\\')
			fprintf(file, "\\%c", *c);
		else
			fputc(*c, file);
	}
	fputc('"', file);
}

void openmetrics_sample(FILE *file, const char *name, const struct openmetrics_label *labels,
			size_t count, uint64_t value)
{
	fputs(name, file);
	for (size_t i = 0; i < count; i++) {
		fputc(i ? ',' : '{', file);
		put_label(file, &labels[i]);
	}
	fprintf(file, "%s %" PRIu64 "\n", count ? "}" : "", value);
}

void openmetrics_end(FILE *file)
{
	fputs("# EOF\n", file);
}
