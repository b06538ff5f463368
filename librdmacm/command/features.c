// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns features: what this host can do. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "causes.h"
#include "kernel_counters.h"
#include "output.h"

enum { KERNEL, LEVEL, LEVEL_NAME, NETNS_MODE, DEVICES, PORTS, RDMA_CM, IPOIB, POLICY };

static const struct output_column columns[] = {
	[KERNEL] = { "kernel", OUTPUT_TEXT },	      [LEVEL] = { "level", OUTPUT_NUMBER },
	[LEVEL_NAME] = { "level_name", OUTPUT_TEXT }, [NETNS_MODE] = { "netns_mode", OUTPUT_TEXT },
	[DEVICES] = { "devices", OUTPUT_NUMBER },     [PORTS] = { "ports", OUTPUT_NUMBER },
	[RDMA_CM] = { "rdma_cm", OUTPUT_TEXT },	      [IPOIB] = { "ipoib", OUTPUT_TEXT },
	[POLICY] = { "policy", OUTPUT_TEXT },
};

int command_features(const struct options *options, int count, char **words)
{
	struct rdma_ns_features features;
	char policy[KERNEL_WORD_MAX];
	struct utsname kernel;
	struct output output;
	int status;

	if (count)
		return usage_error("features: unexpected word '%s'", words[0]);
	if (rdma_ns_query_features(&features, sizeof(features)) || uname(&kernel))
		return failed("features: cannot query them: %s", strerror(errno));
	output_begin(&output, options, "features", columns, sizeof(columns) / sizeof(columns[0]));
	output_line(&output);
	output_cell(&output, KERNEL, "%s", kernel.release);
	/* The kernel is asked through this device. */
	if (features.rdma_cm_errno) {
		output_cell(&output, LEVEL_NAME, "unknown");
	} else {
		output_cell(&output, LEVEL, "%d", features.level);
		output_cell(&output, LEVEL_NAME, "%s", rdma_ns_level_str(features.level));
	}
	output_cell(&output, NETNS_MODE, "%s", rdma_ns_netns_mode_str(features.netns_mode));
	output_cell(&output, DEVICES, "%u", features.devices);
	output_cell(&output, PORTS, "%u", features.ports);
	output_cell(&output, RDMA_CM, "%s",
		    features.rdma_cm_errno ? strerror(features.rdma_cm_errno) : "available");
	if (features.level == RDMA_NS_LEVEL_KERNEL && !features.rdma_cm_errno)
		output_cell(&output, IPOIB, "%s", features.ipoib ? "extended" : "stock");
	if (kernel_policy(policy))
		output_cell(&output, POLICY, "%s", policy);
	status = output_end(&output);
	if (!status && features.level == RDMA_NS_LEVEL_KERNEL && !features.ipoib)
		failed("features: %s", cause_of_stock_ipoib);
	if (status || !features.rdma_cm_errno)
		return status;
	tell_no_rdma_cm("features", features.rdma_cm_errno);
	return STATUS_UNSEEN;
}
