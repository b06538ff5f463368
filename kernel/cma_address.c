// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Helpers for socket addresses as rdma_cm sees them, and for finding out whether a netdev has one.
 */
#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "cma_address.h"

/* Do both have the same address and port? */
bool cma_ns_same_end(const struct sockaddr *one, const struct sockaddr *two)
{
	const struct sockaddr_in6 *one6 = (const struct sockaddr_in6 *)one;
	const struct sockaddr_in6 *two6 = (const struct sockaddr_in6 *)two;
	const struct sockaddr_in *one4 = (const struct sockaddr_in *)one;
	const struct sockaddr_in *two4 = (const struct sockaddr_in *)two;

	if (one->sa_family != two->sa_family)
		return false;
	switch (one->sa_family) {
	case AF_INET:
		return one4->sin_addr.s_addr == two4->sin_addr.s_addr &&
		       one4->sin_port == two4->sin_port;
	case AF_INET6:
		return ipv6_addr_equal(&one6->sin6_addr, &two6->sin6_addr) &&
		       one6->sin6_port == two6->sin6_port;
	default:
		return false;
	}
}

/* Both families have the port at the same place. */
u16 cma_ns_port(const struct sockaddr *address)
{
	return be16_to_cpu(((const struct sockaddr_in *)address)->sin_port);
}

/*
 * With ipv6.disable=1 the kernel's IPv6 functions are there, but not what they work on. Any peer
 * can send an IPv6 header, and any user can bind to an IPv6 address.
 */
bool cma_ns_is_family_off(const struct sockaddr *address)
{
	return address->sa_family == AF_INET6 && !ipv6_mod_enabled();
}

/* Does this netdev itself have the address? Call it under rcu_read_lock. */
bool cma_ns_netdev_has_address(const struct net_device *netdev, const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct in_ifaddr *ifa;
	struct in_device *device;

	switch (address->sa_family) {
	case AF_INET:
		device = __in_dev_get_rcu(netdev);
		if (!device)
			return false;
		in_dev_for_each_ifa_rcu(ifa, device) {
			if (ifa->ifa_local == in->sin_addr.s_addr)
				return true;
		}
		return false;
	case AF_INET6:
		return !cma_ns_is_family_off(address) &&
		       ipv6_chk_addr(dev_net(netdev), &in6->sin6_addr, netdev, 1);
	default:
		return false;
	}
}

/*
 * Is this an address of @netdev's own network namespace, or of its VRF? Call it under
 * rcu_read_lock.
 */
bool cma_ns_is_local(struct net_device *netdev, const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;

	switch (address->sa_family) {
	case AF_INET:
		return inet_addr_type_dev_table(dev_net(netdev), netdev, in->sin_addr.s_addr) ==
		       RTN_LOCAL;
	case AF_INET6:
		return !cma_ns_is_family_off(address) &&
		       ipv6_chk_addr(dev_net(netdev), &in6->sin6_addr, netdev, 0);
	default:
		return false;
	}
}

/* rdma_cm treats loopback addresses as wildcards. */
bool cma_ns_is_wildcard(const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;

	switch (address->sa_family) {
	case AF_INET:
		return ipv4_is_zeronet(in->sin_addr.s_addr) ||
		       ipv4_is_loopback(in->sin_addr.s_addr);
	case AF_INET6:
		return ipv6_addr_any(&in6->sin6_addr) || ipv6_addr_loopback(&in6->sin6_addr);
	default:
		return false;
	}
}

bool cma_ns_is_link_local(const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

	return address->sa_family == AF_INET6 &&
	       ipv6_addr_type(&in6->sin6_addr) & IPV6_ADDR_LINKLOCAL;
}
