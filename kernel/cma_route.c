// SPDX-License-Identifier: GPL-2.0
/*
 * Step 2: would a packet with the request's addresses, arriving on the ingress netdev, be delivered here?
 * Real route input, so that rules, VRFs, rp_filter and unreachable routes count as for packets.
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

#include "cma_ns.h"
#include "cma_ns_compat.h"

/*
 * Routing rules may look at ports, hence a whole packet. Of a VRF's port, it is the VRF's by now; but what it is
 * routed with is the port still.
 */
static struct sk_buff *cma_ns_make_packet(struct net_device *netdev,
					  const struct sockaddr_in *source,
					  const struct sockaddr_in *destination)
{
	struct sk_buff *packet;
	struct udphdr *udp;
	struct iphdr *ip;

	packet = alloc_skb(sizeof(*ip) + sizeof(*udp), GFP_ATOMIC);
	if (!packet)
		return NULL;
	packet->dev = l3mdev_master_dev_rcu(netdev) ?: netdev;
	packet->protocol = htons(ETH_P_IP);
	skb_reset_mac_header(packet);
	skb_reset_network_header(packet);
	ip = skb_put_zero(packet, sizeof(*ip));
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tot_len = htons(sizeof(*ip) + sizeof(*udp));
	ip->ttl = 1;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = source->sin_addr.s_addr;
	ip->daddr = destination->sin_addr.s_addr;
	skb_set_transport_header(packet, packet->len);
	udp = skb_put_zero(packet, sizeof(*udp));
	udp->source = source->sin_port;
	udp->dest = destination->sin_port;
	udp->len = htons(sizeof(*udp));
	return packet;
}

static int cma_ns_route_input(struct net_device *netdev, const struct sockaddr_in *source,
			      const struct sockaddr_in *destination)
{
	struct sk_buff *packet;
	int error;

	packet = cma_ns_make_packet(netdev, source, destination);
	if (!packet)
		return -ENOMEM;
	error = cma_ns_compat_route_input(packet, source->sin_addr.s_addr,
					  destination->sin_addr.s_addr, netdev);
	/* What cannot be delivered is no error, but a route that says so, or one that forwards. */
	if (!error && skb_rtable(packet)->rt_type != RTN_LOCAL)
		error = -EHOSTUNREACH;
	kfree_skb(packet);
	return error;
}

/*
 * The input route itself names lo or the VRF; the table knows who has the address. What a host sends to itself
 * is routed for output only.
 */
