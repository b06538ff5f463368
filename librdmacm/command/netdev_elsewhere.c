// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "link_list.h"
#include "netdev_elsewhere.h"

#define SPOTS_MAX 256 /* netdevs that are asked for */
#define TRIES_MAX 10  /* a netdev that comes or goes disturbs a dump */
#define OWN_NAMESPACE (-1)

/* Where a netdev is: the number of the namespace is that in the socket's own. */
struct spot {
	uint32_t ifindex; /* 0: there is none */
	int32_t number;
};

/* From what has been moved away down to what is below. */
struct search {
	struct netlink *queries;
	struct spot list[SPOTS_MAX];
	size_t count;
	bool too_many;
	bool found;
};

/* What one netdev is like, and what is below it. */
struct answer {
	uint32_t ifindex, master;
	uint16_t type;
	bool hides;  /* it may be above any, in whatever namespace */
	bool covers; /* it may be above any of its own namespace */
	bool is_end; /* nothing is below it, nor is it any other's master */
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
	answer->ifindex = (uint32_t)message->ifi_index;
	answer->type = message->ifi_type;
	answer->master = number_of(attributes[IFLA_MASTER]);
	if (!attributes[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, attributes[IFLA_LINKINFO], NULL) ||
	    !info[IFLA_INFO_KIND]) {
		answer->is_end = true;
		return true;
	}
	answer->is_end = !nla_strcmp(info[IFLA_INFO_KIND], "veth") ||
			 !nla_strcmp(info[IFLA_INFO_KIND], "tun");
	/* It never says in which namespace the netdev below it is. */
	answer->hides = !nla_strcmp(info[IFLA_INFO_KIND], "rmnet");
	/* These say in words of their own what is below, and are never moved. */
	answer->covers = !nla_strcmp(info[IFLA_INFO_KIND], "hsr") ||
			 !nla_strcmp(info[IFLA_INFO_KIND], "amt") ||
			 !nla_strcmp(info[IFLA_INFO_KIND], "virt_wifi");
	answer->below = (struct spot){ ifindex_below(attributes[IFLA_LINK], info), number };
	if (attributes[IFLA_LINK_NETNSID] && nla_len(attributes[IFLA_LINK_NETNSID]) >= 4)
		answer->below.number = (int32_t)nla_get_u32(attributes[IFLA_LINK_NETNSID]);
	return true;
}

static void add(struct search *search, const struct spot *spot)
{
	/* Often they are many above one. */
	for (size_t i = 0; i < search->count; i++) {
		if (search->list[i].ifindex == spot->ifindex &&
		    search->list[i].number == spot->number)
			return;
	}
	if (search->count == SPOTS_MAX)
		search->too_many = true;
	else
		search->list[search->count++] = *spot;
}

static int take_moved(const struct nlmsghdr *header, void *data)
{
	struct search *search = data;
	struct answer answer;

	if (!parse(header, OWN_NAMESPACE, &answer))
		return 0;
	search->found |= answer.hides;
	if (answer.below.ifindex && answer.below.number != OWN_NAMESPACE)
		add(search, &answer.below);
	return 0;
}

struct question {
	struct search *search;
	struct spot spot;
	bool is_ipoib;
};

static int take_netdev(const struct nlmsghdr *header, void *data)
{
	struct question *question = data;
	struct answer answer;

	if (!parse(header, question->spot.number, &answer))
		return 0;
	question->is_ipoib = answer.type == ARPHRD_INFINIBAND;
	question->search->found |= question->is_ipoib || answer.hides || answer.covers;
	if (answer.below.ifindex)
		add(question->search, &answer.below);
	return 0;
}

/* A VRF, for one, is above its ports. A bridge may have very many that lead nowhere. */
static int take_port(const struct nlmsghdr *header, void *data)
{
	struct question *question = data;
	struct answer answer;

	if (!parse(header, question->spot.number, &answer) ||
	    answer.master != question->spot.ifindex)
		return 0;
	if (answer.type == ARPHRD_INFINIBAND)
		question->search->found = true;
	else if (!answer.is_end)
		add(question->search, &(struct spot){ answer.ifindex, question->spot.number });
	return 0;
}

/* @ifindex: 0: all. @master: 0: any. */
static int request(struct netlink *queries, int32_t number, uint32_t ifindex, uint32_t master,
		   netlink_handler handler, void *data)
{
	struct rtnetlink_request request;

	link_request_init(&request)->ifi_index = (int)ifindex;
	request.header.nlmsg_flags = ifindex ? 0 : NLM_F_DUMP;
	if (number != OWN_NAMESPACE)
		rtnetlink_request_add(&request, IFLA_TARGET_NETNSID, &number, sizeof(number));
	if (master)
		rtnetlink_request_add(&request, IFLA_MASTER, &master, sizeof(master));
	return netlink_request(queries, &request.header, handler, data);
}

/* Returns an errno; EAGAIN if all dumps were disturbed, so that even the last may lack some. */
static int dump_ports(struct netlink *queries, int32_t number, uint32_t master, void *data)
{
	for (int i = 0; i < TRIES_MAX; i++) {
		if (!request(queries, number, 0, master, take_port, data))
			return 0;
		if (errno != EINTR)
			return errno;
	}
	return EAGAIN;
}

/* Returns an errno. */
static int look_at(struct search *search, const struct spot *spot)
{
	struct question question = { .search = search, .spot = *spot };
	int error = 0;

	if (request(search->queries, spot->number, spot->ifindex, 0, take_netdev, &question))
		error = errno;
	else if (!question.is_ipoib)
		error = dump_ports(search->queries, spot->number, spot->ifindex, &question);
	/* One that has gone meanwhile has nothing above it either. */
	if (error == ENODEV)
		return 0;
	/* Its namespace has gone, or the number is another one's by now. */
	return error == EINVAL ? EAGAIN : error;
}

int netdev_elsewhere_check(struct netlink *queries)
{
	struct search search = { .queries = queries };
	int error = link_list(queries, take_moved, &search) ? errno : 0;

	/* Even all of its dumps together may lack some. */
	if (error == EINTR)
		error = EAGAIN;
	for (size_t i = 0; i < search.count && !search.found; i++) {
		const struct spot spot = search.list[i];
		const int result = look_at(&search, &spot);

		if (result)
			error = result;
	}
	if (search.found)
		error = EXDEV;
	else if (!error && search.too_many)
		error = ETIME;
	errno = error;
	return error ? -1 : 0;
}
