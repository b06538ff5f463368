// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "causes.h"
#include "namespaces.h"
#include "netlink.h"
#include "rtnetlink_message.h"

#define SYSFS "/sys"

const char cause_of_stock_ipoib[] =
	"no extended ib_ipoib is loaded beside the extended rdma_cm: policy verify refuses what a "
	"QPN cannot confirm; where rdma-ns-dkms is installed, 'rdma-ns-kernel status' says why";

bool is_in_subnet(const struct rdma_ns_address *address, sa_family_t family, const uint8_t *other)
{
	const unsigned int whole = address->prefix_length / 8, rest = address->prefix_length % 8;

	if (address->family != family || memcmp(address->bytes, other, whole))
		return false;
	return !rest || !((address->bytes[whole] ^ other[whole]) >> (8 - rest));
}

const char *cause_of_down(struct rdma_ns_netdev *const *list, const struct place *place,
			  char text[CAUSE_MAX])
{
	struct netdev_state netdev = { 0 };

	for (; *list; list++) {
		for (size_t i = 0; !(*list)->up && i < (*list)->addresses_count; i++) {
			if (!is_in_subnet(&(*list)->addresses[i], place->address.ss_family,
					  address_ip(&place->address)))
				continue;
			netdev.ifindex = (*list)->ifindex;
			memcpy(netdev.name, (*list)->name, sizeof(netdev.name));
			return cause_of_state(&netdev, place->ip, *list, SYSFS, text);
		}
	}
	return NULL;
}

static const struct rdma_ns_netdev *find(struct rdma_ns_netdev *const *list, uint32_t ifindex)
{
	for (; *list; list++) {
		if ((*list)->ifindex == ifindex)
			return *list;
	}
	return NULL;
}

static int take_route(const struct nlmsghdr *header, void *data)
{
	uint32_t *ifindex = data;
	struct nlattr *oif;

	if (header->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr(header, sizeof(struct rtmsg)))
		return 0;
	oif = nlmsg_find_attr((struct nlmsghdr *)header, sizeof(struct rtmsg), RTA_OIF);
	if (oif && nla_len(oif) >= (int)sizeof(*ifindex))
		*ifindex = nla_get_u32(oif);
	return 0;
}

uint32_t route_to(int netns_fd, const struct sockaddr_storage *destination)
{
	const sa_family_t family = destination->ss_family;
	struct rtnetlink_request request;
	struct netlink netlink;
	struct rtmsg *message;
	uint32_t ifindex = 0;
	int error;

	if (netlink_open(&netlink, NETLINK_ROUTE, netns_fd, NULL))
		return 0;
	message = rtnetlink_request_init(&request, RTM_GETROUTE, sizeof(*message));
	message->rtm_family = (unsigned char)family;
	message->rtm_dst_len = (unsigned char)(family == AF_INET ? 32 : 128);
	rtnetlink_request_add_ip(&request, RTA_DST, family, address_ip(destination));
	if (netlink_request(&netlink, &request.header, take_route, &ifindex))
		ifindex = 0;
	error = errno;
	netlink_close(&netlink);
	errno = error;
	return ifindex;
}

const char *cause_of_netdev(struct rdma_ns_netdev *const *list, const struct netdev_state *netdev,
			    const struct place *place, const char *how, const char *sysfs,
			    char text[CAUSE_MAX])
{
	const struct rdma_ns_netdev *known = find(list, netdev->ifindex);
	char name[SAFE_NAME_MAX];
	const char *cause;

	if (!netdev->ifindex || netdev->flags & IFF_LOOPBACK)
		return NULL;
	cause = cause_of_state(netdev, place->ip, known, sysfs, text);
	if (cause || known)
		return cause;
	snprintf(
		text, CAUSE_MAX,
		"%s '%.64s', which has no RDMA device: 'rdma-ns netdevs' lists the netdevs that have one",
		how, safe_name(netdev->name, name));
	return "wrong_netdev";
}

bool cause_of_no_path(const struct place *place, char text[CAUSE_MAX])
{
	struct netdev_state netdev = { .ifindex = place->ifindex };
	struct rdma_ns_netdev **list;
	bool found;

	if (cause_of_nodes(text))
		return true;
	if (netdevs_of(place->netns_fd, &list) < 0)
		return false;
	if (!netdev.ifindex)
		netdev.ifindex = route_to(place->netns_fd, &place->address);
	netdev_state_look_up(place->netns_fd, &netdev);
	found = cause_of_netdev(list, &netdev, place,
				place->ifindex ? "the netdev is" : "the route leads through", SYSFS,
				text) ||
		cause_of_down(list, place, text);
	rdma_ns_free_netdevs(list);
	return found;
}

bool cause_of_no_listener(const struct place *place, const struct sockaddr_storage *address,
			  char text[CAUSE_MAX])
{
	struct netdev_state netdev = { .address = address };
	struct rdma_ns_netdev **list;
	bool found = true;

	if (cause_of_nodes(text))
		return true;
	if (address_is_wildcard(address) || netdevs_of(place->netns_fd, &list) < 0)
		return false;
	if (netdev_state_look_up(place->netns_fd, &netdev))
		found = false;
	else if (!netdev.ifindex)
		snprintf(text, CAUSE_MAX,
			 "no netdev of this namespace has this address: 'rdma-ns "
			 "netdevs' lists the netdevs and their addresses");
	else
		found = cause_of_netdev(list, &netdev, place, "the address is on", SYSFS, text);
	rdma_ns_free_netdevs(list);
	return found;
}
