// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipoib_child.h"
#include "link_list.h"
#include "netdev_sysfs.h"
#include "netlink.h"
#include "sysfs.h"

/* A container may make the next one deaf by these, or have it listen to everybody. */
#define IPOIB_FLAGS (IFF_NOARP | IFF_MULTICAST | IFF_PROMISC | IFF_ALLMULTI)

#define TRIES_MAX 10	      /* whoever owns a netdev may change it meanwhile */
#define WATCH_SIZE (64 << 10) /* there may be many at a time */

bool ipoib_is_child(const struct ipoib_netdev *netdev)
{
	return netdev->parent != netdev->ifindex;
}

struct ipoib_identity ipoib_identity_of(const struct ipoib_netdev *netdev)
{
	return (struct ipoib_identity){ .parent = netdev->parent,
					.ifindex = netdev->ifindex,
					.qpn = netdev->qpn,
					.pkey = netdev->pkey,
					.created = netdev->created };
}

static bool is_same_number(uint64_t one, uint64_t other)
{
	return !one || !other || one == other;
}

bool ipoib_is_same(const struct ipoib_identity *one, const struct ipoib_identity *other)
{
	return one->qpn && one->qpn == other->qpn && one->parent == other->parent &&
	       one->pkey == other->pkey && is_same_number(one->created, other->created);
}

struct search {
	const struct ipoib_identity *identity; /* or */
	const char *name; /* or */
	uint32_t ifindex;
	struct ipoib_netdev *found;
};

static void get_u32(const struct nlattr *attribute, uint32_t *value)
{
	if (attribute && nla_len(attribute) == sizeof(*value))
		*value = nla_get_u32(attribute);
}

static void get_u16(const struct nlattr *attribute, uint32_t *value)
{
	if (attribute && nla_len(attribute) == sizeof(uint16_t))
		*value = nla_get_u16(attribute);
}

static void parse_settings(struct nlattr *const *attributes, struct ipoib_settings *settings)
{
	struct nlattr *info[IFLA_INFO_MAX + 1], *data[IFLA_IPOIB_MAX + 1];

	get_u32(attributes[IFLA_MTU], &settings->mtu);
	get_u32(attributes[IFLA_TXQLEN], &settings->queue_length);
	get_u32(attributes[IFLA_GROUP], &settings->group);
	if (!attributes[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, attributes[IFLA_LINKINFO], NULL) ||
	    !info[IFLA_INFO_DATA] ||
	    nla_parse_nested(data, IFLA_IPOIB_MAX, info[IFLA_INFO_DATA], NULL))
		return;
	get_u16(data[IFLA_IPOIB_MODE], &settings->mode);
	get_u16(data[IFLA_IPOIB_UMCAST], &settings->umcast);
}

/* Only IPoIB's own netdevs say that they are of its kind; a child's link is its parent. */
static bool parse(const struct nlmsghdr *header, struct ipoib_netdev *netdev)
{
	struct nlattr *attributes[IFLA_MAX + 1];
	struct netdev_message message;
	const struct nlattr *broadcast;

	netdev_message_parse(header, &message);
	if (message.kind != NETDEV_MESSAGE_LINK || message.link.type != ARPHRD_INFINIBAND ||
	    (*message.link.kind && strcmp(message.link.kind, "ipoib") != 0) ||
	    nlmsg_parse((struct nlmsghdr *)header, sizeof(struct ifinfomsg), attributes, IFLA_MAX,
			NULL))
		return false;
	memset(netdev, 0, sizeof(*netdev));
	netdev->ifindex = netdev->parent = message.link.ifindex;
	memcpy(netdev->name, message.link.name, sizeof(netdev->name));
	netdev->pkey = message.link.pkey;
	netdev->qpn = message.link.qpn;
	memcpy(netdev->lladdr, message.link.lladdr, sizeof(netdev->lladdr));
	if (attributes[IFLA_LINK] && nla_len(attributes[IFLA_LINK]) == sizeof(uint32_t))
		netdev->parent = nla_get_u32(attributes[IFLA_LINK]);
	broadcast = attributes[IFLA_BROADCAST];
	if (broadcast && nla_len(broadcast) == NETDEV_LLADDR_MAX)
		memcpy(netdev->broadcast, nla_data(broadcast), NETDEV_LLADDR_MAX);
	netdev->settings.flags = message.link.flags & IPOIB_FLAGS;
	parse_settings(attributes, &netdev->settings);
	return true;
}

