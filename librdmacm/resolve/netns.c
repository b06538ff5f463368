// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "cancel.h"
#include "descriptor.h"
#include "netns.h"
#include "netns_thread.h"

struct netns {
	struct netns *next;
	uint64_t inode;
	int fd;			    /* keeps the inode from being given to another namespace */
	_Atomic unsigned int users; /* changes to and from 0 only under the lock of the list */
	/*
	 * For what follows. Whoever has it is a user, and takes no other lock. A namespace that
	 * changes all the time keeps it long, and must not keep those of others waiting.
	 */
	pthread_mutex_t lock;
	int cancel_state; /* to restore for whoever has it */
	bool open;
	struct resolver resolver;
};

/* Of the list. Under it, locks of namespaces may be taken. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct netns *namespaces;
static uint64_t home; /* inode of the namespace in which the process began */

/* What is done under the lock has cancellation points. */
static int cancel_state; /* to restore for whoever has the lock */

static void take_lock(void)
{
	const int before = cancel_hold();

	pthread_mutex_lock(&lock);
	cancel_state = before;
}

static void release_lock(void)
{
	const int before = cancel_state;

	pthread_mutex_unlock(&lock);
	cancel_restore(before);
}

static void before_fork(void)
{
	take_lock();
	for (struct netns *netns = namespaces; netns; netns = netns->next)
		pthread_mutex_lock(&netns->lock);
}

static void after_fork(void)
{
	for (struct netns *netns = namespaces; netns; netns = netns->next)
		pthread_mutex_unlock(&netns->lock);
	release_lock();
}

/* Otherwise, parent and child would take each other's notifications. */
static void after_fork_in_child(void)
{
	for (struct netns *netns = namespaces; netns; netns = netns->next) {
		if (netns->open)
			resolver_close(&netns->resolver);
		netns->open = false;
	}
	after_fork();
}

__attribute__((constructor)) static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
	home = netlink_netns_inode(-1);
}

static void release(struct netns **at)
{
	struct netns *netns = *at;

	*at = netns->next;
	if (netns->open)
		resolver_close(&netns->resolver);
	close(netns->fd);
	pthread_mutex_destroy(&netns->lock);
	free(netns);
}

/*
 * Sockets and descriptors keep a namespace alive, so none may be kept longer than its last id,
 * except for the process's own namespace. A process that leaves that lets go of it when it first
 * uses another one: to ask where it is whenever an id is destroyed would cost a system call.
 */
static void release_idle(bool left_home)
{
	struct netns **at = &namespaces;

	while (*at) {
		if (!(*at)->users && ((*at)->inode != home || left_home))
			release(at);
		else
			at = &(*at)->next;
	}
}

static struct netns *add(uint64_t inode, int netns_fd)
{
	struct netns *netns = calloc(1, sizeof(*netns));

	if (!netns)
		return NULL;
	netns->inode = inode;
	netns->fd =
		netns_fd < 0 ?
			descriptor_keep(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) :
			fcntl(netns_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (netns->fd < 0) {
		free(netns);
		return NULL;
	}
	pthread_mutex_init(&netns->lock, NULL);
	netns->next = namespaces;
	namespaces = netns;
	return netns;
}

struct netns *netns_get(int netns_fd)
{
	uint64_t inode = netlink_netns_inode(netns_fd);
	struct netns *netns;

	if (!inode)
		return NULL;
	take_lock();
	if (netns_fd < 0 && inode != home)
		release_idle(true);
	for (netns = namespaces; netns && netns->inode != inode; netns = netns->next)
		;
	if (!netns)
		netns = add(inode, netns_fd);
	if (netns)
		netns->users++;
	release_lock();
	return netns;
}

struct netns *netns_ref(struct netns *netns)
{
	if (netns)
		netns->users++;
	return netns;
}

void netns_put(struct netns *netns)
{
	int error = errno;

	if (!netns)
		return;
	take_lock();
	if (!--netns->users)
		release_idle(false);
	release_lock();
	errno = error;
}

uint64_t netns_inode(const struct netns *netns)
{
	return netns->inode;
}

int netns_run(const struct netns *netns, void (*function)(void *data), void *data)
{
	return netns_thread_run(netns->fd, function, data);
}

/* For netns_thread_run(), which needs a thread only for a namespace other than the caller's. */
static int fd_from_here(const void *data)
{
	const struct netns *netns = data;

	return netlink_netns_inode(-1) == netns->inode ? -1 : netns->fd;
}

static void end(struct netns *netns)
{
	const int before = netns->cancel_state;

	pthread_mutex_unlock(&netns->lock);
	cancel_restore(before);
}

/* Get the resolver, locked and ready to be asked. On error, returns NULL and sets errno. */
static struct resolver *begin(struct netns *netns)
{
	const int before = cancel_hold();

