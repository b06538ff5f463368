// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "monitor_resolution.h"
#include "monitor_trace.h"
#include "report.h"

#define INSTANCES "instances"
#define PREFIX "rdma-ns-"
#define ENABLE "events/cma_ns/enable"

#define BUFFER_KIB "256" /* of each processor */

void monitor_trace_init(struct monitor_trace *trace, const char *root)
{
	memset(trace, 0, sizeof(*trace));
	trace->root = root;
	trace->pipe = -1;
}

static int write_file(const char *folder, const char *name, const char *text)
{
	char path[256];
	int fd, result;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);
	return result;
}

/* One that was killed has left its own behind. The kernel does not remove what is in use. */
static void remove_stale(const struct monitor_trace *trace)
{
	char path[320];
	const struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/" INSTANCES, trace->root);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		pid_t pid;

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)))
			continue;
		pid = atoi(entry->d_name + strlen(PREFIX));
		if (pid <= 0 || !kill(pid, 0) || errno != ESRCH)
			continue;
		snprintf(path, sizeof(path), "%s/" INSTANCES "/%s", trace->root, entry->d_name);
		rmdir(path);
	}
	if (dir)
		closedir(dir);
}

static const char *why_not(const struct monitor_trace *trace)
{
	struct rdma_ns_features features;
	char path[256];

	if (!rdma_ns_query_features(&features, sizeof(features)) && !features.rdma_cm_errno &&
	    features.level != RDMA_NS_LEVEL_KERNEL)
		return "the stock rdma_cm does not tell of them: an extended kernel does";
	snprintf(path, sizeof(path), "%s/" INSTANCES, trace->root);
	if (access(path, F_OK) && errno == ENOENT)
		return "tracefs is not mounted: 'mount -t tracefs tracefs /sys/kernel/tracing'";
	if (errno == EACCES || errno == EPERM)
		return "the trace cannot be read: run it as root of the host";
	return "the tracepoint cma_ns cannot be used";
}

static int open_instance(struct monitor_trace *trace)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/" ENABLE, trace->root);
	if (access(path, W_OK))
		return -1;
	remove_stale(trace);
	snprintf(trace->instance, sizeof(trace->instance), "%.32s/" INSTANCES "/" PREFIX "%d",
		 trace->root, getpid());
	if (mkdir(trace->instance, 0700) && errno != EEXIST) {
		*trace->instance = '\0';
		return -1;
	}
	snprintf(path, sizeof(path), "%s/trace_pipe", trace->instance);
	trace->pipe = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	/*
	 * Without them: a line begins with the name of a process, which chose it; and poll(2) waits
	 * until the buffer is half full.
	 */
	if (trace->pipe >= 0 && !write_file(trace->instance, "options/context-info", "0") &&
	    !write_file(trace->instance, "buffer_percent", "0") &&
	    !write_file(trace->instance, "buffer_size_kb", BUFFER_KIB))
		return 0;
	monitor_trace_off(trace);
	return -1;
}

const char *monitor_trace_on(struct monitor_trace *trace)
{
	if (trace->pipe < 0 && open_instance(trace))
		return why_not(trace);
	if (!write_file(trace->instance, ENABLE, "1"))
		return NULL;
	monitor_trace_off(trace);
	return why_not(trace);
}

void monitor_trace_off(struct monitor_trace *trace)
{
	if (trace->pipe >= 0)
		close(trace->pipe);
	trace->pipe = -1;
	if (!*trace->instance)
		return;
	write_file(trace->instance, ENABLE, "0");
	rmdir(trace->instance);
	*trace->instance = '\0';
}

static bool is_end_wanted(const struct monitor_filter *filter,
			  const struct sockaddr_storage *address)
{
	return address->ss_family && monitor_wants_address(filter, address->ss_family,
							   address_ip(address));
}

static bool is_wanted(const struct monitor_filter *filter,
		      const struct monitor_resolution *resolution,
		      const struct namespace *namespace, const char *netdev)
{
	if (filter->verdict && filter->verdict != (int)resolution->verdict + 1)
		return false;
	if (filter->netns && (!namespace || !monitor_wants_netns(filter, namespace)))
		return false;
	if (filter->netdev && !(*netdev && monitor_wants_netdev(filter, netdev)))
		return false;
	return !filter->address.ss_family || is_end_wanted(filter, &resolution->local) ||
	       is_end_wanted(filter, &resolution->peer);
}

static void put_end(struct monitor_line *line, const char *key,
		    const struct sockaddr_storage *address)
{
	char text[REPORT_MAX];

	monitor_line_text(line, key, "%s",
			  address->ss_family ? report_address(address, text) : "");
}

