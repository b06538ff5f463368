// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns show: RDMA CM ids with their processes, namespaces and netdevs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "address.h"
#include "cm_ids.h"
#include "listeners.h"
#include "namespace_holders.h"
#include "netns_output.h"

enum {
	STATE,
	SPACE,
	LOCAL,
	PEER,
	DEVICE,
	PORT,
	QPN,
	PID,
	COMMAND,
	NETNS,
	NETDEV,
	BOUND_TO,
	POLICY
};

static const struct output_column columns[] = {
	[STATE] = { "state", OUTPUT_TEXT },	[SPACE] = { "port_space", OUTPUT_TEXT },
	[LOCAL] = { "local", OUTPUT_TEXT },	[PEER] = { "peer", OUTPUT_TEXT },
	[DEVICE] = { "device", OUTPUT_TEXT },	[PORT] = { "port", OUTPUT_NUMBER },
	[QPN] = { "qpn", OUTPUT_TEXT },		[PID] = { "pid", OUTPUT_NUMBER },
	[COMMAND] = { "command", OUTPUT_TEXT }, [NETNS] = { "netns", OUTPUT_TEXT },
	[NETDEV] = { "netdev", OUTPUT_TEXT },	[BOUND_TO] = { "bound_to", OUTPUT_TEXT },
	[POLICY] = { "policy", OUTPUT_TEXT },
};

static void address_cell(struct output *output, size_t column,
			 const struct sockaddr_storage *address)
{
	char text[ADDRESS_TEXT_MAX];

	if (address->ss_family)
		output_cell(output, column, "%s", address_text(address, text));
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
	char path[64], name[32] = "", text[SAFE_NAME_MAX];
	FILE *file;

	if (!id->pid) {
		if (*id->kernel_name)
			output_cell(output, COMMAND, "[%s]", safe_name(id->kernel_name, text));
		return;
	}
	snprintf(path, sizeof(path), "/proc/%u/comm", id->pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fread(name, 1, sizeof(name) - 1, file) > 1) {
		/* A name may contain line breaks; only the last one does not belong to it. */
		name[strlen(name) - 1] = '\0';
		output_name(output, COMMAND, name);
	}
	fclose(file);
}

/* How many ids have something that may not be seen. */
struct unseen_ids {
	size_t processes; /* whose namespace this is */
	size_t netdevs;	  /* of this namespace */
	size_t listeners; /* not ids, but namespaces that cannot be entered */
};

struct view {
	struct namespaces namespaces;
	struct rdma_ns_netdev ***netdevs; /* of each namespace */
	struct listeners listeners;
	struct unseen_ids unseen;
};

static const struct namespace *find_namespace(const struct view *view, uint64_t inode)
{
	for (size_t i = 0; i < view->namespaces.count; i++) {
		if (view->namespaces.list[i].inode == inode)
			return &view->namespaces.list[i];
	}
	return NULL;
}

/* Only a listener tells its namespace; that of its process is almost always the same. */
static const struct namespace *namespace_of(struct view *view, const struct cm_id *id,
					    const struct listener *listener)
{
	struct stat status;
	char path[64];

	if (listener)
		return &view->namespaces.list[listener->namespace];
	if (!id->pid)
		return NULL;
	snprintf(path, sizeof(path), "/proc/%u/ns/net", id->pid);
	if (!stat(path, &status))
		return find_namespace(view, status.st_ino);
	/* A process that has ended since does not count as unseen. */
	view->unseen.processes += errno != ENOENT && errno != ESRCH;
	return NULL;
}