static bool fits(const struct search *search, const struct ipoib_netdev *netdev)
{
	const struct ipoib_identity *identity = search->identity;

	if (search->name)
		return !strcmp(netdev->name, search->name);
	if (!identity)
		return netdev->ifindex == search->ifindex;
	return netdev->parent == identity->parent && netdev->pkey == identity->pkey &&
	       (identity->qpn ? netdev->qpn == identity->qpn :
				netdev->ifindex == identity->ifindex);
}

static int take(const struct nlmsghdr *header, void *data)
{
	const struct search *search = data;
	struct ipoib_netdev netdev;

	if (header->nlmsg_type != RTM_NEWLINK || !parse(header, &netdev) ||
	    !fits(search, &netdev))
		return 0;
	*search->found = netdev;
	return 1;
}

/* Returns as link_list() does. */
static int list_there(int netns_fd, netlink_handler handler, void *data)
{
	struct netlink netlink;
	int result, error;

	if (netlink_open(&netlink, NETLINK_ROUTE, netns_fd, NULL))
		return -1;
	result = link_list(&netlink, handler, data);
	error = errno;
	netlink_close(&netlink);
	errno = error;
	return result;
}

/* Returns whether the netdev has another name by now. */
static bool look_up_created(int netns_fd, struct ipoib_netdev *netdev)
{
	const int sysfs = sysfs_open(netns_fd);
	int error;

	if (sysfs < 0)
		return false;
	netdev->created = netdev_sysfs_created(sysfs, netdev->name, netdev->ifindex);
	error = errno;
	close(sysfs);
	return !netdev->created && error == EAGAIN;
}

static int find(int netns_fd, struct search *search)
{
	int result;

	for (int i = 0; i < TRIES_MAX; i++) {
		result = list_there(netns_fd, take, search);
		if (result != 1 || !look_up_created(netns_fd, search->found))
			break;
	}
	return result;
}

struct children {
	struct ipoib_netdev *list;
	size_t count;
};

static int take_child(const struct nlmsghdr *header, void *data)
{
	struct children *children = data;
	struct ipoib_netdev netdev, *list;

	if (header->nlmsg_type != RTM_NEWLINK || !parse(header, &netdev) ||
	    !ipoib_is_child(&netdev))
		return 0;
	list = reallocarray(children->list, children->count + 1, sizeof(*list));
	if (!list)
		return -1;
	children->list = list;
	list[children->count++] = netdev;
	return 0;
}

int ipoib_list_children(int netns_fd, struct ipoib_netdev **list, size_t *count)
{
	struct children children = { 0 };

	/* One that a repeated listing shows twice does no harm. */
	if (list_there(netns_fd, take_child, &children)) {
		free(children.list);
		return -1;
	}
	*list = children.list;
	*count = children.count;
	return 0;
}

int ipoib_find(int netns_fd, const struct ipoib_identity *identity, struct ipoib_netdev *found)
{
	struct search search = { .identity = identity, .found = found };
	const int result = find(netns_fd, &search);

	if (result == 1 && !is_same_number(identity->created, found->created))
		return 0;
	return result;
}

int ipoib_find_by_name(int netns_fd, const char *name, struct ipoib_netdev *found)
{
	struct search search = { .name = name, .found = found };

	return find(netns_fd, &search);
}

int ipoib_find_by_ifindex(int netns_fd, uint32_t ifindex, struct ipoib_netdev *found)
{
	struct search search = { .ifindex = ifindex, .found = found };

	return find(netns_fd, &search);
}

