// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Step 2: would a packet with the request's addresses be delivered here if it arrived on the
 * ingress netdev? This asks real route input, so that rules, VRFs, rp_filter and unreachable routes
 * have the same effect as on packets, and then IPsec's policy.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/l3mdev.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "cma_address.h"
#include "cma_ns_compat.h"
#include "cma_route.h"

enum sender {
	SENDER_PEER,
	SENDER_LOOPBACK, /* an id of this namespace, through lo */
	SENDER_WIRE, /* an id of this namespace, over the wire (rules, or a bound netdev) */
	SENDER_FORGED, /* no id of this namespace, though the source is an address of it */
};

/*
 * Is @id sending this very request? Anybody can write source and destination, but until the request
 * is sent only the id knows the number of its first packet. A datagram's request has no such
 * number.
 */
static bool cma_ns_sends(const struct rdma_id_private *id, const struct ib_cm_event *event,
			 const struct sockaddr *source, const struct sockaddr *destination)
{
	const struct rdma_addr *address = &id->id.route.addr;

	if (READ_ONCE(id->state) != RDMA_CM_CONNECT)
		return false;
	if (event->event == IB_CM_REQ_RECEIVED) {
		if (id->seq_num != event->param.req_rcvd.starting_psn ||
		    id->qp_num != event->param.req_rcvd.remote_qpn)
			return false;
#ifdef RDMA_NS_WITH_RETRY
	} else if (!READ_ONCE(id->ns.asking)) {
		/* It can be the id's only until the id has its answer. */
		return false;
#endif
	}
	return cma_ns_same_end((const struct sockaddr *)&address->src_addr, source) &&
	       cma_ns_same_end((const struct sockaddr *)&address->dst_addr, destination);
}

/* The source is an address of @net. Which of its ids has sent the request? */
static enum sender cma_ns_find_sender(struct net *net, __be64 service_id,
				      const struct ib_cm_event *event,
				      const struct sockaddr *source,
				      const struct sockaddr *destination)
{
	const struct hlist_head *owners = cma_ns_find_owners(net, service_id, cma_ns_port(source));
	const struct rdma_dev_addr *address;
	const struct rdma_id_private *id;

	if (!owners)
		return SENDER_FORGED;
	hlist_for_each_entry(id, owners, node) {
		if (!cma_ns_sends(id, event, source, destination))
			continue;
		address = &id->id.route.addr.dev_addr;
		return memcmp(address->src_dev_addr, address->dst_dev_addr, MAX_ADDR_LEN) ?
			       SENDER_WIRE :
			       SENDER_LOOPBACK;
	}
	return SENDER_FORGED;
}

/*
 * Routing rules and IPsec's policies may look at ports, so they get a whole packet. @protocol is
 * ETH_P_IP or ETH_P_IPV6, and the caller fills in the IP header. A packet that arrived on a port of
 * a VRF belongs to the VRF by the time it is routed, but it is still routed with the port.
 */
static struct sk_buff *cma_ns_make_packet(struct net_device *netdev, u16 protocol, size_t header,
					  __be16 source, __be16 destination)
{
	struct sk_buff *packet;
	struct udphdr *udp;

	packet = alloc_skb(header + sizeof(*udp), GFP_ATOMIC);
	if (!packet)
		return NULL;
	packet->dev = l3mdev_master_dev_rcu(netdev) ?: netdev;
	packet->skb_iif = netdev->ifindex;
	packet->protocol = htons(protocol);
	skb_reset_mac_header(packet);
	skb_reset_network_header(packet);
	skb_put_zero(packet, header);
	skb_set_transport_header(packet, header);
	udp = skb_put_zero(packet, sizeof(*udp));
	udp->source = source;
	udp->dest = destination;
	udp->len = htons(sizeof(*udp));
	return packet;
}

