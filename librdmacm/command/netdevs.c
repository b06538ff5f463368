// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns netdevs: step 1's table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netns_output.h"

enum {
	DEVICE, PORT, TRANSPORT, NETDEV, IFINDEX, NETNS, KIND, UP, P_KEY, QPN, VLAN, GID, ADDRESSES,
};

static const struct output_column columns[] = {
	[DEVICE] = { "device", OUTPUT_TEXT },	[PORT] = { "port", OUTPUT_NUMBER },
	[TRANSPORT] = { "transport", OUTPUT_TEXT },	[NETDEV] = { "netdev", OUTPUT_TEXT },
	[IFINDEX] = { "ifindex", OUTPUT_NUMBER }, [NETNS] = { "netns", OUTPUT_TEXT },
	[KIND] = { "kind", OUTPUT_TEXT },	[UP] = { "up", OUTPUT_BOOLEAN },
	[P_KEY] = { "p_key", OUTPUT_TEXT },	[QPN] = { "qpn", OUTPUT_TEXT },
	[VLAN] = { "vlan", OUTPUT_NUMBER },	[GID] = { "gid", OUTPUT_TEXT },
	[ADDRESSES] = { "addresses", OUTPUT_LIST },
};

static void addresses_text(const struct rdma_ns_netdev *netdev, struct output *output)
{
	char *list = NULL, text[TEXT_MAX];
	size_t size;
	FILE *stream = open_memstream(&list, &size);

	if (!stream) {
		output->failed = true;
		return;
	}
	for (size_t i = 0; i < netdev->addresses_count; i++) {
		const struct rdma_ns_address *address = &netdev->addresses[i];

		fprintf(stream, "%s%s/%u%s", i ? "\n" : "",
			ip_text(address->family, address->bytes, text), address->prefix_length,
			address->unusable ? " unusable" : "");
	}
	if (fclose(stream))
		output->failed = true;
	else
		output_cell(output, ADDRESSES, "%s", list);
	free(list);
}

static void add(struct output *output, const struct rdma_ns_netdev *netdev,
		const struct namespace *namespace)
{
	char text[TEXT_MAX];

	output_line(output);
	output_name(output, DEVICE, netdev->device);
	if (netdev->port)
		output_cell(output, PORT, "%u", netdev->port);
	output_cell(output, TRANSPORT, "%s", rdma_ns_transport_str(netdev->transport));
	output_name(output, NETDEV, netdev->name);
	output_cell(output, IFINDEX, "%u", netdev->ifindex);
	netns_output_cells(output, NETNS, namespace);
	output_name(output, KIND, netdev->kind);
	output_cell(output, UP, "%s", netdev->up ? "yes" : "no");
	if (netdev->transport == RDMA_NS_TRANSPORT_IB) {
		output_cell(output, P_KEY, "0x%04x", netdev->pkey);
		output_cell(output, QPN, "0x%06x", netdev->qpn);
	}
	if (netdev->vlan)
		output_cell(output, VLAN, "%u", netdev->vlan);
	output_cell(output, GID, "%s", ip_text(AF_INET6, netdev->gid.raw, text));
	addresses_text(netdev, output);
}

int command_netdevs(const struct options *options, int count, char **words)
{
	char device[RDMA_NS_DEVICE_NAME_MAX] = "";
	struct namespaces namespaces;
	struct rdma_ns_netdev ***lists;
	struct output output;
	uint32_t port = 0;
	size_t found = 0;
	int status;

	if (count > 1)
		return usage_error("netdevs: unexpected word '%s'", words[1]);
	if (count && !parse_device(words[0], device, &port))
		return usage_error("netdevs: '%s' is not DEVICE or DEVICE/PORT", words[0]);
	if (namespaces_without_rdma("netdevs"))
		return STATUS_FAILED;
	if (namespaces_find(&namespaces, options->all ? NAMESPACES_ALL : NAMESPACES_OWN))
		return failed("netdevs: cannot find the network namespaces: %s", error_text(errno));
	if (namespaces_netdevs(&namespaces, &lists)) {
		status = failed("netdevs: %s", error_text(errno));
		goto release;
	}
	output_begin(&output, options, "netdevs", columns, sizeof(columns) / sizeof(columns[0]));
	netns_output_begin(&output, options);
	for (size_t i = 0; i < namespaces.count; i++) {
		for (size_t j = 0; lists[i] && lists[i][j]; j++) {
			const struct rdma_ns_netdev *netdev = lists[i][j];

			if ((count && strcmp(netdev->device, device)) ||
			    (port && netdev->port != port))
				continue;
			add(&output, netdev, &namespaces.list[i]);
			found++;
		}
	}
	namespaces_free_netdevs(&namespaces, lists);
	status = output_end(&output);
	if (!status)
		status = namespaces_tell(&namespaces);
	if (!status && count && !found)
		status = failed("netdevs: there is no netdev of '%s' in %s", words[0],
				options->all ? "any namespace: 'rdma link' lists devices and ports" :
					       "this namespace: -A searches all namespaces");
release:
	namespaces_release(&namespaces);
	return status;
}
