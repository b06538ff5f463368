// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns audit: addresses that a connection request without a QPN finds in several places. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel_counters.h"
#include "looks.h"
#include "netns_output.h"
#include "openmetrics.h"
#include "output.h"

#define METRIC "rdma_ns_audit_"

#define SHOWN_MAX 64 /* lines about a namespace, whose owner may cause as many as it likes */

enum { DEVICE, PORT, P_KEY, ADDRESS, NETNS, NETDEV, UPPER, IFINDEX, QPN, UP, HARM, WINS, COLUMNS };

static const struct output_column columns[] = {
	[DEVICE] = { "device", OUTPUT_TEXT }, [PORT] = { "port", OUTPUT_NUMBER },
	[P_KEY] = { "p_key", OUTPUT_TEXT },   [ADDRESS] = { "address", OUTPUT_TEXT },
	[NETNS] = { "netns", OUTPUT_TEXT },   [NETDEV] = { "netdev", OUTPUT_TEXT },
	[UPPER] = { "upper", OUTPUT_TEXT },   [IFINDEX] = { "ifindex", OUTPUT_NUMBER },
	[QPN] = { "qpn", OUTPUT_TEXT },	      [UP] = { "up", OUTPUT_BOOLEAN },
	[HARM] = { "harm", OUTPUT_TEXT },     [WINS] = { "wins", OUTPUT_TEXT },
};

struct audit {
	const struct options *options;
	struct namespaces namespaces;
	struct looks looks;
	size_t counts[HARM_COUNT]; /* of addresses in a place */
	size_t *shown;		   /* lines about each namespace */
	size_t hidden;		   /* lines */
};

static void add_line(struct output *output, const struct holder *holder,
		     const struct namespace *namespace, enum harm harm, const char *winning)
{
	const struct rdma_ns_netdev *netdev = holder->netdev;
	char text[TEXT_MAX];

	output_line(output);
	output_name(output, DEVICE, holder->device);
	if (holder->port)
		output_cell(output, PORT, "%u", holder->port);
	output_cell(output, P_KEY, "0x%04x", netdev->pkey);
	output_cell(output, ADDRESS, "%s",
		    ip_text(holder->address.family, holder->address.bytes, text));
	netns_output_cells(output, NETNS, namespace);
	output_name(output, NETDEV, netdev->name);
	if (holder->upper)
		output_name(output, UPPER, holder->upper_name);
	output_cell(output, IFINDEX, "%u", netdev->ifindex);
	output_cell(output, QPN, "0x%06x", netdev->qpn);
	output_cell(output, UP, "%s", netdev->up ? "yes" : "no");
	output_cell(output, HARM, "%s", harm_str(harm));
	output_cell(output, WINS, "%s", winning);
}

static void add_sample(const struct holder *holder, const struct namespace *namespace,
		       const char *winning)
{
	const struct container *container = &namespace->leader.container;
	const struct rdma_ns_netdev *netdev = holder->netdev;
	char port[16], pkey[16], gid[TEXT_MAX], address[TEXT_MAX], inode[24], ifindex[16],
		upper_ifindex[16], user[16], device[SAFE_NAME_MAX], name[SAFE_NAME_MAX],
		upper[SAFE_NAME_MAX];
	const struct openmetrics_label labels[] = {
		{ "device", safe_name(holder->device, device) },
		{ "port", port },
		{ "p_key", pkey },
		{ "address", address },
		{ "netns", namespace->name },
		{ "netns_inode", inode },
		{ "netdev", safe_name(netdev->name, name) },
		{ "upper", safe_name(holder->upper_name, upper) },
		{ "ifindex", ifindex },
		{ "wins", winning },
		/* An owner may change these while the audit looks, and no two samples are alike. */
		{ "gid", ip_text(AF_INET6, netdev->gid.raw, gid) },
		{ "upper_ifindex", upper_ifindex },
		{ "netns_engine", container->engine ? container->engine : "" },
		{ "netns_container", container->id },
		{ "netns_pod", container->pod },
		{ "netns_user", container->user ? user : "" },
	};

	snprintf(port, sizeof(port), "%u", holder->port);
	snprintf(pkey, sizeof(pkey), "0x%04x", netdev->pkey);
	snprintf(inode, sizeof(inode), "%" PRIu64, namespace->inode);
	snprintf(ifindex, sizeof(ifindex), "%u", netdev->ifindex);
	snprintf(upper_ifindex, sizeof(upper_ifindex), "%u", holder->upper);
	snprintf(user, sizeof(user), "%u", container->user);
	ip_text(holder->address.family, holder->address.bytes, address);
	openmetrics_sample(stdout, METRIC "collision", labels, sizeof(labels) / sizeof(labels[0]),
			   1);
}

static void report_holder(struct audit *audit, struct output *output, const struct holder *holder,
			  enum harm harm, const char *winning)
{
	const struct namespace *namespace = &audit->namespaces.list[holder->namespace];

	audit->shown[holder->namespace]++;
	if (output)
		add_line(output, holder, namespace, harm, winning);
	else
		add_sample(holder, namespace, winning);
}

