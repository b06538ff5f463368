// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns audit: addresses that a connection request without a QPN finds in several places. */
#include <errno.h>
#include <inttypes.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collisions.h"
#include "namespaces.h"
#include "netdev_follow.h"
#include "openmetrics.h"
#include "output.h"
#include "sysfs.h"

#define METRIC "rdma_ns_audit_"

#define LOOKS_MAX 4 /* at a namespace whose netdevs are renamed meanwhile */

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
	struct rdma_ns_netdev ***lists;
	struct holders holders;
	size_t counts[HARM_COUNT]; /* of addresses in a place */
};

/* Which of the netdevs that compete for an address gets what was sent to it? */
static const char *wins(const struct holder *group, size_t index, size_t winner, bool certain)
{
	if (index != winner)
		return "no";
	/* The kernel chooses it nevertheless, then rejects the request. */
	if (!group[winner].netdev->up)
		return "down";
	return certain ? "yes" : "likely";
}

static void add_line(struct output *output, const struct holder *holder, const char *netns,
		     enum harm harm, const char *winning)
{
	const struct rdma_ns_netdev *netdev = holder->netdev;
	char text[TEXT_MAX];

	output_line(output);
	output_name(output, DEVICE, netdev->device);
	if (netdev->port)
		output_cell(output, PORT, "%u", netdev->port);
	output_cell(output, P_KEY, "0x%04x", netdev->pkey);
	output_cell(output, ADDRESS, "%s",
		    ip_text(holder->address.family, holder->address.bytes, text));
	output_cell(output, NETNS, "%s", netns);
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
	const struct rdma_ns_netdev *netdev = holder->netdev;
	char port[16], pkey[16], address[TEXT_MAX], inode[24], ifindex[16], device[SAFE_NAME_MAX],
		name[SAFE_NAME_MAX], upper[SAFE_NAME_MAX];
	const struct openmetrics_label labels[] = {
		{ "device", safe_name(netdev->device, device) },
		{ "port", port },
		{ "p_key", pkey },
		{ "address", address },
		{ "netns", namespace->name },
		{ "netns_inode", inode },
		{ "netdev", safe_name(netdev->name, name) },
		{ "upper", safe_name(holder->upper_name, upper) },
		{ "ifindex", ifindex },
		{ "wins", winning },
	};

	snprintf(port, sizeof(port), "%u", netdev->port);
	snprintf(pkey, sizeof(pkey), "0x%04x", netdev->pkey);
	snprintf(inode, sizeof(inode), "%" PRIu64, namespace->inode);
	snprintf(ifindex, sizeof(ifindex), "%u", netdev->ifindex);
	ip_text(holder->address.family, holder->address.bytes, address);
	openmetrics_sample(stdout, METRIC "collision", labels, sizeof(labels) / sizeof(labels[0]),
			   1);
}

/* Print each group of holders, as lines of a table or as samples. */
static void report_groups(struct audit *audit, struct output *output)
{
	struct holders *holders = &audit->holders;
	size_t count, winner = 0;
	bool certain = false;
	enum harm harm;

	for (size_t i = 0; i < holders->count; i += count) {
		struct holder *group = &holders->list[i];

		count = holders_group(holders, i, &harm);
		audit->counts[harm]++;
		if (harm == HARM_NONE)
			continue;
		if (harm == HARM_COLLISION)
			winner = holders_winner(group, count, &certain);
		for (size_t j = 0; j < count; j++) {
			const struct namespace *namespace =
				&audit->namespaces.list[group[j].namespace];
			const char *winning =
				harm == HARM_COLLISION ? wins(group, j, winner, certain) : "";

			if (output)
				add_line(output, &group[j], namespace->name, harm, winning);
			else if (harm == HARM_COLLISION)
				add_sample(&group[j], namespace, winning);
		}
	}
}

static int report_table(struct audit *audit)
{
	struct output output;

	output_begin(&output, audit->options, "audit", columns, COLUMNS);
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
	openmetrics_end(stdout);
	return print("");
}

/* A collision gives status 1 even if not everything could be seen. */
static int report(struct audit *audit)
{
	int unseen;

	holders_sort(&audit->holders);
	if (audit->options->openmetrics ? report_metrics(audit) : report_table(audit))
		return STATUS_UNSEEN;
	unseen = namespaces_tell(&audit->namespaces);
	return audit->counts[HARM_COLLISION] ? STATUS_FAILED : unseen;
}