static void put_qpn(struct monitor_line *line, const char *key, uint32_t qpn)
{
	if (qpn)
		monitor_line_text(line, key, "0x%06x", qpn);
	else
		monitor_line_text(line, key, "%s", "");
}

static void tell(struct monitor *monitor, const struct monitor_resolution *resolution)
{
	struct monitor_watch *watch = monitor_watch_by_inode(&monitor->watches, resolution->netns);
	const struct namespace unknown = { .inode = resolution->netns, .name = (char *)"" };
	const struct netdev *netdev = NULL;
	const char *name;
	struct monitor_line line;
	const enum monitor_subject subject = resolution->verdict == RDMA_NS_REJECT ?
						     MONITOR_REFUSED :
						     MONITOR_ACCEPTED;

	if (!watch && !monitor->all)
		return;
	if (watch)
		netdev = netdev_table_by_ifindex(&watch->table, resolution->ifindex);
	name = netdev ? netdev->link.name : "";
	if (!is_wanted(&monitor->filter, resolution, watch ? &watch->namespace : NULL, name) ||
	    !monitor_bucket_take(&monitor->output,
				 &(watch ? watch->buckets : monitor->buckets)[subject]))
		return;
	monitor_line_begin(&line, &monitor->output, "resolution");
	put_end(&line, "local", &resolution->local);
	put_end(&line, "peer", &resolution->peer);
	monitor_line_text(&line, "verdict", "%s", rdma_ns_verdict_str(resolution->verdict));
	monitor_line_name(&line, "netdev", name);
	monitor_line_netns(&line, watch ? &watch->namespace : &unknown);
	monitor_line_number(&line, "ifindex", resolution->ifindex, resolution->ifindex);
	monitor_line_name(&line, "device", resolution->device);
	monitor_line_number(&line, "port", resolution->port, resolution->port);
	if (resolution->pkey)
		monitor_line_text(&line, "p_key", "0x%04x", resolution->pkey);
	else
		monitor_line_text(&line, "p_key", "%s", "");
	put_qpn(&line, "wanted_qpn", resolution->wanted_qpn);
	put_qpn(&line, "peer_qpn", resolution->peer_qpn);
	monitor_line_text(&line, "decided_by", "%s",
			  rdma_ns_decided_by_str(resolution->decided_by));
	monitor_line_number(&line, "candidates", resolution->candidates, true);
	monitor_line_text(&line, "route", "%s", rdma_ns_route_str(resolution->route));
	monitor_line_text(&line, "route_error", "%s",
			  resolution->route_error ? strerror(abs(resolution->route_error)) : "");
	monitor_line_number(&line, "handling_ifindex", resolution->handling_ifindex,
			    resolution->handling_ifindex);
	monitor_line_text(&line, "rule", "%s", rdma_ns_rule_str(resolution->rule));
	monitor_line_text(&line, "policy", "%s", rdma_ns_policy_str(resolution->policy));
	monitor_line_text(&line, "reason", "%s", resolution->reason);
	monitor_line_end(&line);
}

static void take_line(struct monitor *monitor, struct monitor_trace *trace, char *text)
{
	struct monitor_resolution resolution;

	trace->lost += monitor_resolution_lost(text);
	if (monitor_resolution_parse(text, &resolution))
		tell(monitor, &resolution);
}

static void take_lines(struct monitor *monitor, struct monitor_trace *trace)
{
	char *at = trace->lines, *end;

	trace->lines[trace->length] = '\0';
	while ((end = memchr(at, '\n', trace->length - (size_t)(at - trace->lines)))) {
		*end = '\0';
		if (!trace->skipping)
			take_line(monitor, trace, at);
		trace->skipping = false;
		at = end + 1;
	}
	trace->length -= (size_t)(at - trace->lines);
	memmove(trace->lines, at, trace->length);
	if (trace->length == sizeof(trace->lines) - 1) {
		trace->skipping = true;
		trace->length = 0;
	}
}

static void tell_lost(struct monitor *monitor, struct monitor_trace *trace)
{
	struct monitor_line line;

	if (!trace->lost)
		return;
	monitor_line_begin(&line, &monitor->output, "lost");
	monitor_line_number(&line, "notifications", 0, false);
	monitor_line_number(&line, "resolutions", trace->lost, true);
	monitor_line_end(&line);
	trace->lost = 0;
}

int monitor_trace_take(struct monitor *monitor, struct monitor_trace *trace)
{
	const size_t room = sizeof(trace->lines) - 1 - trace->length;
	ssize_t length;

	if (trace->pipe < 0)
		return 0;
	length = read(trace->pipe, trace->lines + trace->length, room);
	if (length <= 0)
		return 0;
	trace->length += (size_t)length;
	take_lines(monitor, trace);
	tell_lost(monitor, trace);
	return 1;
}
