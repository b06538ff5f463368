/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Differences between kernel versions are handled here and nowhere else. */
#ifndef CMA_NS_COMPAT_H
#define CMA_NS_COMPAT_H

#include <linux/version.h>
#include <net/flow.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/route.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#include <net/inet_dscp.h>
#endif

/* It came late in 6.1, and a distribution's headers may be older. */
#ifndef dst_rt6_info
#define dst_rt6_info(destination) container_of(destination, struct rt6_info, dst)
#endif

/* Route input with TOS 0. Returns 0 or an error. */
static inline int cma_ns_compat_route_input(struct sk_buff *packet, __be32 source,
					    __be32 destination, struct net_device *netdev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
	/* The reasons become the errors that they were. */
	enum skb_drop_reason reason =
		ip_route_input_noref(packet, destination, source, inet_dsfield_to_dscp(0), netdev);

	switch (reason) {
	case SKB_NOT_DROPPED_YET:
		return 0;
	case SKB_DROP_REASON_IP_RPFILTER:
		return -EXDEV;
	case SKB_DROP_REASON_NOMEM:
		return -ENOMEM;
	default:
		return -EINVAL;
	}
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	return ip_route_input_noref(packet, destination, source, inet_dsfield_to_dscp(0), netdev);
#else
	return ip_route_input_noref(packet, destination, source, 0, netdev);
#endif
}

#endif
