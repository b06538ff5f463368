// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns audit: addresses that a connection request without a QPN finds in several places. */
#include <errno.h>
#include <string.h>

#include "collisions.h"
#include "namespaces.h"
#include "output.h"

enum { DEVICE, PORT, P_KEY, ADDRESS, NETNS, NETDEV, IFINDEX, QPN, UP, HARM };

static const struct output_column columns[] = {
	[DEVICE] = { "device", OUTPUT_TEXT },	  [PORT] = { "port", OUTPUT_NUMBER },
	[P_KEY] = { "p_key", OUTPUT_TEXT },	  [ADDRESS] = { "address", OUTPUT_TEXT },
	[NETNS] = { "netns", OUTPUT_TEXT },	  [NETDEV] = { "netdev", OUTPUT_TEXT },
	[IFINDEX] = { "ifindex", OUTPUT_NUMBER }, [QPN] = { "qpn", OUTPUT_TEXT },
	[UP] = { "up", OUTPUT_BOOLEAN },	  [HARM] = { "harm", OUTPUT_TEXT },
};

static const char collision[] = "collision";

/* Within a namespace nobody gets what is another's; and some addresses are nobody's doing. */
static const char *harm_of(const struct holder *holder, size_t in_namespaces)
{
	if (in_namespaces == 1)
		return "same namespace";
	return holder_is_inherent(holder) ? "same port" : collision;
}

static void add(struct output *output, const struct holder *holder, const char *netns, const char *harm)
{
	const struct rdma_ns_netdev *netdev = holder->netdev;
	char text[TEXT_MAX];

	output_line(output);
	output_cell(output, DEVICE, "%s", netdev->device);
	if (netdev->port)
		output_cell(output, PORT, "%u", netdev->port);
	output_cell(output, P_KEY, "0x%04x", netdev->pkey);
	output_cell(output, ADDRESS, "%s", ip_text(holder->address->family, holder->address->bytes, text));
	output_cell(output, NETNS, "%s", netns);
	output_cell(output, NETDEV, "%s", netdev->name);
	output_cell(output, IFINDEX, "%u", netdev->ifindex);
	output_cell(output, QPN, "0x%06x", netdev->qpn);
	output_cell(output, UP, "%s", netdev->up ? "yes" : "no");
	output_cell(output, HARM, "%s", harm);
}

static int report(const struct options *options, const struct namespaces *namespaces,
		  const struct holders *holders)
{
	size_t collisions = 0, count, in_namespaces;
	const char *harm;
	struct output output;
	int status;

	output_begin(&output, options, "audit", columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < holders->count; i += count) {
		count = holders_group(holders, i, &in_namespaces);
		if (count == 1)
			continue;
		harm = harm_of(&holders->list[i], in_namespaces);
		collisions += harm == collision;
		for (size_t j = i; j < i + count; j++)
			add(&output, &holders->list[j], namespaces->list[holders->list[j].namespace].name,
			    harm);
	}
	status = output_end(&output);
	return status ? status : collisions ? STATUS_FAILED : STATUS_OK;
}

int command_audit(const struct options *options, int count, char **words)
{
	struct holders holders = { 0 };
	struct namespaces namespaces;
	struct rdma_ns_netdev ***lists;
	int status;

	if (count)
		return usage_error("audit: unexpected word '%s'", words[0]);
	if (namespaces_find(&namespaces, options->all))
		return failed("cannot find the network namespaces: %s", strerror(errno));
	status = namespaces_netdevs(&namespaces, &lists);
	if (status)
		goto release;
	for (size_t i = 0; i < namespaces.count && !status; i++) {
		if (lists[i] && holders_add(&holders, lists[i], i))
			status = failed("out of memory");
	}
	namespaces_tell(&namespaces);
	holders_sort(&holders);
	if (!status)
		status = report(options, &namespaces, &holders);
	holders_release(&holders);
	namespaces_free_netdevs(&namespaces, lists);
release:
	namespaces_release(&namespaces);
	return status;
}
