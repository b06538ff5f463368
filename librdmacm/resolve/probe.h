/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The neighbour entry that a QPN comes from: IP confirms what it uses, RDMA CM does not. */
#ifndef RDMA_NS_PROBE_H
#define RDMA_NS_PROBE_H

#include "netlink.h"
#include "rtnetlink_message.h"

/* An entry, and the state in which it was found. */
struct probe {
	uint32_t ifindex; /* 0: there is no entry, as for an address of this host */
	uint32_t qpn;	  /* 0: the entry has none yet */
	uint16_t state;	  /* NUD_* */
};

/* RTM_NEWNEIGH: treat the entry as if a packet used it, or as wrong. */
void probe_build_use(sa_family_t family, const void *ip, uint32_t ifindex,
		     struct rtnetlink_request *request);
void probe_build_failed(sa_family_t family, const void *ip, uint32_t ifindex,
			struct rtnetlink_request *request);

/* Return the descriptor of the namespace of @netns, or -1 for the caller's. */
typedef int (*probe_netns)(const void *netns);

/*
 * Have the kernel confirm the entry of @destination, by rtnetlink or, without CAP_NET_ADMIN, by a
 * datagram from @source to the discard port. Only the latter asks @find for the namespace of
 * @netlink, because that costs a system call. This does not wait.
 */
void probe_use(struct netlink *netlink, probe_netns find, const void *netns,
	       const struct probe *probe, const struct sockaddr_storage *source,
	       const struct sockaddr_storage *destination);

/*
 * A peer says that nothing is delivered to the entry's QPN. If possible, the kernel asks for the
 * address by broadcast at once; otherwise this does the same as above, and the kernel needs some 8
 * s to give up the entry.
 */
void probe_doubt(struct netlink *netlink, probe_netns find, const void *netns,
		 const struct probe *probe, const struct sockaddr_storage *source,
		 const struct sockaddr_storage *destination);

#endif
