// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "monitor_netdevs.h"
#include "netdev_follow.h"

#define BATCH 1000 /* notifications, after which others get their turn */

/* All namespaces share the queue. */
#define QUEUE_SIZE (16 << 20)

/* A namespace, in the middle of a notification or a list. */
struct scene {
	struct monitor *monitor;
	struct monitor_watch *watch;
};

static bool is_other(const struct monitor_watch *watch, uint32_t ifindex)
{
	for (size_t i = 0; i < watch->others_count; i++) {
		if (watch->others[i] == ifindex)
			return true;
	}
	return false;
}

/* Bonds over IPoIB are of this type as well. */
static bool is_wanted(const struct netdev_link *link, void *context)
{
	return (link->type == ARPHRD_INFINIBAND && link->qpn) || is_other(context, link->ifindex);
}

static const struct monitor_port *port_of(const struct monitor *monitor,
					  const struct netdev_link *link)
{
	for (size_t i = 0; link->qpn && i < monitor->ports_count; i++) {
		if (!memcmp(monitor->ports[i].gid, link->gid, sizeof(link->gid)))
			return &monitor->ports[i];
	}
	return NULL;
}

static bool begin(const struct scene *scene, struct monitor_line *line, const char *event)
{
	struct monitor *monitor = scene->monitor;
	struct monitor_bucket *bucket = &scene->watch->buckets[MONITOR_CHANGES];

	if (!monitor->started || !monitor_bucket_take(&monitor->output, bucket))
		return false;
	monitor_line_begin(line, &monitor->output, event);
	return true;
}

static void put_netdev(const struct scene *scene, struct monitor_line *line,
		       const struct netdev_link *link)
{
	const struct monitor_port *port = port_of(scene->monitor, link);

	monitor_line_name(line, "netdev", link->name);
	monitor_line_netns(line, &scene->watch->namespace);
	monitor_line_number(line, "ifindex", link->ifindex, true);
	monitor_line_name(line, "device", port ? port->device : "");
	monitor_line_number(line, "port", port ? port->number : 0, port);
}

static void tell_netdev(const struct scene *scene, const char *event,
			const struct netdev_link *link, const char *former, uint64_t from)
{
	const struct monitor_filter *filter = &scene->monitor->filter;
	const struct namespace *origin =
		monitor_watches_namespace(&scene->monitor->watches, from);
	struct monitor_line line;

	if (!filter->netdevs || filter->address.ss_family ||
	    !(monitor_wants_netns(filter, &scene->watch->namespace) ||
	      (origin && monitor_wants_netns(filter, origin))) ||
	    !(monitor_wants_netdev(filter, link->name) ||
	      (former && monitor_wants_netdev(filter, former))) ||
	    !begin(scene, &line, event))
		return;
	put_netdev(scene, &line, link);
	if (link->qpn) {
		monitor_line_text(&line, "p_key", "0x%04x", link->pkey);
		monitor_line_text(&line, "qpn", "0x%06x", link->qpn);
	} else {
		monitor_line_text(&line, "p_key", "%s", "");
		monitor_line_text(&line, "qpn", "%s", "");
	}
	monitor_line_flag(&line, "up", link->flags & IFF_UP);
	monitor_line_name(&line, "former_netdev", former ? former : "");
	monitor_line_text(&line, "from_netns", "%s", origin ? origin->name : "");
	monitor_line_number(&line, "from_netns_inode", from, from);
	monitor_line_end(&line);
}

static void tell_address(const struct scene *scene, const char *event,
			 const struct netdev_link *link, const struct netdev_ip *ip)
{
	const struct monitor_filter *filter = &scene->monitor->filter;
	struct monitor_line line;
	char text[TEXT_MAX];

	if (!filter->netdevs || !monitor_wants_netns(filter, &scene->watch->namespace) ||
	    !monitor_wants_netdev(filter, link->name) ||
	    !monitor_wants_address(filter, ip->family, ip->bytes) || !begin(scene, &line, event))
		return;
	monitor_line_text(&line, "address", "%s", ip_text(ip->family, ip->bytes, text));
	monitor_line_number(&line, "prefix_length", ip->prefix_length, true);
	put_netdev(scene, &line, link);
	monitor_line_flag(&line, "unusable", ip->unusable);
	monitor_line_end(&line);
}