/* Has a netdev had another name than the table says? */
static int find_renamed(const struct nlmsghdr *header, void *data)
{
	struct netdev_message message;
	const struct netdev *netdev;

	netdev_message_parse(header, &message);
	if (message.kind != NETDEV_MESSAGE_LINK)
		return 0;
	netdev = netdev_table_by_ifindex(data, message.link.ifindex);
	return netdev && strncmp(netdev->link.name, message.link.name, NETDEV_NAME_MAX) ? 1 : 0;
}

static int ignore(const struct nlmsghdr *header, void *data)
{
	(void)header;
	(void)data;
	return 0;
}

/*
 * What is above a netdev has no name in sysfs while it is renamed, and the notification comes at
 * the end of that. The kernel answers no question meanwhile, hence the question about lo.
 */
static int check_names(struct netdev_follow *follow)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} question = { .header = { .nlmsg_len = sizeof(question), .nlmsg_type = RTM_GETLINK },
		       .info.ifi_index = 1 };

	if (netlink_request(&follow->queries, &question.header, ignore, NULL))
		return -1;
	if (!netlink_drain(&follow->notifications, find_renamed, &follow->table))
		return 0;
	errno = EAGAIN;
	return -1;
}

/* -1 and errno: not everything has been seen. What has been listed before counts in any case. */
static int look(struct audit *audit, size_t namespace, int netns_fd, int sysfs)
{
	const struct namespaces *namespaces = &audit->namespaces;
	const struct timespec deadline = { namespaces->start.tv_sec + LIST_SECONDS,
					   namespaces->start.tv_nsec };
	struct netdev_follow follow = { 0 };
	int error = 0, result;
	bool is_open = false;

	errno = ETIME;
	if (!namespaces_late(namespaces, LIST_SECONDS))
		is_open = !netdev_follow_open(&follow, netns_fd);
	if (!is_open || netdev_dump(&follow.queries, &follow.table))
		error = errno;
	result = holders_add(&audit->holders, audit->lists[namespace], &follow.table, sysfs,
			     namespace, &deadline);
	if (!error && (result || check_names(&follow)))
		error = errno;
	if (is_open)
		netdev_follow_close(&follow);
	errno = result < 0 ? ENOMEM : error;
	return errno ? -1 : 0;
}

/*
 * Bonds and VRFs have no RDMA device, hence the list of all netdevs. What one look finds remains,
 * or whoever renames netdevs all the time could hide it from the others.
 */
static int collect_from(struct audit *audit, size_t namespace)
{
	/* The caller's own namespace needs no privilege as long as it is not entered. */
	const int fd = namespace ? audit->namespaces.list[namespace].fd : -1;
	const int sysfs = sysfs_open(fd);
	int error = 0, result, looks = 0;

	/* Among the netdevs of one namespace there is no collision. */
	if (sysfs < 0 && audit->options->all)
		error = errno;
	do
		result = look(audit, namespace, fd, sysfs);
	while (result && errno == EAGAIN && ++looks < LOOKS_MAX);
	if (result && (!error || errno == ENOMEM))
		error = errno;
	if (sysfs >= 0)
		close(sysfs);
	if (!error)
		return 0;
	errno = error;
	return error == ENOMEM ? -1 :
				 namespaces_unseen(&audit->namespaces, UNSEEN_NETDEVS,
						   audit->namespaces.list[namespace].name, error);
}

static int collect(struct audit *audit)
{
	if (namespaces_netdevs(&audit->namespaces, &audit->lists))
		return -1;
	for (size_t i = 0; i < audit->namespaces.count; i++) {
		if (audit->lists[i] && *audit->lists[i] && collect_from(audit, i))
			return -1;
	}
	return 0;
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
	if (!collect(&audit)) {
		status = report(&audit);
	} else {
		failed("audit: %s", error_text(errno));
		status = STATUS_UNSEEN;
	}
	holders_release(&audit.holders);
	if (audit.lists)
		namespaces_free_netdevs(&audit.namespaces, audit.lists);
	namespaces_release(&audit.namespaces);
	return status;
}
