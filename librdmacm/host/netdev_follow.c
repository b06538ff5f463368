// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "netdev_follow.h"

/* If netdevs come and go all the time, what this many dumps have shown together is enough. */
#define DUMPS_MAX 4
#define LOSSES_MAX 4

static int apply(const struct nlmsghdr *header, void *data)
{
	if (!netdev_table_apply(data, header))
		return 0;
	errno = ENOMEM;
	return -1;
}

static int ignore(const struct nlmsghdr *header, void *data)
{
	(void)header;
	(void)data;
	return 0;
}

static int dump(struct netlink *netlink, uint16_t type, struct netdev_table *table)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info; /* no shorter than ifaddrmsg */
		struct rtattr mask_header;
		uint32_t mask;
	} request;
	int result, i;

	for (i = 0; i < DUMPS_MAX; i++) {
		memset(&request, 0, sizeof(request));
		request.header.nlmsg_type = type;
		request.header.nlmsg_flags = NLM_F_DUMP;
		request.header.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg));
		if (type == RTM_GETLINK) {
			request.header.nlmsg_len = sizeof(request);
			request.mask_header.rta_type = IFLA_EXT_MASK;
			request.mask_header.rta_len = RTA_LENGTH(sizeof(request.mask));
			request.mask = RTEXT_FILTER_SKIP_STATS;
		}
		result = netlink_request(netlink, &request.header, apply, table);
		if (!result || errno != EINTR)
			return result;
	}
	return 0;
}

int netdev_dump(struct netlink *netlink, struct netdev_table *table)
{
	netdev_table_begin_dump(table);
	if (dump(netlink, RTM_GETLINK, table) || dump(netlink, RTM_GETADDR, table))
		return -1;
	netdev_table_end_dump(table);
	return 0;
}

int netdev_follow_open(struct netdev_follow *follow, int netns_fd)
{
	static const unsigned int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
					       RTNLGRP_IPV6_IFADDR, 0 };
	int error;

	memset(follow, 0, sizeof(*follow));
	if (netlink_open(&follow->notifications, NETLINK_ROUTE, netns_fd, groups))
		return -1;
	if (!netlink_open(&follow->queries, NETLINK_ROUTE, netns_fd, NULL))
		return 0;
	error = errno;
	netlink_close(&follow->notifications);
	errno = error;
	return -1;
}

/*
 * Notifications in the queue are older than the dump and, after a loss, lack what followed them: a
 * netdev whose deletion is queued may be back. The queue is therefore emptied first.
 */
static int list_anew(struct netdev_follow *follow)
{
	while (netlink_drain(&follow->notifications, ignore, NULL)) {
		if (errno != ENOBUFS)
			return -1;
	}
	return netdev_dump(&follow->queries, &follow->table);
}

int netdev_follow_update(struct netdev_follow *follow)
{
	for (int losses = 0; losses < LOSSES_MAX; losses++) {
		if (!follow->complete) {
			if (list_anew(follow))
				return -1;
			follow->complete = true;
		}
		if (!netlink_drain(&follow->notifications, apply, &follow->table))
			return 0;
		follow->complete = false;
		if (errno != ENOBUFS)
			return -1;
	}
	return -1;
}

void netdev_follow_close(struct netdev_follow *follow)
{
	netlink_close(&follow->notifications);
	netlink_close(&follow->queries);
	netdev_table_release(&follow->table);
}
