// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "netdev_elsewhere.h"
#include "rtnetlink_message.h"

#define LEVELS_MAX 8 /* the kernel allows no more netdevs above each other */
#define BELOW_MAX 64
#define TRIES_MAX 4
#define OWN_NAMESPACE (-1)

/* Where a netdev is: the number of the namespace is that in the socket's own. */
struct spot {
	uint32_t ifindex; /* 0: there is none */
	int32_t number;
};

struct search {
	struct spot list[BELOW_MAX];
	size_t count;
	bool too_many;
};

/* What one netdev is like, and what is below it. */
struct answer {
	uint16_t type;
	struct spot below;
};

static uint32_t number_of(const struct nlattr *attribute)
{
	return attribute && nla_len(attribute) >= 4 ? nla_get_u32(attribute) : 0;
}

/* A veth's peer, for one, is not below it. And a VXLAN says elsewhere what is below. */
static uint32_t ifindex_below(const struct nlattr *link, struct nlattr *const *info)
{
	static const char *const kinds[] = { "macvlan", "macvtap", "ipvlan",
					     "ipvtap",	"vlan",	   "macsec" };
	struct nlattr *data[IFLA_VXLAN_MAX + 1];

	if (!info[IFLA_INFO_KIND])
		return 0;
	if (!nla_strcmp(info[IFLA_INFO_KIND], "vxlan"))
		return info[IFLA_INFO_DATA] && !nla_parse_nested(data, IFLA_VXLAN_MAX,
								 info[IFLA_INFO_DATA], NULL) ?
			       number_of(data[IFLA_VXLAN_LINK]) :
			       0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!nla_strcmp(info[IFLA_INFO_KIND], kinds[i]))
			return number_of(link);
	}
	return 0;
}

/* @number: of the namespace that the netdev is in. */
static bool parse(const struct nlmsghdr *header, int32_t number, struct answer *answer)
{
	struct nlattr *attributes[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];
	const struct ifinfomsg *message = nlmsg_data(header);

	memset(answer, 0, sizeof(*answer));
	if (header->nlmsg_type != RTM_NEWLINK || !nlmsg_valid_hdr(header, sizeof(*message)) ||
	    nlmsg_parse((struct nlmsghdr *)header, sizeof(*message), attributes, IFLA_MAX, NULL))
		return false;
	answer->type = message->ifi_type;
	if (!attributes[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, attributes[IFLA_LINKINFO], NULL))
		return true;
	answer->below = (struct spot){ ifindex_below(attributes[IFLA_LINK], info), number };
	if (attributes[IFLA_LINK_NETNSID] && nla_len(attributes[IFLA_LINK_NETNSID]) >= 4)
		answer->below.number = (int32_t)nla_get_u32(attributes[IFLA_LINK_NETNSID]);
	return true;
}

static int take_all(const struct nlmsghdr *header, void *data)
{
	struct search *search = data;
	struct answer answer;

	if (!parse(header, OWN_NAMESPACE, &answer) || !answer.below.ifindex ||
	    answer.below.number == OWN_NAMESPACE)
		return 0;
	/* Often they are many above one. */
	for (size_t i = 0; i < search->count; i++) {
		if (search->list[i].ifindex == answer.below.ifindex &&
		    search->list[i].number == answer.below.number)
			return 0;
	}
	if (search->count == BELOW_MAX)
		search->too_many = true;
	else
		search->list[search->count++] = answer.below;
	return 0;
}

struct question {
	int32_t number;
	struct answer answer;
};

static int take_one(const struct nlmsghdr *header, void *data)
{
	struct question *question = data;

	(void)parse(header, question->number, &question->answer);
	return 0;
}

static int request(struct netlink *queries, const struct spot *spot, netlink_handler handler,
		   void *data)
{
	const uint32_t mask = RTEXT_FILTER_SKIP_STATS;
	struct rtnetlink_request request;
	struct ifinfomsg *message;

	message = rtnetlink_request_init(&request, RTM_GETLINK, sizeof(*message));
	message->ifi_index = (int)spot->ifindex;
	request.header.nlmsg_flags = spot->ifindex ? 0 : NLM_F_DUMP;
	rtnetlink_request_add(&request, IFLA_EXT_MASK, &mask, sizeof(mask));
	if (spot->number != OWN_NAMESPACE)
		rtnetlink_request_add(&request, IFLA_TARGET_NETNSID, &spot->number,
				      sizeof(spot->number));
	return netlink_request(queries, &request.header, handler, data);
}

/* One that has gone meanwhile has nothing above it either. */
static bool is_above_ipoib(struct netlink *queries, struct spot below)
{
	for (int i = 0; below.ifindex && i < LEVELS_MAX; i++) {
		struct question question = { .number = below.number };

		if (request(queries, &below, take_one, &question))
			return false;
		if (question.answer.type == ARPHRD_INFINIBAND)
			return true;
		below = question.answer.below;
	}
	return false;
}

int netdev_elsewhere_check(struct netlink *queries)
{
	const struct spot all = { 0, OWN_NAMESPACE };
	struct search search = { .count = 0 };
	int result = -1;

	errno = EINTR;
	for (int i = 0; i < TRIES_MAX && result && errno == EINTR; i++)
		result = request(queries, &all, take_all, &search);
	if (result && errno != EINTR)
		return -1;
	for (size_t i = 0; i < search.count; i++) {
		if (!is_above_ipoib(queries, search.list[i]))
			continue;
		errno = EXDEV;
		return -1;
	}
	errno = ETIME;
	return search.too_many ? -1 : 0;
}