static int no_answer(const struct nlmsghdr *header, void *data)
{
	(void)header, (void)data;
	return 0;
}

/* Begin a request about a netdev. The messages here are far smaller than libnl's buffer. */
static struct nl_msg *link_message(int type, int flags, uint32_t ifindex, unsigned int change,
				   unsigned int set)
{
	struct ifinfomsg info = { .ifi_index = (int)ifindex, .ifi_change = change,
				  .ifi_flags = set };
	struct nl_msg *message = nlmsg_alloc_simple(type, flags | NLM_F_ACK);

	if (message && nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO)) {
		nlmsg_free(message);
		message = NULL;
	}
	return message;
}

/* Send it from the namespace, and free it. @result: whether it could be written. */
static int send_message(int netns_fd, struct nl_msg *message, int result)
{
	struct netlink netlink;
	int error;

	if (!message || result) {
		nlmsg_free(message);
		errno = ENOMEM;
		return -1;
	}
	result = netlink_open(&netlink, NETLINK_ROUTE, netns_fd, NULL);
	if (!result) {
		result = netlink_request(&netlink, nlmsg_hdr(message), no_answer, NULL);
		error = errno;
		netlink_close(&netlink);
		errno = error;
	}
	error = errno;
	nlmsg_free(message);
	errno = error;
	return result;
}

static struct nl_msg *make_message(const char *name, const struct ipoib_identity *identity)
{
	struct nl_msg *message =
		link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, identity->ifindex, 0, 0);
	struct nlattr *info, *data;

	if (!message || nla_put_string(message, IFLA_IFNAME, name) ||
	    nla_put_u32(message, IFLA_LINK, identity->parent))
		goto fail;
	info = nla_nest_start(message, IFLA_LINKINFO);
	if (!info || nla_put_string(message, IFLA_INFO_KIND, "ipoib"))
		goto fail;
	data = nla_nest_start(message, IFLA_INFO_DATA);
	if (!data || nla_put_u16(message, IFLA_IPOIB_PKEY, identity->pkey))
		goto fail;
	nla_nest_end(message, data);
	nla_nest_end(message, info);
	return message;
fail:
	nlmsg_free(message);
	return NULL;
}

int ipoib_make(const char *name, struct ipoib_identity *identity)
{
	struct ipoib_netdev netdev;
	int result = send_message(-1, make_message(name, identity), 0), error;

	if (result)
		return -1;
	result = ipoib_find(-1, identity, &netdev);
	if (result != 1) {
		error = result ? errno : ENODEV;
		/* Nobody would know it by its QPN. Its ifindex was chosen at random. */
		(void)send_message(-1, link_message(RTM_DELLINK, 0, identity->ifindex, 0, 0), 0);
		errno = error;
		return -1;
	}
	*identity = ipoib_identity_of(&netdev);
	return 0;
}

/* What removes all of a netdev's further names. */
struct names {
	uint32_t ifindex;
	struct nl_msg *message; /* NULL: it has none */
};

static int add_names(struct names *names, const struct nlattr *list)
{
	struct nlattr *nest, *name;
	int rest;

	names->message = link_message(RTM_DELLINKPROP, 0, names->ifindex, 0, 0);
	nest = names->message ? nla_nest_start(names->message, IFLA_PROP_LIST) : NULL;
	if (!nest) {
		errno = ENOMEM;
		return -1;
	}
	/* What has no room in one message is left for the next one. */
	nla_for_each_nested(name, list, rest) {
		if (nla_type(name) == IFLA_ALT_IFNAME &&
		    nla_put(names->message, IFLA_ALT_IFNAME, nla_len(name), nla_data(name)))
			break;
	}
	nla_nest_end(names->message, nest);
	return 0;
}

static int take_names(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *list;
	struct names *names = data;

	if (header->nlmsg_type != RTM_NEWLINK || nlmsg_datalen(header) < (int)sizeof(*info) ||
	    (uint32_t)info->ifi_index != names->ifindex || names->message)
		return 0;
	list = nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*info), IFLA_PROP_LIST);
	return list && nla_len(list) > 0 ? add_names(names, list) : 0;
}