static bool has_room(const struct audit *audit, const struct holder *holder)
{
	return audit->options->json || audit->shown[holder->namespace] < SHOWN_MAX;
}

/*
 * Print a group of holders, as lines of a table or as samples. Those of a namespace that has many
 * must not hide what others have: where one of the others is shown, so is the first of each.
 */
static void report_group(struct audit *audit, struct output *output, const struct holder *group,
			 size_t count, enum harm harm)
{
	bool certain = false, shown = false;
	size_t winner = 0;

	if (harm == HARM_COLLISION)
		winner = holders_winner(group, count, &certain);
	for (size_t i = 0; i < count; i++)
		shown |= has_room(audit, &group[i]);
	for (size_t i = 0; i < count; i++) {
		const bool first = !i || group[i].namespace != group[i - 1].namespace;
		const char *winning;

		if (!shown || !(first || i == winner || has_room(audit, &group[i]))) {
			audit->hidden++;
			continue;
		}
		winning = harm == HARM_COLLISION ? holders_wins_str(group, i, winner, certain) : "";
		report_holder(audit, output, &group[i], harm, winning);
	}
}

static void report_groups(struct audit *audit, struct output *output)
{
	const struct holders *holders = &audit->looks.holders;
	enum harm harm;
	size_t count;

	for (size_t i = 0; i < holders->count; i += count) {
		count = holders_group(holders, i, &harm);
		audit->counts[harm]++;
		if (output ? harm != HARM_NONE : harm == HARM_COLLISION)
			report_group(audit, output, &holders->list[i], count, harm);
	}
	if (audit->hidden)
		failed("audit: %zu more lines are not shown, about namespaces that have many: "
		       "'rdma-ns --json audit%s' shows all",
		       audit->hidden, audit->options->all ? " -A" : "");
}

static int report_table(struct audit *audit)
{
	struct output output;

	output_begin(&output, audit->options, "audit", columns, COLUMNS);
	netns_output_begin(&output, audit->options);
	report_groups(audit, &output);
	return output_end(&output);
}

static int report_metrics(struct audit *audit)
{
	openmetrics_gauge(
		stdout, METRIC "collision",
		"1 for each netdev whose address another namespace has on the same port and P_Key.");
	report_groups(audit, NULL);
	openmetrics_gauge(stdout, METRIC "addresses",
			  "Addresses that are in several places, by what that means.");
	for (enum harm harm = HARM_COLLISION; harm < HARM_COUNT; harm++) {
		const struct openmetrics_label label = { "harm", harm_str(harm) };

		openmetrics_sample(stdout, METRIC "addresses", &label, 1, audit->counts[harm]);
	}
	openmetrics_gauge(stdout, METRIC "namespaces", "Network namespaces that were examined.");
	openmetrics_sample(stdout, METRIC "namespaces", NULL, 0, audit->namespaces.count);
	openmetrics_gauge(stdout, METRIC "unseen",
			  "Things that could not be seen, by kind; all 0 if everything was seen.");
	for (enum unseen kind = 0; kind < NOT_NAMESPACES; kind++) {
		const struct openmetrics_label label = { "kind", unseen_str(kind) };

		openmetrics_sample(stdout, METRIC "unseen", &label, 1,
				   audit->namespaces.unseen[kind]);
	}
	kernel_counters_print(stdout);
	openmetrics_end(stdout);
	return print("");
}

/* A collision gives status 1 even if not everything could be seen. */
static int report(struct audit *audit)
{
	int unseen;

	audit->shown = calloc(audit->namespaces.count, sizeof(*audit->shown));
	if (!audit->shown) {
		failed("audit: %s", error_text(errno));
		return STATUS_UNSEEN;
	}
	holders_sort(&audit->looks.holders);
	if (audit->options->openmetrics ? report_metrics(audit) : report_table(audit))
		return STATUS_UNSEEN;
	unseen = namespaces_tell(&audit->namespaces);
	return audit->counts[HARM_COLLISION] ? STATUS_FAILED : unseen;
}

int command_audit(const struct options *options, int count, char **words)
{
	struct audit audit = { .options = options };
	int status;

	if (count)
		return usage_error("audit: unexpected word '%s'", words[0]);
	if (options->openmetrics && options->json)
		return usage_error("audit: --openmetrics and --json exclude each other");
	/* Status 1 only means a collision. */
	if (namespaces_without_rdma("audit"))
		return STATUS_UNSEEN;
	if (namespaces_find(&audit.namespaces, options->all ? NAMESPACES_ALL : NAMESPACES_OWN)) {
		failed("audit: cannot find the network namespaces: %s", error_text(errno));
		return STATUS_UNSEEN;
	}
	if (!looks_take(&audit.looks, &audit.namespaces, options->all)) {
		status = report(&audit);
	} else {
		failed("audit: %s", error_text(errno));
		status = STATUS_UNSEEN;
	}
	free(audit.shown);
	looks_release(&audit.looks);
	namespaces_release(&audit.namespaces);
	return status;
}
