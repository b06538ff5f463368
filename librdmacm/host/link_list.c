// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/if_link.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdlib.h>

#include "link_list.h"

#define TRIES_MAX 10 /* a netdev that comes or goes disturbs a dump */

struct numbers {
	uint32_t *list;
	size_t count, room;
};

struct listing {
	netlink_handler handler;
	void *data;
	struct numbers seen, all;
	int result, error; /* the handler's about a single netdev */
};

struct ifinfomsg *link_request_init(struct rtnetlink_request *request)
{
	const uint32_t mask = RTEXT_FILTER_SKIP_STATS;
	struct ifinfomsg *message = rtnetlink_request_init(request, RTM_GETLINK, sizeof(*message));

	rtnetlink_request_add(request, IFLA_EXT_MASK, &mask, sizeof(mask));
	return message;
}

static int add(struct numbers *numbers, uint32_t number)
{
	if (numbers->count == numbers->room) {
		const size_t room = numbers->room ? 2 * numbers->room : 64;
		void *list = reallocarray(numbers->list, room, sizeof(*numbers->list));

		if (!list)
			return -1;
		numbers->list = list;
		numbers->room = room;
	}
	numbers->list[numbers->count++] = number;
	return 0;
}

static int take_link(const struct nlmsghdr *header, void *data)
{
	struct listing *listing = data;
	const struct ifinfomsg *info = nlmsg_data(header);

	if (header->nlmsg_type == RTM_NEWLINK && nlmsg_valid_hdr(header, sizeof(*info)) &&
	    add(&listing->seen, (uint32_t)info->ifi_index))
		return -1;
	return listing->handler(header, listing->data);
}

static int take_number(const struct nlmsghdr *header, void *data)
{
	struct listing *listing = data;
	const struct if_stats_msg *info = nlmsg_data(header);

	if (header->nlmsg_type != RTM_NEWSTATS || !nlmsg_valid_hdr(header, sizeof(*info)))
		return 0;
	return add(&listing->all, info->ifindex);
}

/*
 * What is told of each netdev's statistics here is nearly nothing, whoever owns it. That of
 * hundreds fits in one buffer, so that netdevs that come and go hardly ever disturb it.
 */
static int list_numbers(struct netlink *netlink, struct listing *listing)
{
	struct rtnetlink_request request;
	struct if_stats_msg *message;

	listing->all.count = 0;
	message = rtnetlink_request_init(&request, RTM_GETSTATS, sizeof(*message));
	message->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_AF_SPEC);
	request.header.nlmsg_flags = NLM_F_DUMP;
	return netlink_request(netlink, &request.header, take_number, listing);
}

static int compare(const void *a, const void *b)
{
	const uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return one < other ? -1 : one > other;
}

static int take_single(const struct nlmsghdr *header, void *data)
{
	struct listing *listing = data;

	listing->result = listing->handler(header, listing->data);
	listing->error = errno;
	return 0;
}

/* Ask for those that no dump has shown. The answer about a single one has room for it. */
static int ask_for_rest(struct netlink *netlink, struct listing *listing)
{
	const struct numbers seen = listing->seen, *all = &listing->all;
	struct rtnetlink_request request;

	if (seen.count)
		qsort(seen.list, seen.count, sizeof(*seen.list), compare);
	for (size_t i = 0; i < all->count; i++) {
		if (seen.count &&
		    bsearch(&all->list[i], seen.list, seen.count, sizeof(*seen.list), compare))
			continue;
		link_request_init(&request)->ifi_index = (int)all->list[i];
		if (netlink_request(netlink, &request.header, take_single, listing) &&
		    errno != ENODEV)
			return -1;
		if (!listing->result)
			continue;
		errno = listing->error;
		return listing->result;
	}
	return 0;
}

static int dump(struct netlink *netlink, struct listing *listing)
{
	struct rtnetlink_request request;
	bool disturbed;
	int result;

	link_request_init(&request);
	request.header.nlmsg_flags = NLM_F_DUMP;
	errno = 0;
	result = netlink_request(netlink, &request.header, take_link, listing);
	if (result > 0 || (result && errno != EINTR && errno != EMSGSIZE))
		return result;
	disturbed = result;
	result = list_numbers(netlink, listing);
	if (!result)
		return ask_for_rest(netlink, listing);
	/* Kernels that cannot tell them do not know other names either. */
	if (errno != EOPNOTSUPP)
		return -1;
	errno = EINTR;
	return disturbed ? -1 : 0;
}

int link_list(struct netlink *netlink, netlink_handler handler, void *data)
{
	struct listing listing = { .handler = handler, .data = data };
	int result = -1, error;

	errno = EINTR;
	for (int i = 0; i < TRIES_MAX && result < 0 && errno == EINTR; i++)
		result = dump(netlink, &listing);
	error = errno;
	free(listing.seen.list);
	free(listing.all.list);
	errno = error;
	return result;
}
