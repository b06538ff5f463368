// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "endpoint.h"
#include "namespaces.h"
#include "netns_thread.h"
#include "place.h"

struct names {
	const struct peer_options *options;
	struct place *place;
	bool bad_address, bad_netdev;
};

static bool is_number(const char *word)
{
	return *word && word[strspn(word, "0123456789")] == '\0';
}

static void name_commands(struct place *place, const char *options, const char *word,
			  const char *rest)
{
	snprintf(place->enter, sizeof(place->enter), "nsenter %s%s%s ", options, word, rest);
	snprintf(place->ip, sizeof(place->ip), "%sip", place->enter);
}

static void name_commands_by_process(struct place *place, pid_t pid)
{
	char word[16];

	snprintf(word, sizeof(word), "%d", pid);
	name_commands(place, "-t ", word, " -n");
}

/* As other commands call it after a container, or after what holds it. */
static int open_container(const char *word, struct place *place)
{
	struct namespaces namespaces;
	int fd = -1;

	errno = ENOENT;
	if (!strchr(word, ':') || namespaces_find(&namespaces, NAMESPACES_OF_PROCESSES))
		return -1;
	for (size_t i = 0; i < namespaces.count && fd < 0; i++) {
		const struct namespace *namespace = &namespaces.list[i];

		if (strcmp(namespace->name, word))
			continue;
		fd = fcntl(namespace->fd, F_DUPFD_CLOEXEC, 0);
		name_commands_by_process(place, namespace->leader.pid);
	}
	namespaces_release(&namespaces);
	errno = ENOENT;
	return fd;
}

/* A name of ip netns, a path, a process, or a container. */
static int open_netns(const char *command, const char *word, struct place *place)
{
	const bool is_path = strchr(word, '/');
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s%s", is_path ? "" : NETNS_FOLDER "/", word);
	if (is_path) {
		name_commands(place, "--net=", word, "");
	} else {
		snprintf(place->enter, sizeof(place->enter), "ip netns exec %s ", word);
		snprintf(place->ip, sizeof(place->ip), "ip -n %s", word);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT && is_number(word)) {
		snprintf(path, sizeof(path), "/proc/%s/ns/net", word);
		name_commands(place, "-t ", word, " -n");
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0 && errno == ENOENT)
		fd = open_container(word, place);
	if (fd < 0 && errno == ENOENT && is_number(word) && is_proc_missing())
		failed("%s: cannot open network namespace '%s': %s", command, word,
		       error_text(errno));
	else if (fd < 0 && errno == ENOENT)
		failed("%s: no network namespace '%s': 'ip netns' lists names; a path, a process ID and "
		       "a container's name are understood as well",
		       command, word);
	else if (fd < 0)
		failed("%s: cannot open network namespace '%s': %s", command, word,
		       strerror(errno));
	return fd;
}

static void look_up(void *data)
{
	struct names *names = data;
	const struct peer_options *options = names->options;
	struct place *place = names->place;

	if (options->address)
		names->bad_address = !address_parse(options->address, &place->address);
	else
		place->address.ss_family = AF_INET6;
	if (options->netdev) {
		place->ifindex = if_nametoindex(options->netdev);
		names->bad_netdev = !place->ifindex;
	}
}

static int tell_error(const char *command, const char *netns, int error)
{
	if (error == EPERM)
		return failed(
			"%s: no permission to enter network namespace '%s': this requires "
			"CAP_SYS_ADMIN, which root has",
			command, netns);
	if (error == EINVAL)
		return failed("%s: '%s' is not a network namespace: 'ip netns' lists names", command, netns);
	return failed("%s: cannot enter network namespace '%s': %s", command, netns,
		      strerror(error));
}

int place_find(const char *command, const struct peer_options *options, struct place *place)
{
	struct names names = { .options = options, .place = place };

	memset(place, 0, sizeof(*place));
	strcpy(place->ip, "ip");
	place->netns_fd = options->netns ? open_netns(command, options->netns, place) : -1;
	if (options->netns && place->netns_fd < 0)
		return STATUS_FAILED;
	if (netns_thread_run(place->netns_fd, look_up, &names))
		return tell_error(command, options->netns, errno);
	if (names.bad_address)
		return usage_error(
			"%s: '%s' is not an IP address, or its %%NETDEV is not in this namespace",
			command, options->address);
	if (names.bad_netdev)
		return failed("%s: there is no netdev '%s' in %s: 'rdma-ns -A netdevs' shows where "
			      "it is",
			      command, options->netdev,
			      options->netns ? options->netns : "this namespace");
	address_set_port(&place->address, options->port);
	return STATUS_OK;
}

int place_is_exclusive(const char *command, const struct peer_options *options)
{
	return failed("%s: each RDMA device belongs to one network namespace here: run this there ('ip "
		      "netns exec %s rdma-ns %s ...'), or 'rdma system set netns shared'",
		      command, options->netns, command);
}

struct rdma_cm_id *place_new_id(const char *command, const struct peer_options *options,
				const struct place *place)
{
	const struct rdma_ns_id_opts opts = {
		.size = sizeof(opts),
		.flags = options->netns ? RDMA_NS_ID_NETNS_FD : 0,
		.netns_fd = options->netns ? place->netns_fd : 0,
		.ifindex = place->ifindex,
		.policy = options->policy,
	};
	struct rdma_cm_id *id;

	if (!rdma_ns_create_id(place->channel, &id, NULL,
			       options->datagram ? RDMA_PS_UDP : RDMA_PS_TCP, &opts))
		return id;
	if (errno == ENODEV && options->netdev)
		failed("%s: netdev '%s' no longer exists", command, options->netdev);
	else
		failed("%s: cannot create an RDMA CM id: %s", command, error_text(errno));
	return NULL;
}

int place_open(const char *command, const struct peer_options *options, struct place *place,
	       struct rdma_cm_id **id)
{
	int status;

	*id = NULL;
	status = place_find(command, options, place);
	if (status)
		goto close;
	status = STATUS_FAILED;
	place->channel = endpoint_channel(command);
	if (!place->channel)
		goto close;
	*id = place_new_id(command, options, place);
	if (*id)
		return STATUS_OK;
close:
	place_close(place);
	return status;
}

bool place_device(const struct place *place, char device[RDMA_NS_DEVICE_NAME_MAX], uint32_t *port)
{
	struct rdma_ns_netdev **list;
	bool found = false;

	if (netdevs_of(place->netns_fd, &list) < 0)
		return false;
	for (struct rdma_ns_netdev **netdev = list; *netdev && !found; netdev++) {
		found = (*netdev)->port && netdev_has_address(*netdev, &place->address);
		if (!found)
			continue;
		memcpy(device, (*netdev)->device, RDMA_NS_DEVICE_NAME_MAX);
		*port = (*netdev)->port;
	}
	rdma_ns_free_netdevs(list);
	return found;
}

void place_close(struct place *place)
{
	if (place->channel)
		rdma_destroy_event_channel(place->channel);
	if (place->netns_fd >= 0)
		close(place->netns_fd);
	place->channel = NULL;
	place->netns_fd = -1;
}
