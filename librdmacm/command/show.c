// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns show: RDMA CM ids with their processes, namespaces and netdevs. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cm_ids.h"
#include "namespaces.h"
#include "output.h"

enum { STATE, SPACE, LOCAL, PEER, DEVICE, PORT, QPN, PID, COMMAND, NETNS, NETDEV };

static const struct output_column columns[] = {
	[STATE] = { "state", OUTPUT_TEXT },   [SPACE] = { "ps", OUTPUT_TEXT },
	[LOCAL] = { "local", OUTPUT_TEXT },   [PEER] = { "peer", OUTPUT_TEXT },
	[DEVICE] = { "device", OUTPUT_TEXT }, [PORT] = { "port", OUTPUT_NUMBER },
	[QPN] = { "qpn", OUTPUT_TEXT },	      [PID] = { "pid", OUTPUT_NUMBER },
	[COMMAND] = { "command", OUTPUT_TEXT }, [NETNS] = { "netns", OUTPUT_TEXT },
	[NETDEV] = { "netdev", OUTPUT_TEXT },
};

static const void *bytes_of(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET)
		return &((const struct sockaddr_in *)address)->sin_addr;
	return &((const struct sockaddr_in6 *)address)->sin6_addr;
}

static void address_cell(struct output *output, size_t column, const struct sockaddr_storage *address)
{
	/* Both structures have the port in the same place. */
	const unsigned int port = ntohs(((const struct sockaddr_in *)address)->sin_port);
	char text[TEXT_MAX];

	if (address->ss_family)
		output_cell(output, column, address->ss_family == AF_INET ? "%s:%u" : "[%s]:%u",
			    ip_text(address->ss_family, bytes_of(address), text), port);
}

static const char *port_space(uint32_t value)
{
	switch (value) {
	case RDMA_PS_IPOIB:
		return "ipoib";
	case RDMA_PS_IB:
		return "ib";
	case RDMA_PS_TCP:
		return "tcp";
	case RDMA_PS_UDP:
		return "udp";
	default:
		return "unknown";
	}
}

static void command_cell(struct output *output, const struct cm_id *id)
{
	char path[64], name[32] = "";
	FILE *file;

	if (!id->pid) {
		if (*id->kernel_name)
			output_cell(output, COMMAND, "[%s]", id->kernel_name);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%u/comm", id->pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(name, sizeof(name), file)) {
		name[strcspn(name, "\n")] = '\0';
		output_cell(output, COMMAND, "%s", name);
	}
	fclose(file);
}

static bool has_address(const struct rdma_ns_netdev *netdev, const struct sockaddr_storage *wanted)
{
	const size_t length = wanted->ss_family == AF_INET ? 4 : 16;

	for (size_t i = 0; i < netdev->addresses_count; i++) {
		if (netdev->addresses[i].family == wanted->ss_family &&
		    !memcmp(netdev->addresses[i].bytes, bytes_of(wanted), length))
			return true;
	}
	return false;
}

/* The id's own namespace is nobody's to see; that of its process is, and almost always the same. */
static void netns_cells(struct output *output, const struct cm_id *id,
			const struct namespaces *namespaces, struct rdma_ns_netdev ***lists)
{
	struct stat status;
	char path[64];
	size_t i = 0;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", id->pid);
	if (!id->pid || stat(path, &status))
		return;
	while (i < namespaces->count && namespaces->list[i].inode != status.st_ino)
		i++;
	if (i == namespaces->count)
		return;
	output_cell(output, NETNS, "%s", namespaces->list[i].name);
	for (struct rdma_ns_netdev **netdev = lists[i]; netdev && *netdev; netdev++) {
		if (!strcmp((*netdev)->device, id->device) && has_address(*netdev, &id->source)) {
			output_cell(output, NETDEV, "%s", (*netdev)->name);
			return;
		}
	}
}

static int report(const struct options *options, const struct cm_ids *ids,
		  const struct namespaces *namespaces, struct rdma_ns_netdev ***lists)
{
	struct output output;

	output_begin(&output, options, "show", columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < ids->count; i++) {
		const struct cm_id *id = &ids->list[i];

		output_line(&output);
		output_cell(&output, STATE, "%s", cm_id_state(id->state));
		output_cell(&output, SPACE, "%s", port_space(id->port_space));
		address_cell(&output, LOCAL, &id->source);
		address_cell(&output, PEER, &id->destination);
		output_cell(&output, DEVICE, "%s", id->device);
		if (id->port)
			output_cell(&output, PORT, "%u", id->port);
		if (id->qpn)
			output_cell(&output, QPN, "0x%06x", id->qpn);
		if (id->pid)
			output_cell(&output, PID, "%u", id->pid);
		command_cell(&output, id);
		netns_cells(&output, id, namespaces, lists);
	}
	return output_end(&output);
}

int command_show(const struct options *options, int count, char **words)
{
	struct namespaces namespaces;
	struct rdma_ns_netdev ***lists;
	struct cm_ids ids;
	int status;

	if (count)
		return usage_error("show: unexpected word '%s'", words[0]);
	if (cm_ids_read(&ids)) {
		if (errno == EPROTONOSUPPORT)
			return failed("this kernel has no RDMA netlink: load ib_core");
		return failed("cannot list RDMA CM ids: %s", strerror(errno));
	}
	if (namespaces_find(&namespaces, true)) {
		status = failed("cannot find the network namespaces: %s", strerror(errno));
		goto release_ids;
	}
	status = namespaces_netdevs(&namespaces, &lists);
	if (status)
		goto release;
	status = report(options, &ids, &namespaces, lists);
	namespaces_free_netdevs(&namespaces, lists);
release:
	namespaces_release(&namespaces);
release_ids:
	cm_ids_release(&ids);
	return status;
}