static void netns_cells(struct output *output, struct view *view, const struct cm_id *id)
{
	const struct listener *listener = NULL;
	const struct namespace *namespace;
	struct rdma_ns_netdev **netdev;

	if (id->state == CM_ID_LISTEN)
		listener = listeners_take(&view->listeners, id);
	if (listener) {
		output_name(output, BOUND_TO, listener->netdev);
		output_cell(output, POLICY, "%s", listener->policy);
	}
	namespace = namespace_of(view, id, listener);
	if (!namespace)
		return;
	netns_output_cells(output, NETNS, namespace);
	netdev = view->netdevs[namespace - view->namespaces.list];
	view->unseen.netdevs += !netdev;
	for (; netdev && *netdev; netdev++) {
		if (!strcmp((*netdev)->device, id->device) &&
		    netdev_has_address(*netdev, &id->source)) {
			output_name(output, NETDEV, (*netdev)->name);
			return;
		}
	}
}

/*
 * In a PID namespace other than the host's, the kernel lists neither the ids of processes outside
 * it nor its own.
 */
static int tell(const struct unseen_ids *unseen)
{
	int status = STATUS_OK;

	if (unseen->processes) {
		failed("show: %zu ids belong to other users' processes, so their namespace and "
		       "netdev are not shown: run it as root",
		       unseen->processes);
		status = STATUS_UNSEEN;
	}
	if (unseen->netdevs) {
		failed("show: %zu ids are in namespaces whose netdevs cannot be listed: run it as "
		       "root of the host",
		       unseen->netdevs);
		status = STATUS_UNSEEN;
	}
	if (unseen->listeners) {
		failed("show: what listeners are bound to, and their policy, cannot be read in %zu "
		       "namespaces: run it as root of the host",
		       unseen->listeners);
		status = STATUS_UNSEEN;
	}
	if (!namespace_holders_is_host_pid()) {
		failed("show: ids of processes outside this PID namespace, and the kernel's own, are not shown: "
		       "run it in the host's PID namespace");
		status = STATUS_UNSEEN;
	}
	return status;
}

static int report(const struct options *options, const struct cm_ids *ids, struct view *view)
{
	struct output output;
	int status;

	output_begin(&output, options, "show", columns, sizeof(columns) / sizeof(columns[0]));
	netns_output_begin(&output, options);
	for (size_t i = 0; i < ids->count; i++) {
		const struct cm_id *id = &ids->list[i];

		output_line(&output);
		output_cell(&output, STATE, "%s", cm_id_state(id->state));
		output_cell(&output, SPACE, "%s", port_space(id->port_space));
		address_cell(&output, LOCAL, &id->source);
		address_cell(&output, PEER, &id->destination);
		output_name(&output, DEVICE, id->device);
		if (id->port)
			output_cell(&output, PORT, "%u", id->port);
		if (id->qpn)
			output_cell(&output, QPN, "0x%06x", id->qpn);
		if (id->pid)
			output_cell(&output, PID, "%u", id->pid);
		command_cell(&output, id);
		netns_cells(&output, view, id);
	}
	status = output_end(&output);
	return status ? status : tell(&view->unseen);
}

int command_show(const struct options *options, int count, char **words)
{
	struct view view = { 0 };
	struct cm_ids ids;
	int status;

	if (count)
		return usage_error("show: unexpected word '%s'", words[0]);
	if (cm_ids_read(&ids)) {
		if (errno == EPROTONOSUPPORT)
			return failed("show: this kernel has no RDMA netlink: load ib_core");
		return failed("show: cannot list RDMA CM ids: %s", strerror(errno));
	}
	if (namespaces_find(&view.namespaces, NAMESPACES_OF_PROCESSES)) {
		status = failed("show: cannot find the network namespaces: %s", error_text(errno));
		goto release_ids;
	}
	if (namespaces_netdevs(&view.namespaces, &view.netdevs)) {
		status = failed("show: %s", error_text(errno));
		goto release;
	}
	if (listeners_read(&view.listeners, &view.namespaces, &view.unseen.listeners)) {
		status = failed("show: %s", error_text(errno));
		goto free_netdevs;
	}
	status = report(options, &ids, &view);
	listeners_release(&view.listeners);
free_netdevs:
	namespaces_free_netdevs(&view.namespaces, view.netdevs);
release:
	namespaces_release(&view.namespaces);
release_ids:
	cm_ids_release(&ids);
	return status;
}