static struct net_device *cma_ns_owner(struct net_device *netdev, const struct sockaddr_in *source,
				       const struct sockaddr_in *destination, bool self)
{
	struct flowi4 flow = {
		.flowi4_iif = self ? LOOPBACK_IFINDEX : netdev->ifindex,
		.flowi4_oif = self ? l3mdev_master_ifindex_rcu(netdev) : 0,
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

static bool cma_ns_route_ipv4(struct cma_ns_request *request, struct net_device *netdev,
			      const struct sockaddr_in *source,
			      const struct sockaddr_in *destination)
{
	struct net_device *handling;
	bool self;

	/* To route input, one of our own addresses is a martian as a source. */
	self = inet_addr_type_dev_table(dev_net(netdev), netdev, source->sin_addr.s_addr) ==
	       RTN_LOCAL;
	if (!self) {
		request->route_error = cma_ns_route_input(netdev, source, destination);
		if (request->route_error)
			return false;
	}
	handling = cma_ns_owner(netdev, source, destination, self);
	if (!handling || !(handling->flags & IFF_UP)) {
		request->route_error = -ENETDOWN;
		return false;
	}
	request->ingress.handling_ifindex = handling->ifindex;
	request->ingress.route =
		self ? RDMA_USER_CM_NS_ROUTE_SELF : RDMA_USER_CM_NS_ROUTE_DELIVERED;
	return true;
}

#if IS_ENABLED(CONFIG_IPV6)
/* What IPv6 drops without a look at its routes; and a group is no end of a connection. */
static bool cma_ns_is_martian(const struct in6_addr *source, const struct in6_addr *destination)
{
	return ipv6_addr_loopback(destination) || ipv6_addr_loopback(source) ||
	       ipv6_addr_is_multicast(destination) || ipv6_addr_is_multicast(source);
}

/* Without a reference, hence for as long as rcu_read_lock is held; NULL or an error in it if there is none. */
static struct dst_entry *cma_ns_lookup_ipv6(struct net_device *netdev, struct flowi6 *flow,
					    bool self)
{
	struct net_device *master = l3mdev_master_dev_rcu(netdev);
	bool link_local = ipv6_addr_type(&flow->daddr) & IPV6_ADDR_LINKLOCAL;

	/* Such an address belongs to the netdev, not to its VRF, which asks its own table and no rule. */
	if (link_local && master) {
		flow->flowi6_oif = netdev->ifindex;
		return l3mdev_link_scope_lookup(dev_net(netdev), flow);
	}
	if (master)
		netdev = master;
	if (self && !link_local) {
		flow->flowi6_iif = LOOPBACK_IFINDEX;
		flow->flowi6_oif = master ? master->ifindex : 0;
	} else {
		flow->flowi6_iif = netdev->ifindex;
	}
	return ip6_route_input_lookup(dev_net(netdev), netdev, flow, NULL,
				      RT6_LOOKUP_F_HAS_SADDR | RT6_LOOKUP_F_DST_NOREF);
}
#endif

static bool cma_ns_route_ipv6(struct cma_ns_request *request, struct net_device *netdev,
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
	bool self;

	if (cma_ns_is_martian(&source->sin6_addr, &destination->sin6_addr)) {
		request->route_error = -EINVAL;
		return false;
	}
	self = ipv6_chk_addr(dev_net(netdev), &source->sin6_addr, netdev, 0);
	route = cma_ns_lookup_ipv6(netdev, &flow, self);
	if (route && !route->error) {
		info = dst_rt6_info(route);
		if (info->rt6i_flags & RTF_LOCAL && info->rt6i_idev)
			handling = info->rt6i_idev->dev;
	}
	if (!handling || !(handling->flags & IFF_UP)) {
		request->route_error = (route ? route->error : 0) ?: -EHOSTUNREACH;
		return false;
	}
	request->ingress.handling_ifindex = handling->ifindex;
	request->ingress.route =
		self ? RDMA_USER_CM_NS_ROUTE_SELF : RDMA_USER_CM_NS_ROUTE_DELIVERED;
	return true;
#else
	return false;
#endif
}

/* Under rcu_read_lock; the caller has seen that @netdev is up, and that it stays. */
bool cma_ns_route(struct cma_ns_request *request, struct net_device *netdev,
		  const struct sockaddr *source, const struct sockaddr *destination)
{
	bool delivered = false;

	cma_ns_describe_ingress(request, netdev);
	switch (destination->sa_family) {
	case AF_INET:
		delivered = source->sa_family == AF_INET &&
			    cma_ns_route_ipv4(request, netdev, (const struct sockaddr_in *)source,
					      (const struct sockaddr_in *)destination);
		break;
	case AF_INET6:
		delivered = source->sa_family == AF_INET6 &&
			    cma_ns_route_ipv6(request, netdev, (const struct sockaddr_in6 *)source,
					      (const struct sockaddr_in6 *)destination);
		break;
	}
	if (!delivered)
		request->refusal = RDMA_USER_CM_NS_REASON_ROUTE;
	return delivered;
}

/* rdma_cm's own check, that the way back is through the ingress netdev, is kept. */
bool cma_ns_way_back(struct cma_ns_request *request, bool valid)
{
	if (!valid) {
		request->refusal = RDMA_USER_CM_NS_REASON_ROUTE;
		request->route_error = -ENETUNREACH;
	}
	return valid;
}
