// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "ns_worlds.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "looks.h"
#include "netdev_follow.h"
#include "netdev_sysfs.h"
#include "sysfs.h"

int __wrap_netdev_follow_open(struct netdev_follow *follow, int netns_fd);
void __wrap_netdev_follow_close(struct netdev_follow *follow);
int __wrap_netdev_dump(struct netlink *netlink, struct netdev_table *table);
int __wrap_netlink_request(struct netlink *netlink, struct nlmsghdr *request,
			   netlink_handler handler, void *data);
int __wrap_netlink_drain(struct netlink *netlink, netlink_handler handler, void *data);
int __wrap_sysfs_open(int netns_fd);
int __wrap_netdev_sysfs_open(int root, const char *name, uint32_t ifindex);
uint64_t __wrap_netdev_sysfs_created(int root, const char *name, uint32_t ifindex);
bool __wrap_netdev_sysfs_is_parent(int root, const char *name, uint32_t ifindex);
int __wrap_netdev_sysfs_uppers(int folder, int (*take)(void *context, uint32_t ifindex),
			       void *context);

#define FOLLOW_FD 2000
#define FOLDER_FD 3000 /* plus WORLD_NETDEVS times the number of a world, plus an ifindex */

struct world worlds[WORLDS];
struct world_script world_script;

/* Whatever may happen between two questions happens now. */
static void moment(void)
{
	world_script.now++;
	while (world_script.change && world_script.now >= world_script.next)
		world_script.change();
}

static struct ns_message *notify(struct world *world)
{
	static struct ns_message unheard;

	if (!world->followed)
		return &unheard;
	if (world->queued == WORLD_QUEUE)
		world->lost = true;
	return world->lost ? &unheard : &world->queue[world->queued++];
}

void world_put_link(int number, const struct ns_link *link)
{
	struct world *world = &worlds[number];

	world->links[link->ifindex] = *link;
	ns_message_link(notify(world), RTM_NEWLINK, link);
}

void world_remove_link(int number, const struct ns_link *link)
{
	struct world *world = &worlds[number];

	world->links[link->ifindex] = (struct ns_link){ 0 };
	ns_message_link(notify(world), RTM_DELLINK, link);
}

/* As the kernel counts: what is there from the start has been there for long. */
static uint32_t created_now(void)
{
	struct timespec now;

	if (!world_script.now)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint32_t)now.tv_sec * 100 + (uint32_t)(now.tv_nsec / 10000000);
}

static void tell_ip(struct ns_message *message, uint16_t type, const struct world_address *at)
{
	ns_message_ip(message, type, at->ifindex, at->address, 24, at->flags);
	ns_message_created(message, at->created);
}

void world_put_ip(int number, const struct ns_link *link, const char *address, uint32_t flags)
{
	struct world *world = &worlds[number];
	int i = 0;

	while (world->addresses[i].address)
		assert_true(++i < WORLD_ADDRESSES);
	world->addresses[i] =
		(struct world_address){ link->ifindex, flags, created_now(), address };
	tell_ip(notify(world), RTM_NEWADDR, &world->addresses[i]);
}

static struct world_address *find_ip(int number, const struct ns_link *link, const char *address)
{
	struct world_address *at = worlds[number].addresses;

	while (at->ifindex != link->ifindex || !at->address || strcmp(at->address, address))
		assert_true(++at < worlds[number].addresses + WORLD_ADDRESSES);
	return at;
}

void world_keep_unusable(int number, const struct ns_link *link, const char *address)
{
	find_ip(number, link, address)->flags = IFA_F_TENTATIVE;
}

void world_remove_ip(int number, const struct ns_link *link, const char *address)
{
	struct world_address *at = find_ip(number, link, address);

	tell_ip(notify(&worlds[number]), RTM_DELADDR, at);
	at->address = NULL;
}

/* The functions that ask the kernel. */

int __wrap_netdev_follow_open(struct netdev_follow *follow, int netns_fd)
{
	const int namespace = netns_fd < 0 ? 0 : netns_fd - WORLD_NETNS_FD;

	moment();
	memset(follow, 0, sizeof(*follow));
	follow->notifications.fd = follow->queries.fd = FOLLOW_FD + namespace;
	worlds[namespace].followed = true;
	return 0;
}

void __wrap_netdev_follow_close(struct netdev_follow *follow)
{
	netdev_table_release(&follow->table);
}

int __wrap_netlink_request(struct netlink *netlink, struct nlmsghdr *request,
			   netlink_handler handler, void *data)
{
	(void)netlink;
	(void)request;
	(void)handler;
	(void)data;
	moment();
	return 0;
}

int __wrap_netlink_drain(struct netlink *netlink, netlink_handler handler, void *data)
{
	struct world *world = &worlds[netlink->fd - FOLLOW_FD];
	int result = 0;

	moment();
	for (size_t i = 0; i < world->queued && !result; i++)
		result = handler(&world->queue[i].header, data);
	world->queued = 0;
	if (result || !world->lost)
		return result;
	world->lost = false;
	errno = ENOBUFS;
	return -1;
}