/* One with the same link-layer address has left another namespace: from which one, or 0? */
static uint64_t origin_of(struct monitor *monitor, const struct netdev_link *link)
{
	for (size_t i = 0; i < DEPARTURES_MAX; i++) {
		struct monitor_departure *departure = &monitor->departures[i];
		const uint64_t netns = departure->netns;

		if (!netns || memcmp(departure->lladdr, link->lladdr, sizeof(link->lladdr)))
			continue;
		departure->netns = 0;
		return netns;
	}
	return 0;
}

static void tell_new(const struct scene *scene, const struct netdev_link *link)
{
	const uint64_t from = origin_of(scene->monitor, link);

	tell_netdev(scene, from ? "netdev moved" : "netdev added", link, NULL, from);
}

static void tell_gone(const struct scene *scene, const struct netdev_link *link, bool moved)
{
	struct monitor *monitor = scene->monitor;
	struct monitor_departure *departure;

	if (moved) {
		departure = &monitor->departures[monitor->departures_next++ % DEPARTURES_MAX];
		memcpy(departure->lladdr, link->lladdr, sizeof(link->lladdr));
		departure->netns = scene->watch->namespace.inode;
	}
	tell_netdev(scene, moved ? "netdev left" : "netdev removed", link, NULL, 0);
}

static void tell_difference(const struct scene *scene, const struct netdev_link *before,
			    const struct netdev_link *now)
{
	if (strncmp(before->name, now->name, sizeof(now->name)))
		tell_netdev(scene, "netdev renamed", now, before->name, 0);
	if (before->qpn != now->qpn || before->pkey != now->pkey ||
	    memcmp(before->gid, now->gid, sizeof(now->gid)))
		tell_netdev(scene, "netdev changed", now, NULL, 0);
	if ((before->flags ^ now->flags) & IFF_UP)
		tell_netdev(scene, now->flags & IFF_UP ? "netdev up" : "netdev down", now, NULL, 0);
}

static const struct netdev_ip *find_ip(const struct netdev_table *table, const struct netdev_ip *ip)
{
	const struct netdev_address *at = NULL;

	while ((at = netdev_table_by_ip(table, ip->family, ip->bytes, at))) {
		if (at->ip.ifindex == ip->ifindex && at->ip.prefix_length == ip->prefix_length)
			return &at->ip;
	}
	return NULL;
}

static void tell_ip(const struct scene *scene, const struct netdev_link *link,
		    const struct netdev_ip *before, const struct netdev_ip *now)
{
	if (!before)
		tell_address(scene, "address added", link, now);
	else if (before->unusable != now->unusable)
		tell_address(scene, "address changed", link, now);
}

static void take_link(const struct scene *scene, const struct netdev_link *link)
{
	const struct netdev *known =
		netdev_table_by_ifindex(&scene->watch->table, link->ifindex);

	if (!known)
		tell_new(scene, link);
	else
		tell_difference(scene, &known->link, link);
}

static void take_gone(const struct scene *scene, const struct netdev_link *link)
{
	const struct netdev *known =
		netdev_table_by_ifindex(&scene->watch->table, link->ifindex);

	if (known)
		tell_gone(scene, &known->link, link->moved);
}

static void take_ip(const struct scene *scene, const struct netdev_ip *ip, bool gone)
{
	const struct netdev_table *table = &scene->watch->table;
	const struct netdev *netdev = netdev_table_by_ifindex(table, ip->ifindex);
	const struct netdev_ip *known = netdev ? find_ip(table, ip) : NULL;

	if (netdev && !gone)
		tell_ip(scene, &netdev->link, known, ip);
	else if (known)
		tell_address(scene, "address removed", &netdev->link, known);
}

/* A namespace's netdevs go with it. */
static void take_end(struct monitor *monitor, const struct nlmsghdr *header)
{
	struct scene scene = { .monitor = monitor };
	const struct netdev *netdev = NULL;
	struct nlattr *number;

	if (!nlmsg_valid_hdr(header, sizeof(struct rtgenmsg)))
		return;
	number = nlmsg_find_attr((struct nlmsghdr *)header, sizeof(struct rtgenmsg), NETNSA_NSID);
	if (!number || nla_len(number) < 4)
		return;
	scene.watch = monitor_watch_by_number(&monitor->watches, (int32_t)nla_get_u32(number));
	if (!scene.watch || scene.watch->number == OWN_NUMBER)
		return;
	while ((netdev = netdev_table_next(&scene.watch->table, netdev)))
		tell_gone(&scene, &netdev->link, false);
	monitor_watch_end(&monitor->watches, scene.watch);
}

