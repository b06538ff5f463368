// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <rdma/rdma_cma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listeners.h"
#include "netns_thread.h"

#define LISTENERS_FILE "/proc/thread-self/net/rdma_cm_listeners"

static bool take_port_space(const char *word, uint32_t *space)
{
	static const struct {
		const char *word;
		uint32_t space;
	} spaces[] = { { "tcp", RDMA_PS_TCP }, { "udp", RDMA_PS_UDP }, { "ipoib", RDMA_PS_IPOIB } };

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		if (strcmp(word, spaces[i].word))
			continue;
		*space = spaces[i].space;
		return true;
	}
	return false;
}

/* The kernel adds a scope to some addresses of IPv6. */
static bool take_address(char *text, uint16_t port, struct sockaddr_storage *address)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;

	text[strcspn(text, "%")] = '\0';
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		return true;
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1)
		return false;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	return true;
}

/* Called in the namespace of the netdev. */
static void name_netdev(int ifindex, char name[IF_NAMESIZE])
{
	if (ifindex && (ifindex < 0 || !if_indextoname((unsigned int)ifindex, name)))
		strcpy(name, LISTENER_NETDEV_GONE);
}

static struct listener *add(struct listeners *listeners)
{
	struct listener *listener;

	if (listeners->count == listeners->room) {
		const size_t room = listeners->room ? 2 * listeners->room : 64;

		listener = reallocarray(listeners->list, room, sizeof(*listener));
		if (!listener)
			return NULL;
		listeners->list = listener;
		listeners->room = room;
	}
	listener = &listeners->list[listeners->count++];
	memset(listener, 0, sizeof(*listener));
	return listener;
}

int listeners_parse(struct listeners *listeners, const char *line, size_t namespace)
{
	char space[8], address[80], policy[LISTENER_POLICY_MAX + 1];
	struct listener found = { .namespace = namespace };
	struct listener *listener;
	unsigned int port;
	int ifindex;

	if (sscanf(line, "%7s %79s %5u %9d %15[a-z] %9u", space, address, &port, &ifindex, policy,
		   &found.pid) != 6 ||
	    port > UINT16_MAX || !take_port_space(space, &found.port_space) ||
	    !take_address(address, (uint16_t)port, &found.address))
		return 0;
	name_netdev(ifindex, found.netdev);
	strcpy(found.policy, policy);
	listener = add(listeners);
	if (!listener)
		return -1;
	*listener = found;
	return 0;
}

struct errand {
	struct listeners *listeners;
	size_t namespace;
	int error;
};

/* Netdevs are named by the namespace that the thread is in. */
static void read_here(void *data)
{
	struct errand *errand = data;
	FILE *file = fopen(LISTENERS_FILE, "re");
	char line[256];

	errand->error = file ? 0 : errno;
	while (file && !errand->error && fgets(line, sizeof(line), file)) {
		if (listeners_parse(errand->listeners, line, errand->namespace))
			errand->error = ENOMEM;
	}
	if (file)
		fclose(file);
}

static uint16_t port_of(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_port :
					       ((const struct sockaddr_in6 *)address)->sin6_port;
}

static int compare_addresses(const struct sockaddr_storage *left,
			     const struct sockaddr_storage *right)
{
	if (left->ss_family != right->ss_family)
		return left->ss_family < right->ss_family ? -1 : 1;
	if (left->ss_family == AF_INET)
		return memcmp(&((const struct sockaddr_in *)left)->sin_addr,
			      &((const struct sockaddr_in *)right)->sin_addr,
			      sizeof(struct in_addr));
	return memcmp(&((const struct sockaddr_in6 *)left)->sin6_addr,
		      &((const struct sockaddr_in6 *)right)->sin6_addr, sizeof(struct in6_addr));
}

static int compare(const void *one, const void *other)
{
	const struct listener *left = one, *right = other;

	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	if (left->port_space != right->port_space)
		return left->port_space < right->port_space ? -1 : 1;
	if (port_of(&left->address) != port_of(&right->address))
		return port_of(&left->address) < port_of(&right->address) ? -1 : 1;
	return compare_addresses(&left->address, &right->address);
}

int listeners_read(struct listeners *listeners, const struct namespaces *namespaces, size_t *unseen)
{
	struct errand errand = { .listeners = listeners };

	memset(listeners, 0, sizeof(*listeners));
	for (size_t i = 0; i < namespaces->count; i++) {
		errand.namespace = i;
		/* The caller's own namespace needs no privilege as long as it is not entered. */
		if (netns_thread_run(i ? namespaces->list[i].fd : -1, read_here, &errand))
			errand.error = errno;
		/* A stock kernel has the file nowhere. */
		if (!i && errand.error == ENOENT)
			return 0;
		if (errand.error == ENOMEM) {
			listeners_release(listeners);
			errno = ENOMEM;
			return -1;
		}
		*unseen += errand.error != 0;
	}
	if (listeners->count)
		qsort(listeners->list, listeners->count, sizeof(*listeners->list), compare);
	return 0;
}

void listeners_release(struct listeners *listeners)
{
	free(listeners->list);
	memset(listeners, 0, sizeof(*listeners));
}

/* The number of the first that is not before @wanted. */
static size_t find(const struct listeners *listeners, const struct listener *wanted)
{
	size_t first = 0, end = listeners->count;

	while (first < end) {
		const size_t middle = first + (end - first) / 2;

		if (compare(&listeners->list[middle], wanted) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

const struct listener *listeners_take(struct listeners *listeners, const struct cm_id *id)
{
	const struct listener wanted = { .pid = id->pid,
					 .port_space = id->port_space,
					 .address = id->source };
	const size_t number = find(listeners, &wanted);
	struct listener *first, *next;

	if (number == listeners->count)
		return NULL;
	first = &listeners->list[number];
	if (compare(first, &wanted))
		return NULL;
	if (strcmp(first->taken_on, id->device)) {
		strcpy(first->taken_on, id->device);
		first->taken = 0;
	}
	if (first->taken == listeners->count - number)
		return NULL;
	next = &first[first->taken];
	if (compare(next, &wanted))
		return NULL;
	first->taken++;
	return next;
}