/* They would be in the way of the names of other netdevs. */
static int clear_names(int netns_fd, uint32_t ifindex)
{
	for (int i = 0; i < TRIES_MAX; i++) {
		struct names names = { .ifindex = ifindex };

		if (list_there(netns_fd, take_names, &names) < 0) {
			nlmsg_free(names.message);
			return -1;
		}
		if (!names.message)
			return 0;
		if (send_message(netns_fd, names.message, 0) && errno != ENOENT)
			return -1;
	}
	errno = EAGAIN;
	return -1;
}

int ipoib_move(int from_fd, uint32_t ifindex, int to_fd, const char *name)
{
	int result = -1;

	/* Whoever is in its namespace may add a name at any moment. */
	for (int i = 0; i < TRIES_MAX && result; i++) {
		struct nl_msg *message;

		if (clear_names(from_fd, ifindex))
			return -1;
		message = link_message(RTM_NEWLINK, 0, ifindex, IFF_UP, 0);
		result = message ? nla_put_string(message, IFLA_IFNAME, name) ||
					   nla_put_u32(message, IFLA_NET_NS_FD, (uint32_t)to_fd) :
				   -1;
		result = send_message(from_fd, message, result);
		/* It moves first: under its former name, if only the new one is in use there. */
		if (result && errno == ENODEV && i) {
			errno = EEXIST;
			break;
		}
		if (result && errno != EEXIST)
			break;
	}
	return result;
}

int ipoib_set_lladdr(int netns_fd, uint32_t ifindex, const uint8_t lladdr[NETDEV_LLADDR_MAX],
		     const uint8_t broadcast[NETDEV_LLADDR_MAX])
{
	struct nl_msg *message = link_message(RTM_NEWLINK, 0, ifindex, 0, 0);
	int result = message ? nla_put(message, IFLA_ADDRESS, NETDEV_LLADDR_MAX, lladdr) ||
				       nla_put(message, IFLA_BROADCAST, NETDEV_LLADDR_MAX,
					       broadcast) :
			       -1;

	return send_message(netns_fd, message, result);
}

/* Kernels without connected mode refuse even to leave it as it is. */
static int put_modes(struct nl_msg *message, const struct ipoib_settings *now,
		     const struct ipoib_settings *settings)
{
	struct nlattr *info, *data;

	if (now->mode == settings->mode && now->umcast == settings->umcast)
		return 0;
	info = nla_nest_start(message, IFLA_LINKINFO);
	if (!info || nla_put_string(message, IFLA_INFO_KIND, "ipoib"))
		return -1;
	data = nla_nest_start(message, IFLA_INFO_DATA);
	if (!data ||
	    (now->mode != settings->mode &&
	     nla_put_u16(message, IFLA_IPOIB_MODE, (uint16_t)settings->mode)) ||
	    (now->umcast != settings->umcast &&
	     nla_put_u16(message, IFLA_IPOIB_UMCAST, (uint16_t)settings->umcast)))
		return -1;
	nla_nest_end(message, data);
	nla_nest_end(message, info);
	return 0;
}

int ipoib_restore(int netns_fd, const struct ipoib_netdev *netdev,
		  const struct ipoib_settings *settings)
{
	const struct ipoib_settings *now = &netdev->settings;
	struct nl_msg *message;
	int result = -1;

	if (!settings->mtu)
		return 0;
	message = link_message(RTM_NEWLINK, 0, netdev->ifindex, IPOIB_FLAGS, settings->flags);
	if (message)
		result = put_modes(message, now, settings) ||
			 nla_put_u32(message, IFLA_TXQLEN, settings->queue_length) ||
			 nla_put_u32(message, IFLA_GROUP, settings->group) ||
			 (now->mtu != settings->mtu &&
			  nla_put_u32(message, IFLA_MTU, settings->mtu));
	return send_message(netns_fd, message, result);
}

