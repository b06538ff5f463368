// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <inttypes.h>

#include <rdma/rdma_ns.h>

#include "kernel_counters.h"
#include "openmetrics.h"

/* The kernel's words have no other characters. Its numbers are signed, and have no more digits. */
#define WORD "%31[a-z0-9_-]"
#define NUMBER "%19[0-9]"

static const struct counters {
	const char *name, *metric, *help;
	const char *labels[2]; /* of the words before the number */
} all[] = {
	{ "requests",
	  "rdma_ns_kernel_requests",
	  "Requests, by what identified their netdev or why they were refused.",
	  { "verdict", "reason" } },
	{ "retries",
	  "rdma_ns_kernel_retries",
	  "Refusals that led to a check of a neighbour entry, and requests that were sent again.",
	  { "event" } },
	{ "foreign_qps",
	  "rdma_ns_kernel_foreign_qps",
	  "Calls that named a QP of somebody else, and were refused.",
	  { "call" } },
};

/* A line is one or two words and a number. */
static bool parse(const struct counters *counters, const char *line, char words[2][KERNEL_WORD_MAX],
		  uint64_t *value)
{
	char number[20], rest;
	int found;

	if (counters->labels[1])
		found = sscanf(line, WORD " " WORD " " NUMBER "%c", words[0], words[1], number,
			       &rest);
	else
		found = sscanf(line, WORD " " NUMBER "%c", words[0], number, &rest) + 1;
	return found == 4 && rest == '\n' && sscanf(number, "%" SCNu64, value) == 1;
}

static void print_counters(FILE *file, const struct counters *counters, FILE *source)
{
	char line[128], name[64], words[2][KERNEL_WORD_MAX];
	const struct openmetrics_label labels[] = {
		{ counters->labels[0], words[0] },
		{ counters->labels[1], words[1] },
	};
	bool begun = false;
	uint64_t value;

	snprintf(name, sizeof(name), "%s_total", counters->metric);
	while (fgets(line, sizeof(line), source)) {
		if (!parse(counters, line, words, &value))
			continue;
		if (!begun)
			openmetrics_counter(file, counters->metric, counters->help);
		begun = true;
		openmetrics_sample(file, name, labels, counters->labels[1] ? 2 : 1, value);
	}
}

static FILE *open_parameter(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), KERNEL_COUNTERS_FOLDER "%s", name);
	return fopen(path, "re");
}

bool kernel_policy(char word[KERNEL_WORD_MAX])
{
	FILE *source = open_parameter("policy");
	char line[128], rest = '\0';
	bool known;

	if (!source)
		return false;
	known = fgets(line, sizeof(line), source) && sscanf(line, WORD "%c", word, &rest) == 2 &&
		rest == '\n';
	fclose(source);
	return known;
}

bool kernel_setting(const char *name, bool *on)
{
	FILE *source = open_parameter(name);
	char word[2];
	bool known;

	if (!source)
		return false;
	known = fscanf(source, "%1[YN]", word) == 1;
	if (known)
		*on = *word == 'Y';
	fclose(source);
	return known;
}

/* Where the device file is missing, nobody knows the level. */
static void print_level(FILE *file)
{
	static const char name[] = "rdma_ns_kernel_level";
	struct rdma_ns_features features;

	if (rdma_ns_query_features(&features, sizeof(features)) || features.rdma_cm_errno)
		return;
	openmetrics_gauge(file, name, "2 if the RDMA CM that runs is the extended one, else 1.");
	openmetrics_sample(file, name, NULL, 0, features.level);
}

static void print_policy(FILE *file)
{
	static const char name[] = "rdma_ns_kernel_policy";
	char word[KERNEL_WORD_MAX];
	const struct openmetrics_label label = { "policy", word };

	if (!kernel_policy(word))
		return;
	openmetrics_gauge(file, name, "1 for the policy of the extended kernel that is in force.");
	openmetrics_sample(file, name, &label, 1, 1);
}

static void print_settings(FILE *file)
{
	static const char name[] = "rdma_ns_kernel_setting";
	static const char *const settings[] = { "explain_refusals", "heed_qpn", "own_qp",
						"send_qpn" };
	bool begun = false, on;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const struct openmetrics_label label = { "setting", settings[i] };

		if (!kernel_setting(settings[i], &on))
			continue;
		if (!begun)
			openmetrics_gauge(file, name, "1 if a setting of the extended kernel is on.");
		begun = true;
		openmetrics_sample(file, name, &label, 1, on);
	}
}

void kernel_counters_print(FILE *file)
{
	print_level(file);
	print_policy(file);
	print_settings(file);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		FILE *source = open_parameter(all[i].name);

		if (!source)
			continue;
		print_counters(file, &all[i], source);
		fclose(source);
	}
}
