// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "address.h"
#include "route.h"

void route_build(const struct route_query *query, struct rtnetlink_request *request)
{
	struct rtmsg *route =
		rtnetlink_request_route(request, query->family, query->source, query->destination);
	const uint8_t protocol = IPPROTO_UDP;

	/* The route that matched names the owner of a local address. IPv6 accepts no other flag. */
	route->rtm_flags = RTM_F_FIB_MATCH;
	if (query->family == AF_INET)
		route->rtm_flags |= RTM_F_LOOKUP_TABLE;
	/* Rules may look at these. */
	rtnetlink_request_add(request, RTA_IP_PROTO, &protocol, sizeof(protocol));
	rtnetlink_request_add(request, RTA_SPORT, &query->source_port, sizeof(query->source_port));
	rtnetlink_request_add(request, RTA_DPORT, &query->destination_port,
			      sizeof(query->destination_port));
	if (query->iif)
		rtnetlink_request_add(request, RTA_IIF, &query->iif, sizeof(query->iif));
	else if (query->oif)
		rtnetlink_request_add(request, RTA_OIF, &query->oif, sizeof(query->oif));
}

int route_parse(const struct nlmsghdr *header, struct route_reply *reply)
{
	const struct nlattr *oif;
	const struct rtmsg *route;

	if (header->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr(header, sizeof(*route)))
		return -1;
	route = NLMSG_DATA(header);
	reply->error = 0;
	reply->type = route->rtm_type;
	reply->oif = 0;
	oif = nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*route), RTA_OIF);
	if (oif && nla_len(oif) >= (int)sizeof(reply->oif))
		reply->oif = nla_get_u32(oif);
	return 0;
}

/* Is it an address of the ingress netdev or, unless link-local, of another one in its VRF? */
static bool is_ours(const struct netdev_table *table, const struct netdev *ingress,
		    sa_family_t family, const uint8_t *ip)
{
	const struct netdev_address *address = NULL;

	if (family == AF_INET ? ip[0] == IN_LOOPBACKNET : !memcmp(ip, &in6addr_loopback, 16))
		return true;
	while ((address = netdev_table_by_ip(table, family, ip, address))) {
		if (!address->ip.unusable &&
		    (address_bytes_link_local(family, ip) ?
			     address->netdev == ingress :
			     netdev_vrf(table, address->netdev) == netdev_vrf(table, ingress)))
			return true;
	}
	return false;
}

void route_ask(const struct netdev_table *table, const struct netdev *ingress,
	       const struct sockaddr_storage *source, const struct sockaddr_storage *destination,
	       struct route_query *query, bool *self)
{
	const size_t length = destination->ss_family == AF_INET ? 4 : 16;
	const struct netdev *vrf = netdev_vrf(table, ingress);
	bool link_local;

	memset(query, 0, sizeof(*query));
	query->family = destination->ss_family;
	memcpy(query->source, address_ip(source), length);
	memcpy(query->destination, address_ip(destination), length);
	query->source_port = address_port(source);
	query->destination_port = address_port(destination);
	link_local = address_bytes_link_local(query->family, query->destination);
	/* Route input takes a source of our own for a martian, so this asks as for output. */
	*self = is_ours(table, ingress, query->family, query->source);
	if (!*self && vrf && query->family == AF_INET6 && !link_local)
		/* Unlike in IPv4, it is routed like a packet that arrived on the VRF. */
		query->iif = vrf->link.ifindex;
	else if (!*self)
		query->iif = ingress->link.ifindex;
	else if (link_local)
		query->oif = ingress->link.ifindex;
	else if (vrf)
		query->oif = vrf->link.ifindex;
}

/* Find the netdev that has the address if the kernel names lo or a VRF instead. */
static struct netdev *owner(const struct netdev_table *table, const struct netdev *ingress,
			    const struct route_query *query, uint32_t oif)
{
	struct netdev *netdev = netdev_table_by_ifindex(table, oif);
	struct netdev_address *address = NULL;

	if (!netdev || netdev_has_ip(table, netdev, query->family, query->destination))
		return netdev;
	while ((address = netdev_table_by_ip(table, query->family, query->destination, address))) {
		if (!address->ip.unusable &&
		    netdev_vrf(table, address->netdev) == netdev_vrf(table, ingress))
			return address->netdev;
	}
	return netdev;
}

static enum rdma_ns_route route_of_error(sa_family_t family, int error)
{
	switch (error) {
	case EXDEV:
		return RDMA_NS_ROUTE_RP_FILTER;
	case EHOSTUNREACH:
	case ENETUNREACH:
		return RDMA_NS_ROUTE_NONE;
	case EACCES:
		return RDMA_NS_ROUTE_UNREACHABLE;
	case EINVAL:
		return family == AF_INET ? RDMA_NS_ROUTE_MARTIAN : RDMA_NS_ROUTE_UNREACHABLE;
	default:
		return RDMA_NS_ROUTE_FAILED;
	}
}

static enum rdma_ns_route route_of_type(uint8_t type, bool self)
{
	switch (type) {
	case RTN_LOCAL:
		return self ? RDMA_NS_ROUTE_SELF : RDMA_NS_ROUTE_DELIVERED;
	case RTN_BROADCAST:
	case RTN_MULTICAST:
	case RTN_ANYCAST:
		return RDMA_NS_ROUTE_NOT_UNICAST;
	case RTN_BLACKHOLE:
	case RTN_UNREACHABLE:
	case RTN_PROHIBIT:
		return RDMA_NS_ROUTE_UNREACHABLE;
	default:
		return RDMA_NS_ROUTE_NOT_LOCAL;
	}
}

void route_judge(const struct netdev_table *table, const struct netdev *ingress,
		 const struct route_query *query, bool self, const struct route_reply *reply,
		 struct route_answer *answer)
{
	answer->handling = NULL;
	answer->error = reply->error;
	if (reply->error) {
		answer->route = route_of_error(query->family, reply->error);
		return;
	}
	answer->route = route_of_type(reply->type, self);
	if (answer->route != RDMA_NS_ROUTE_DELIVERED && answer->route != RDMA_NS_ROUTE_SELF)
		return;
	/* Route queries do not look at IFF_UP. */
	answer->handling = owner(table, ingress, query, reply->oif);
	if (!answer->handling || !netdev_is_up(answer->handling))
		answer->route = RDMA_NS_ROUTE_OWNER_DOWN;
}

static int take_route(const struct nlmsghdr *header, void *data)
{
	route_parse(header, data);
	return 0;
}

void route_check(struct netlink *netlink, const struct netdev_table *table,
		 const struct netdev *ingress, const struct sockaddr_storage *source,
		 const struct sockaddr_storage *destination, struct route_answer *answer)
{
	struct route_reply reply = { .error = EBADMSG };
	struct rtnetlink_request request;
	struct route_query query;
	bool self;

	memset(answer, 0, sizeof(*answer));
	if (!netdev_is_up(ingress)) {
		answer->route = RDMA_NS_ROUTE_INGRESS_DOWN;
		return;
	}
	route_ask(table, ingress, source, destination, &query, &self);
	/* IPv6 drops these before route input. */
	if (query.family == AF_INET6 && query.source[0] == 0xff) {
		answer->route = RDMA_NS_ROUTE_MARTIAN;
		return;
	}
	route_build(&query, &request);
	if (netlink_request(netlink, &request.header, take_route, &reply))
		reply.error = errno;
	route_judge(table, ingress, &query, self, &reply, answer);
}