int ipoib_set_up(int netns_fd, uint32_t ifindex, bool up)
{
	return send_message(netns_fd,
			    link_message(RTM_NEWLINK, 0, ifindex, IFF_UP, up ? IFF_UP : 0), 0);
}

int ipoib_add_address(int netns_fd, uint32_t ifindex, const struct rdma_ns_address *address)
{
	const int length = address->family == AF_INET ? 4 : 16;
	/* The audit has looked for duplicates, and a container must not wait for its address. */
	const struct ifaddrmsg info = { .ifa_family = (uint8_t)address->family,
					.ifa_prefixlen = address->prefix_length,
					.ifa_flags = address->family == AF_INET6 ? IFA_F_NODAD : 0,
					.ifa_index = ifindex };
	struct nl_msg *message =
		nlmsg_alloc_simple(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
	int result = -1;

	if (message && !nlmsg_append(message, (void *)&info, sizeof(info), NLMSG_ALIGNTO))
		result = nla_put(message, IFA_ADDRESS, length, address->bytes) ||
			 nla_put(message, IFA_LOCAL, length, address->bytes);
	if (!result && address->family == AF_INET && address->prefix_length < 31) {
		const uint32_t host = htonl(UINT32_MAX >> address->prefix_length);
		uint32_t broadcast;

		memcpy(&broadcast, address->bytes, sizeof(broadcast));
		result = nla_put_u32(message, IFA_BROADCAST, broadcast | host);
	}
	result = send_message(netns_fd, message, result);
	return result && errno == EEXIST ? 0 : result;
}

static uint32_t qpn_of(const struct nlmsghdr *header)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	const struct nlattr *address;
	const uint8_t *bytes;

	if (!nlmsg_valid_hdr(header, sizeof(*info)) || info->ifi_type != ARPHRD_INFINIBAND)
		return 0;
	address = nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*info), IFLA_ADDRESS);
	if (!address || nla_len(address) != NETDEV_LLADDR_MAX)
		return 0;
	bytes = nla_data(address);
	return (uint32_t)bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

static int take_removal(const struct nlmsghdr *header, void *data)
{
	const struct ipoib_netdev *netdev = data;
	struct netdev_message message;

	netdev_message_parse(header, &message);
	return message.kind == NETDEV_MESSAGE_LINK_GONE && !message.link.moved &&
	       message.link.ifindex == netdev->ifindex && qpn_of(header) == netdev->qpn;
}

int ipoib_delete(int netns_fd, const struct ipoib_netdev *netdev)
{
	static const unsigned int groups[] = { RTNLGRP_LINK, 0 };
	struct ipoib_netdev removed = *netdev;
	struct netlink netlink;
	int result, error;

	if (netlink_open(&netlink, NETLINK_ROUTE, netns_fd, groups))
		return -1;
	result = send_message(netns_fd, link_message(RTM_DELLINK, 0, netdev->ifindex, 0, 0), 0);
	error = errno;
	if (!result && netlink_drain(&netlink, take_removal, &removed) != 1) {
		error = ENODEV;
		result = -1;
	}
	netlink_close(&netlink);
	errno = error;
	return result;
}

int ipoib_watch(struct netlink *watch, int netns_fd)
{
	static const unsigned int groups[] = { RTNLGRP_LINK, 0 };
	static const int size = WATCH_SIZE;

	if (netlink_open(watch, NETLINK_ROUTE, netns_fd, groups))
		return -1;
	/* There is only one of the host, where much may happen. */
	if (netns_fd >= 0)
		setsockopt(watch->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return 0;
}

static int take_sight(const struct nlmsghdr *header, void *data)
{
	return qpn_of(header) == *(const uint32_t *)data;
}

bool ipoib_watch_end(struct netlink *watch, uint32_t qpn)
{
	/* What was lost may have been about it. */
	const bool seen = netlink_drain(watch, take_sight, &qpn) != 0;

	netlink_close(watch);
	return seen;
}