static int cma_ns_input_ipv4(struct net_device *netdev, const struct sockaddr_in *source,
			     const struct sockaddr_in *destination)
{
	struct sk_buff *packet;
	struct iphdr *ip;
	int error;

	packet = cma_ns_make_packet(netdev, ETH_P_IP, sizeof(*ip), source->sin_port,
				    destination->sin_port);
	if (!packet)
		return -ENOMEM;
	ip = ip_hdr(packet);
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tot_len = htons(packet->len);
	ip->ttl = 1;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = source->sin_addr.s_addr;
	ip->daddr = destination->sin_addr.s_addr;
	error = cma_ns_compat_route_input(packet, source->sin_addr.s_addr,
					  destination->sin_addr.s_addr, netdev);
	/*
	 * Route input reports no error for some packets that it cannot deliver: their route is an
	 * unreachable one, or one that forwards.
	 */
	if (!error && skb_rtable(packet)->rt_type != RTN_LOCAL)
		error = -EHOSTUNREACH;
	if (!error && !xfrm4_policy_check(NULL, XFRM_POLICY_IN, packet))
		error = -EACCES;
	/* It was not a real packet, so it must not count as dropped. */
	consume_skb(packet);
	return error;
}

/*
 * Finds the netdev that has the destination address. The input route itself names lo or the VRF, so
 * this asks the routing table. A packet that goes through lo is routed only on output.
 */
static struct net_device *cma_ns_owner(struct net_device *netdev, const struct sockaddr_in *source,
				       const struct sockaddr_in *destination, bool loopback)
{
	struct flowi4 flow = {
		.flowi4_iif = loopback ? LOOPBACK_IFINDEX : netdev->ifindex,
		.flowi4_oif = loopback ? l3mdev_master_ifindex_rcu(netdev) : 0,
		.flowi4_proto = IPPROTO_UDP,
		.daddr = destination->sin_addr.s_addr,
		.saddr = source->sin_addr.s_addr,
		.fl4_sport = source->sin_port,
		.fl4_dport = destination->sin_port,
	};
	struct fib_result result;

	if (fib_lookup(dev_net(netdev), &flow, &result, 0) || result.type != RTN_LOCAL)
		return NULL;
	return FIB_RES_DEV(result);
}

static int cma_ns_route_ipv4(struct net_device *netdev, enum sender sender,
			     const struct sockaddr_in *source,
			     const struct sockaddr_in *destination)
{
	struct net_device *handling;
	int error;

	/*
	 * IP would drop most of these as martians. With accept_local it would take such a packet,
	 * but the answer would stay in this host, so that no connection would come of it.
	 */
	if (sender == SENDER_FORGED)
		return -EINVAL;
	/*
	 * A packet that has gone through lo is not routed again; route input would call it a
	 * martian.
	 */
	if (sender != SENDER_LOOPBACK) {
		error = cma_ns_input_ipv4(netdev, source, destination);
		if (error)
			return error;
	}
	handling = cma_ns_owner(netdev, source, destination, sender == SENDER_LOOPBACK);
	if (!handling || !(handling->flags & IFF_UP))
		return -ENETDOWN;
	return handling->ifindex;
}

#if IS_ENABLED(CONFIG_IPV6)
/*
 * IPv6 drops most of these without looking at its routes. A multicast group cannot be an end of a
 * connection.
 */
static bool cma_ns_is_martian(const struct in6_addr *source, const struct in6_addr *destination)
{
	return ipv6_addr_loopback(destination) || ipv6_addr_loopback(source) ||
	       ipv6_addr_is_multicast(destination) || ipv6_addr_is_multicast(source) ||
	       ipv6_addr_any(source) || ipv6_addr_v4mapped(source) ||
	       ipv6_addr_v4mapped(destination);
}

/*
 * The route has no reference, so it is valid only under rcu_read_lock. If there is none, the result
 * is NULL or has an error in it.
 */
static struct dst_entry *cma_ns_lookup_ipv6(struct net_device *netdev, struct flowi6 *flow,
					    bool loopback)
{
	struct net_device *master = l3mdev_master_dev_rcu(netdev);
	bool link_local = ipv6_addr_type(&flow->daddr) & IPV6_ADDR_LINKLOCAL;

	/*
	 * A link-local address belongs to the netdev and not to its VRF. The VRF looks it up in its
	 * own table and asks no rule.
	 */
	if (link_local && master) {
		flow->flowi6_oif = netdev->ifindex;
		return l3mdev_link_scope_lookup(dev_net(netdev), flow);
	}
	if (master)
		netdev = master;
	if (loopback && !link_local) {
		flow->flowi6_iif = LOOPBACK_IFINDEX;
		flow->flowi6_oif = master ? master->ifindex : 0;
	} else {
		flow->flowi6_iif = netdev->ifindex;
	}
	return ip6_route_input_lookup(dev_net(netdev), netdev, flow, NULL,
				      RT6_LOOKUP_F_HAS_SADDR | RT6_LOOKUP_F_DST_NOREF);
}

