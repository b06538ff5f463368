// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "address.h"
#include "ingress.h"
#include "neighbour.h"
#include "probe.h"

void neighbour_build_route(sa_family_t family, const void *source, const void *destination,
			   uint32_t oif, struct rtnetlink_request *request)
{
	rtnetlink_request_route(request, family, source, destination);
	if (oif)
		rtnetlink_request_add(request, RTA_OIF, &oif, sizeof(oif));
}

void neighbour_parse_route(const struct nlmsghdr *header, struct neighbour_route *route)
{
	struct nlattr *oif;
	const struct rtmsg *message;

	if (header->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr(header, sizeof(*message)))
		return;
	message = NLMSG_DATA(header);
	route->type = message->rtm_type;
	oif = nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*message), RTA_OIF);
	route->oif = oif && nla_len(oif) >= (int)sizeof(route->oif) ? nla_get_u32(oif) : 0;
	route->gateway =
		nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*message), RTA_GATEWAY) ||
		nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*message), RTA_VIA) ||
		nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*message), RTA_MULTIPATH);
}

void neighbour_build(sa_family_t family, const void *destination, uint32_t ifindex,
		     struct rtnetlink_request *request)
{
	struct ndmsg *neighbour = rtnetlink_request_init(request, RTM_GETNEIGH, sizeof(*neighbour));

	neighbour->ndm_family = (unsigned char)family;
	neighbour->ndm_ifindex = (int)ifindex;
	rtnetlink_request_add_ip(request, NDA_DST, family, destination);
}

uint32_t neighbour_parse(const struct nlmsghdr *header)
{
	const struct ndmsg *neighbour;
	const uint8_t *address;
	struct nlattr *lladdr;

	if (header->nlmsg_type != RTM_NEWNEIGH || !nlmsg_valid_hdr(header, sizeof(*neighbour)))
		return 0;
	neighbour = NLMSG_DATA(header);
	if (!neighbour->ndm_state ||
	    neighbour->ndm_state & (NUD_INCOMPLETE | NUD_FAILED | NUD_NOARP))
		return 0;
	lladdr = nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*neighbour), NDA_LLADDR);
	if (!lladdr || nla_len(lladdr) != NETDEV_LLADDR_MAX)
		return 0;
	address = nla_data(lladdr);
	return (uint32_t)address[1] << 16 | (uint32_t)address[2] << 8 | address[3];
}

static int take_route(const struct nlmsghdr *header, void *data)
{
	neighbour_parse_route(header, data);
	return 0;
}

static int take_neighbour(const struct nlmsghdr *header, void *data)
{
	struct probe *entry = data;

	if (!entry->qpn)
		entry->qpn = neighbour_parse(header);
	if (entry->qpn)
		entry->state = ((const struct ndmsg *)NLMSG_DATA(header))->ndm_state;
	return 0;
}

/* An address of this host has no neighbour entry; the netdev that has it would get the packet. */
static uint32_t own_qpn(const struct netdev_table *table, const struct netdev *netdev,
			sa_family_t family, const void *ip)
{
	const struct netdev_address *address = NULL;

	if (netdev_has_ip(table, netdev, family, ip))
		return netdev->link.qpn;
	while ((address = netdev_table_by_ip(table, family, ip, address))) {
		if (!address->ip.unusable &&
		    netdev_is_ipoib(address->netdev, netdev->link.pkey, address->netdev->link.gid))
			return address->netdev->link.qpn;
	}
	return 0;
}

uint32_t neighbour_qpn(struct netlink *netlink, const struct netdev_table *table,
		       const struct netdev *netdev, const struct sockaddr_storage *source,
		       const struct sockaddr_storage *destination, struct probe *entry)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)destination;
	const sa_family_t family = destination->ss_family;
	const void *ip = address_ip(destination);
	const struct netdev *vrf = netdev_vrf(table, netdev);
	struct rtnetlink_request route_request, request;
	struct neighbour_route route = { 0 };
	uint32_t oif = 0;
	struct netlink_query queries[] = {
		{ .request = &route_request.header, .handler = take_route, .data = &route },
		{ .request = &request.header, .handler = take_neighbour, .data = entry },
	};

	memset(entry, 0, sizeof(*entry));
	if (family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
		oif = netdev->link.ifindex;
	else if (vrf)
		oif = vrf->link.ifindex;
	neighbour_build_route(family, address_ip(source), ip, oif, &route_request);
	/* Except for rare routes, the outgoing netdev is known, so both are asked at once. */
	neighbour_build(family, ip, netdev->link.ifindex, &request);
	if (netlink_ask(netlink, queries, 2) || queries[0].error)
		return 0;
	if (route.type == RTN_LOCAL)
		return own_qpn(table, netdev, family, ip);
	if (route.type != RTN_UNICAST || route.gateway || !route.oif)
		return 0;
	entry->ifindex = route.oif;
	if (route.oif == netdev->link.ifindex)
		return entry->qpn;
	entry->qpn = 0;
	neighbour_build(family, ip, route.oif, &request);
	if (netlink_request(netlink, &request.header, take_neighbour, entry))
		return 0;
	return entry->qpn;
}