int __wrap_netdev_dump(struct netlink *netlink, struct netdev_table *table)
{
	struct world *world = &worlds[netlink->fd - FOLLOW_FD];
	struct ns_message message;

	netdev_table_begin_dump(table);
	for (int i = 1; i < WORLD_NETDEVS; i++) {
		moment();
		if (world->links[i].ifindex)
			ns_add_link(table, &world->links[i]);
	}
	for (uint32_t i = 1; i < WORLD_NETDEVS; i++) {
		moment();
		for (int j = 0; j < WORLD_ADDRESSES; j++) {
			if (!world->addresses[j].address || world->addresses[j].ifindex != i)
				continue;
			tell_ip(&message, RTM_NEWADDR, &world->addresses[j]);
			assert_int_equal(netdev_table_apply(table, &message.header), 0);
		}
	}
	netdev_table_end_dump(table);
	table->incomplete = world->disturbed;
	return 0;
}

static void fill_addresses(struct rdma_ns_netdev *netdev, const struct world *world)
{
	struct rdma_ns_address *list = (void *)(netdev + 1);

	netdev->addresses = list;
	for (int i = 0; i < WORLD_ADDRESSES; i++) {
		struct rdma_ns_address *at = &list[netdev->addresses_count];
		const char *address = world->addresses[i].address;

		if (!address || world->addresses[i].ifindex != netdev->ifindex)
			continue;
		at->family = strchr(address, ':') ? AF_INET6 : AF_INET;
		at->prefix_length = 24;
		at->unusable = !!(world->addresses[i].flags & IFA_F_TENTATIVE);
		assert_int_equal(inet_pton(at->family, address, at->bytes), 1);
		netdev->addresses_count++;
	}
}

int netdevs_of(int netns_fd, struct rdma_ns_netdev ***list)
{
	const struct world *world = &worlds[netns_fd < 0 ? 0 : netns_fd - WORLD_NETNS_FD];
	int count = 0;

	*list = calloc(WORLD_NETDEVS, sizeof(**list));
	assert_non_null(*list);
	for (int i = 1; i < WORLD_NETDEVS; i++) {
		const struct ns_link *link = &world->links[i];
		struct rdma_ns_netdev *netdev;

		moment();
		if (!link->qpn)
			continue;
		netdev = calloc(1,
				sizeof(*netdev) + WORLD_ADDRESSES * sizeof(struct rdma_ns_address));
		assert_non_null(netdev);
		netdev->port = 1;
		netdev->transport = RDMA_NS_TRANSPORT_IB;
		netdev->ifindex = link->ifindex;
		netdev->qpn = link->qpn;
		strcpy(netdev->kind, link->kind);
		netdev->pkey = link->pkey;
		memcpy(netdev->gid.raw, link->gid, sizeof(netdev->gid.raw));
		(*list)[count++] = netdev;
	}
	for (int i = 0; i < count; i++) {
		moment();
		fill_addresses((*list)[i], world);
	}
	return count;
}

int __wrap_sysfs_open(int netns_fd)
{
	struct world *world = &worlds[netns_fd < 0 ? 0 : netns_fd - WORLD_NETNS_FD];

	world->sysfs = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(world->sysfs >= 0);
	return world->sysfs;
}

int __wrap_netdev_sysfs_open(int root, const char *name, uint32_t ifindex)
{
	int namespace = 0;

	moment();
	while (worlds[namespace].sysfs != root)
		assert_true(++namespace < WORLDS);
	if (worlds[namespace].links[ifindex].ifindex &&
	    !strcmp(worlds[namespace].links[ifindex].name, name))
		return FOLDER_FD + namespace * WORLD_NETDEVS + (int)ifindex;
	errno = EAGAIN;
	return -1;
}

uint64_t __wrap_netdev_sysfs_created(int root, const char *name, uint32_t ifindex)
{
	(void)root;
	(void)name;
	return ifindex;
}

/* Those of all ports are elsewhere. */
bool __wrap_netdev_sysfs_is_parent(int root, const char *name, uint32_t ifindex)
{
	(void)root;
	(void)name;
	(void)ifindex;
	return false;
}

int __wrap_netdev_sysfs_uppers(int folder, int (*take)(void *context, uint32_t ifindex),
			       void *context)
{
	const int which = folder - FOLDER_FD;
	uint32_t above;

	moment();
	above = worlds[which / WORLD_NETDEVS].above[which % WORLD_NETDEVS];
	return above ? take(context, above) : 0;
}

bool namespaces_late(const struct namespaces *namespaces, unsigned int seconds)
{
	(void)namespaces;
	(void)seconds;
	return false;
}

struct timespec namespaces_deadline(const struct namespaces *namespaces, unsigned int seconds)
{
	return (struct timespec){ .tv_sec = namespaces->start.tv_sec + seconds };
}

/* No namespace is made meanwhile. */
int namespaces_find(struct namespaces *namespaces, enum namespaces_extent extent)
{
	assert_int_equal(extent, NAMESPACES_ALL);
	memset(namespaces, 0, sizeof(*namespaces));
	return 0;
}

void namespaces_release(struct namespaces *namespaces)
{
	(void)namespaces;
}

struct namespace *namespaces_by_inode(const struct namespaces *namespaces, uint64_t inode)
{
	(void)namespaces;
	(void)inode;
	return NULL;
}

int namespaces_unseen(struct namespaces *namespaces, enum unseen kind, const char *name, int error)
{
	(void)name;
	assert_true(error == EAGAIN || error == EADDRINUSE);
	namespaces->unseen[kind]++;
	return 0;
}