	pthread_mutex_lock(&netns->lock);
	netns->cancel_state = before;
	if (netns->open)
		return &netns->resolver;
	if (!resolver_open(&netns->resolver, fd_from_here(netns))) {
		netns->resolver.netns_fd = netns->fd;
		netns->open = true;
		return &netns->resolver;
	}
	end(netns);
	return NULL;
}

int netns_prepare(struct netns *netns)
{
	struct resolver *resolver = begin(netns);
	int status;

	if (!resolver)
		return -1;
	status = resolver_prepare(resolver);
	end(netns);
	return status;
}

int netns_resolve(struct netns *netns, const struct rdma_ns_request *request,
		  struct rdma_ns_resolution *resolution)
{
	struct resolver *resolver = begin(netns);
	int status;

	if (!resolver)
		return -1;
	status = resolver_resolve(resolver, request, resolution);
	end(netns);
	return status;
}

int netns_find_source(struct netns *netns, const struct rdma_ns_request *request,
		      struct resolver_source *source)
{
	struct resolver *resolver = begin(netns);
	int status;

	if (!resolver)
		return -1;
	status = resolver_find_source(resolver, request, source);
	end(netns);
	return status;
}

void netns_probe(struct netns *netns, const struct rdma_ns_request *request,
		 const struct resolver_source *source, bool doubted)
{
	struct resolver *resolver = begin(netns);

	if (!resolver)
		return;
	(doubted ? probe_doubt : probe_use)(&resolver->follow.queries, fd_from_here, netns,
					    &source->neighbour, &request->destination,
					    &request->source);
	end(netns);
}

uint32_t netns_answering_qpn(struct netns *netns, const struct rdma_ns_request *request)
{
	struct resolver *resolver = begin(netns);
	uint32_t qpn;

	if (!resolver)
		return 0;
	qpn = resolver_answering_qpn(resolver, request);
	end(netns);
	return qpn;
}

enum rdma_ns_transport netns_transport(struct netns *netns, const char *device, uint32_t port)
{
	struct resolver *resolver = begin(netns);
	enum rdma_ns_transport transport;

	if (!resolver)
		return RDMA_NS_TRANSPORT_UNKNOWN;
	transport = resolver_transport(resolver, device, port);
	end(netns);
	return transport;
}

/* Returns NULL and sets errno if there is no such netdev now, or if that cannot be told. */
static const struct netdev *find_netdev(struct resolver *resolver, uint32_t ifindex)
{
	const struct netdev *netdev;

	if (resolver_update(resolver))
		return NULL;
	netdev = netdev_table_by_ifindex(&resolver->follow.table, ifindex);
	if (!netdev)
		errno = ENODEV;
	return netdev;
}

int netns_check_netdev(struct netns *netns, uint32_t ifindex)
{
	struct resolver *resolver = begin(netns);
	int status;

	if (!resolver)
		return -1;
	status = find_netdev(resolver, ifindex) ? 0 : -1;
	end(netns);
	return status;
}

int netns_netdev_index(struct netns *netns, const char *name, uint32_t *ifindex)
{
	struct resolver *resolver = begin(netns);
	const struct netdev *netdev;
	int status;

	if (!resolver)
		return -1;
	status = resolver_update(resolver);
	netdev = status ? NULL : netdev_table_by_name(&resolver->follow.table, name);
	if (netdev) {
		*ifindex = netdev->link.ifindex;
	} else if (!status) {
		errno = ENODEV;
		status = -1;
	}
	end(netns);
	return status;
}

void netns_netdev_name(struct netns *netns, uint32_t ifindex, char name[RDMA_NS_NETDEV_NAME_MAX])
{
	struct resolver *resolver = ifindex ? begin(netns) : NULL;
	const struct netdev *netdev = NULL;

	name[0] = '\0';
	if (!resolver)
		return;
	if (!resolver_update(resolver))
		netdev = netdev_table_by_ifindex(&resolver->follow.table, ifindex);
	if (netdev)
		memcpy(name, netdev->link.name, RDMA_NS_NETDEV_NAME_MAX);
	end(netns);
}

/* Returns 0 if there is none. */
static uint32_t scope_id(const struct sockaddr *address)
{
	struct sockaddr_in6 in6;

	if (address->sa_family != AF_INET6)
		return 0;
	memcpy(&in6, address, sizeof(in6));
	return IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr) ? in6.sin6_scope_id : 0;
}

/*
 * Iterate over the netdevs whose addresses an id that is bound to @bound may have: that one and, if
 * it is a VRF, those that belong to it. Of these, only that with the index @scope, unless it is 0.
 */