static int cma_ns_policy_ipv6(struct net_device *netdev, struct dst_entry *route,
			      const struct sockaddr_in6 *source,
			      const struct sockaddr_in6 *destination)
{
	struct sk_buff *packet;
	struct ipv6hdr *ip;
	bool allowed;

	packet = cma_ns_make_packet(netdev, ETH_P_IPV6, sizeof(*ip), source->sin6_port,
				    destination->sin6_port);
	if (!packet)
		return -ENOMEM;
	ip = ipv6_hdr(packet);
	ip->version = 6;
	ip->payload_len = htons(packet->len - sizeof(*ip));
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = 1;
	ip->saddr = source->sin6_addr;
	ip->daddr = destination->sin6_addr;
	IP6CB(packet)->nhoff = offsetof(struct ipv6hdr, nexthdr);
	skb_dst_set_noref(packet, route);
	allowed = xfrm6_policy_check(NULL, XFRM_POLICY_IN, packet);
	consume_skb(packet);
	return allowed ? 0 : -EACCES;
}
#endif

static int cma_ns_route_ipv6(struct net_device *netdev, enum sender sender,
			     const struct sockaddr_in6 *source,
			     const struct sockaddr_in6 *destination)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct net_device *handling = NULL;
	struct flowi6 flow = {
		.daddr = destination->sin6_addr,
		.saddr = source->sin6_addr,
		.flowi6_proto = IPPROTO_UDP,
		.fl6_sport = source->sin6_port,
		.fl6_dport = destination->sin6_port,
	};
	struct dst_entry *route;
	struct rt6_info *info;
	int error;

	if (cma_ns_is_martian(&source->sin6_addr, &destination->sin6_addr))
		return -EINVAL;
	/* IPv6 takes such packets, but the answer would stay in this host. */
	if (sender == SENDER_FORGED)
		return -EINVAL;
	route = cma_ns_lookup_ipv6(netdev, &flow, sender == SENDER_LOOPBACK);
	if (route && !route->error) {
		info = dst_rt6_info(route);
		if (info->rt6i_flags & RTF_LOCAL && info->rt6i_idev)
			handling = info->rt6i_idev->dev;
	}
	if (!handling || !(handling->flags & IFF_UP))
		return (route ? route->error : 0) ?: -EHOSTUNREACH;
	if (sender != SENDER_LOOPBACK) {
		error = cma_ns_policy_ipv6(netdev, route, source, destination);
		if (error)
			return error;
	}
	return handling->ifindex;
#else
	return -EAFNOSUPPORT;
#endif
}

static int cma_ns_route(struct net_device *netdev, enum sender sender,
			const struct sockaddr *source, const struct sockaddr *destination)
{
	if (source->sa_family != destination->sa_family)
		return -EINVAL;
	switch (destination->sa_family) {
	case AF_INET:
		return cma_ns_route_ipv4(netdev, sender, (const struct sockaddr_in *)source,
					 (const struct sockaddr_in *)destination);
	case AF_INET6:
		return cma_ns_route_ipv6(netdev, sender, (const struct sockaddr_in6 *)source,
					 (const struct sockaddr_in6 *)destination);
	default:
		return -EINVAL;
	}
}

/*
 * Returns the ifindex of the netdev that has the destination, or why the packet would be dropped.
 * *self says that this namespace has sent the request to itself. Called under rdma_cm's global lock
 * and rcu_read_lock, when the caller has seen that @netdev is up, so that it stays.
 */
int cma_ns_route_input(struct net_device *netdev, __be64 service_id,
		       const struct ib_cm_event *event, const struct sockaddr *source,
		       const struct sockaddr *destination, bool *self)
{
	enum sender sender = SENDER_PEER;

	*self = cma_ns_is_local(netdev, source);
	if (*self)
		sender = cma_ns_find_sender(dev_net(netdev), service_id, event, source,
					    destination);
	return cma_ns_route(netdev, sender, source, destination);
}
