// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <string.h>

#include "link_list.h"
#include "netdev_follow.h"

#define DUMPS_MAX 4 /* whatever comes or goes meanwhile disturbs one */
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

struct dump {
	struct netdev_table *table;
	const struct netdev_choice *choice;
};

static int apply_chosen(const struct nlmsghdr *header, void *data)
{
	const struct dump *dump = data;
	struct netdev_message message;

	netdev_message_parse(header, &message);
	if (message.kind == NETDEV_MESSAGE_LINK &&
	    !dump->choice->wanted(&message.link, dump->choice->context))
		return 0;
	return apply(header, dump->table);
}

static void make_request(struct rtnetlink_request *request, uint16_t type, int32_t number)
{
	const bool links = type == RTM_GETLINK;

	if (links)
		link_request_init(request);
	else
		rtnetlink_request_init(request, type, sizeof(struct ifaddrmsg));
	request->header.nlmsg_flags = NLM_F_DUMP;
	if (number >= 0)
		rtnetlink_request_add(request, links ? IFLA_TARGET_NETNSID : IFA_TARGET_NETNSID,
				      &number, sizeof(number));
}

/* Returns -1 and EINTR if all dumps were disturbed. Each may lack the same ones. */
static int ask(struct netlink *netlink, uint16_t type, struct dump *dump)
{
	const int32_t number = dump->choice ? dump->choice->namespace_number : -1;
	struct rtnetlink_request request;
	int result = -1;

	errno = EINTR;
	for (int i = 0; i < DUMPS_MAX && result && errno == EINTR; i++) {
		make_request(&request, type, number);
		if (dump->choice)
			result = netlink_request(netlink, &request.header, apply_chosen, dump);
		else
			result = netlink_request(netlink, &request.header, apply, dump->table);
	}
	return result;
}

static int list_links(struct netlink *netlink, struct dump *dump)
{
	if (!dump->choice)
		return link_list(netlink, apply, dump->table);
	if (dump->choice->namespace_number < 0)
		return link_list(netlink, apply_chosen, dump);
	return ask(netlink, RTM_GETLINK, dump);
}

/* If there are changes all the time, what all dumps have shown together has to be enough. */
static int tolerate(struct netdev_table *table, int result)
{
	if (!result || errno != EINTR)
		return result;
	table->incomplete = true;
	return 0;
}

int netdev_dump_chosen(struct netlink *netlink, struct netdev_table *table,
		       const struct netdev_choice *choice)
{
	struct dump dump = { .table = table, .choice = choice };

	netdev_table_begin_dump(table);
	if (tolerate(table, list_links(netlink, &dump)) ||
	    tolerate(table, ask(netlink, RTM_GETADDR, &dump)))
		return -1;
	netdev_table_end_dump(table);
	return 0;
}

int netdev_dump(struct netlink *netlink, struct netdev_table *table)
{
	return netdev_dump_chosen(netlink, table, NULL);
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