static int take(const struct nlmsghdr *header, struct scene *scene)
{
	struct netdev_message message;
	bool wanted = true;

	netdev_message_parse(header, &message);
	switch (message.kind) {
	case NETDEV_MESSAGE_LINK:
		wanted = is_wanted(&message.link, scene->watch);
		/* Whoever starts containers makes many of these, which are above nothing. */
		scene->monitor->changed |= strcmp(message.link.kind, "veth") != 0;
		if (wanted)
			take_link(scene, &message.link);
		break;
	case NETDEV_MESSAGE_LINK_GONE:
		scene->monitor->changed = true;
		take_gone(scene, &message.link);
		break;
	case NETDEV_MESSAGE_IP:
	case NETDEV_MESSAGE_IP_GONE:
		scene->monitor->changed = true;
		take_ip(scene, &message.ip, message.kind == NETDEV_MESSAGE_IP_GONE);
		break;
	default:
		return 0;
	}
	return wanted ? netdev_table_apply(&scene->watch->table, header) : 0;
}

struct draining {
	struct monitor *monitor;
	unsigned int left;
};

static int take_notification(const struct nlmsghdr *header, void *data)
{
	struct draining *draining = data;
	struct monitor *monitor = draining->monitor;
	const int32_t number = monitor->notifications.namespace_number;
	struct scene scene = { monitor, monitor_watch_by_number(&monitor->watches, number) };

	if (header->nlmsg_type == RTM_NEWNSID || header->nlmsg_type == RTM_DELNSID) {
		/* Others' numbers for each other say nothing here. */
		if (number == OWN_NUMBER && header->nlmsg_type == RTM_DELNSID)
			take_end(monitor, header);
		if (number == OWN_NUMBER)
			monitor->changed = true;
	} else if (!scene.watch) {
		/* It is to be found first. */
		monitor->changed = true;
	} else if (take(header, &scene)) {
		errno = ENOMEM;
		return -1;
	}
	return --draining->left ? 0 : 1;
}

int monitor_netdevs_take(struct monitor *monitor)
{
	struct draining draining = { monitor, BATCH };
	int result;

	result = netlink_drain(&monitor->notifications, take_notification, &draining);
	if (result < 0 && errno == ENOBUFS) {
		monitor->overrun = true;
		return 1;
	}
	return result;
}

/* The table that has been told of, and the one that is true. */
static void tell_changes(const struct scene *scene, const struct netdev_table *now)
{
	const struct netdev_table *before = &scene->watch->table;
	const struct netdev *netdev = NULL, *other;

	while ((netdev = netdev_table_next(before, netdev))) {
		if (!netdev_table_by_ifindex(now, netdev->link.ifindex)) {
			tell_gone(scene, &netdev->link, false);
			continue;
		}
		for (const struct netdev_address *at = netdev->addresses; at; at = at->next) {
			if (!find_ip(now, &at->ip))
				tell_address(scene, "address removed", &netdev->link, &at->ip);
		}
	}
	while ((netdev = netdev_table_next(now, netdev))) {
		other = netdev_table_by_ifindex(before, netdev->link.ifindex);
		if (other)
			tell_difference(scene, &other->link, &netdev->link);
		else
			tell_new(scene, &netdev->link);
		for (const struct netdev_address *at = netdev->addresses; at; at = at->next)
			tell_ip(scene, &netdev->link, find_ip(before, &at->ip), &at->ip);
	}
}

static int list(struct monitor *monitor, struct monitor_watch *watch)
{
	const struct netdev_choice choice = { .namespace_number = watch->number,
					      .wanted = is_wanted,
					      .context = watch };
	const struct scene scene = { monitor, watch };
	struct netdev_table now = { 0 };

	if (netdev_dump_chosen(&monitor->queries, &now, &choice)) {
		netdev_table_release(&now);
		/* It is ending, which will be notified; or it can be listed later. */
		return errno == ENOMEM ? -1 : 0;
	}
	tell_changes(&scene, &now);
	netdev_table_release(&watch->table);
	watch->table = now;
	watch->stale = false;
	return 0;
}