static const struct netdev *next_source(const struct netdev_table *table,
					const struct netdev *bound, uint32_t scope,
					const struct netdev *previous)
{
	if (!previous)
		return bound;
	if (strcmp(bound->link.kind, "vrf"))
		return NULL;
	if (previous == bound)
		previous = NULL;
	while ((previous = netdev_table_next(table, previous))) {
		if (netdev_vrf(table, previous) == bound &&
		    (!scope || previous->link.ifindex == scope))
			break;
	}
	return previous;
}

static int check_address(struct resolver *resolver, uint32_t ifindex,
			 const struct sockaddr *address)
{
	const struct netdev *bound = find_netdev(resolver, ifindex), *netdev = NULL;
	const struct netdev_table *table = &resolver->follow.table;

	if (!bound)
		return -1;
	while (address_ip(address) &&
	       (netdev = next_source(table, bound, scope_id(address), netdev))) {
		if (netdev_has_ip(table, netdev, address->sa_family, address_ip(address)))
			return 0;
	}
	errno = EADDRNOTAVAIL;
	return -1;
}

int netns_check_address(struct netns *netns, uint32_t ifindex, const struct sockaddr *address)
{
	struct resolver *resolver = begin(netns);
	int status;

	if (!resolver)
		return -1;
	status = check_address(resolver, ifindex, address);
	end(netns);
	return status;
}

static unsigned int common_bits(const uint8_t *one, const uint8_t *other, unsigned int bits)
{
	unsigned int common = 0;

	while (common < bits && !((one[common / 8] ^ other[common / 8]) & (0x80u >> common % 8)))
		common++;
	return common;
}

enum scope { SCOPE_WIDE, SCOPE_LINK, SCOPE_HOST };

static enum scope scope_of(sa_family_t family, const uint8_t *ip)
{
	if (family == AF_INET)
		return ip[0] == IN_LOOPBACKNET ? SCOPE_HOST : SCOPE_WIDE;
	if (address_bytes_link_local(family, ip))
		return SCOPE_LINK;
	return memcmp(ip, &in6addr_loopback, 16) ? SCOPE_WIDE : SCOPE_HOST;
}

struct choice {
	const struct netdev_address *address; /* NULL: none yet */
	unsigned int score;
};

/* Prefer an address of the destination's scope, then of its subnet, then the most similar one. */
static void choose(const struct netdev *netdev, sa_family_t family, const uint8_t *destination,
		   struct choice *best)
{
	const unsigned int bits = family == AF_INET ? 32 : 128;

	for (const struct netdev_address *address = netdev->addresses; address;
	     address = address->next) {
		unsigned int score;

		if (address->ip.family != family || address->ip.unusable ||
		    scope_of(family, address->ip.bytes) != scope_of(family, destination))
			continue;
		score = 1 + common_bits(address->ip.bytes, destination, bits);
		if (score > address->ip.prefix_length)
			score += bits;
		if (score > best->score) {
			best->address = address;
			best->score = score;
		}
	}
}

static int choose_source(struct resolver *resolver, uint32_t ifindex, unsigned int port,
			 const struct sockaddr *destination, struct sockaddr_storage *source)
{
	const struct netdev *bound = find_netdev(resolver, ifindex), *netdev = NULL;
	const uint8_t *ip = address_ip(destination);
	struct choice best = { 0 };

	if (!bound)
		return -1;
	while (ip && (netdev = next_source(&resolver->follow.table, bound, scope_id(destination),
					   netdev)))
		choose(netdev, destination->sa_family, ip, &best);
	if (!best.address) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	memset(source, 0, sizeof(*source));
	source->ss_family = destination->sa_family;
	address_set_port(source, port);
	if (destination->sa_family == AF_INET) {
		memcpy(&((struct sockaddr_in *)source)->sin_addr, best.address->ip.bytes, 4);
	} else {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)source;

		memcpy(&in6->sin6_addr, best.address->ip.bytes, 16);
		if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
			in6->sin6_scope_id = best.address->netdev->link.ifindex;
	}
	return 0;
}

/* The port is in host byte order; 0 means any. */
static int choose_source_of(struct netns *netns, uint32_t ifindex, unsigned int port,
			    const struct sockaddr *destination, struct sockaddr_storage *source)
{
	struct resolver *resolver = begin(netns);
	int status;

	if (!resolver)
		return -1;
	status = choose_source(resolver, ifindex, port, destination, source);
	end(netns);
	return status;
}

int netns_check_source(struct netns *netns, uint32_t ifindex, struct sockaddr **source,
		       const struct sockaddr *destination, struct sockaddr_storage *chosen)
{
	unsigned int port = 0;

	if (!destination) {
		errno = EINVAL;
		return -1;
	}
	if (*source && !address_is_wildcard(*source))
		return netns_check_address(netns, ifindex, *source);
	if (*source)
		port = ntohs(address_port(*source));
	if (choose_source_of(netns, ifindex, port, destination, chosen))
		return -1;
	*source = (struct sockaddr *)chosen;
	return 0;
}