int monitor_netdevs_list(struct monitor *monitor)
{
	struct monitor_watch *watch = monitor->watches.first;

	for (; watch; watch = watch->next) {
		if (watch->stale && !watch->gone && list(monitor, watch))
			return -1;
	}
	return 0;
}

void monitor_netdevs_doubt(struct monitor *monitor)
{
	struct monitor_watch *watch = monitor->watches.first;

	for (; watch; watch = watch->next)
		watch->stale = true;
}

static int learn_port(struct monitor *monitor, const struct rdma_ns_netdev *netdev)
{
	struct monitor_port *ports;

	for (size_t i = 0; i < monitor->ports_count; i++) {
		if (!memcmp(monitor->ports[i].gid, netdev->gid.raw, sizeof(netdev->gid.raw)))
			return 0;
	}
	ports = reallocarray(monitor->ports, monitor->ports_count + 1, sizeof(*ports));
	if (!ports)
		return -1;
	monitor->ports = ports;
	ports += monitor->ports_count++;
	memcpy(ports->gid, netdev->gid.raw, sizeof(ports->gid));
	memcpy(ports->device, netdev->device, sizeof(ports->device));
	ports->number = netdev->port;
	return 0;
}

static int learn_other(struct monitor *monitor, const struct rdma_ns_netdev *netdev)
{
	struct monitor_watch *watch = monitor_watch_by_inode(&monitor->watches, netdev->netns);

	if (!watch || is_other(watch, netdev->ifindex))
		return 0;
	if (watch->others_count == watch->others_room) {
		const size_t room = watch->others_room ? 2 * watch->others_room : 8;
		void *others = reallocarray(watch->others, room, sizeof(*watch->others));

		if (!others)
			return -1;
		watch->others = others;
		watch->others_room = room;
	}
	watch->others[watch->others_count++] = netdev->ifindex;
	/* Perhaps nothing has been notified, such as when the RDMA device came after the netdev. */
	if (!netdev_table_by_ifindex(&watch->table, netdev->ifindex))
		watch->stale = true;
	return 0;
}

/* Those that belong to no RDMA device any more are to be told of. */
static void check_others(struct monitor_watch *watch)
{
	const struct netdev *netdev = NULL;

	while ((netdev = netdev_table_next(&watch->table, netdev)))
		watch->stale |= !is_wanted(&netdev->link, watch);
}

int monitor_netdevs_learn(struct monitor *monitor, const struct looks *looks)
{
	struct monitor_watch *watch;

	/* Where no look was complete, they may only not have been seen. */
	for (watch = monitor->watches.first; watch; watch = watch->next) {
		if (!watch->unseen)
			watch->others_count = 0;
	}
	/* GIDs change with the subnet. */
	monitor->ports_count = 0;
	for (size_t i = 0; i < looks->lists_count; i++) {
		struct rdma_ns_netdev **at = looks->lists[i];

		for (; *at; at++) {
			if ((*at)->transport != RDMA_NS_TRANSPORT_IB) {
				if (learn_other(monitor, *at))
					return -1;
			} else if ((*at)->port && learn_port(monitor, *at)) {
				return -1;
			}
		}
	}
	for (watch = monitor->watches.first; watch; watch = watch->next)
		check_others(watch);
	return 0;
}

int monitor_netdevs_open(struct monitor *monitor, bool all)
{
	static const unsigned int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
					       RTNLGRP_IPV6_IFADDR, RTNLGRP_NSID, 0 };
	static const int on = 1, size = QUEUE_SIZE;
	int error;

	if (netlink_open(&monitor->notifications, NETLINK_ROUTE, -1, groups))
		return -1;
	setsockopt(monitor->notifications.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (netlink_open(&monitor->queries, NETLINK_ROUTE, -1, NULL)) {
		error = errno;
		netlink_close(&monitor->notifications);
		errno = error;
		return -1;
	}
	if (!all || (!netlink_listen_to_all(&monitor->notifications) &&
		     !setsockopt(monitor->queries.fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
				 sizeof(on))))
		return 0;
	error = errno;
	netlink_close(&monitor->notifications);
	netlink_close(&monitor->queries);
	errno = error;
	return -1;
}

void monitor_netdevs_close(struct monitor *monitor)
{
	netlink_close(&monitor->notifications);
	netlink_close(&monitor->queries);
	free(monitor->ports);
	monitor->ports = NULL;
	monitor->ports_count = 0;
}
