/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Which IP addresses does a connection request find on several IPoIB netdevs of one port and P_Key?
 */
#ifndef RDMA_NS_COLLISIONS_H
#define RDMA_NS_COLLISIONS_H

#include <time.h>

#include "command.h"
#include "ipoib_parents.h"
#include "netdev_table.h"

struct holder {
	const struct rdma_ns_netdev *netdev; /* the one that the kernel finds */
	struct rdma_ns_address address;
	/* The netdev above it, such as a bond or VRF, that has the address, or 0 and "". */
	uint32_t upper;
	char upper_name[NETDEV_NAME_MAX];
	size_t namespace; /* the number that the caller gave it */
	uint64_t created; /* a lower one is earlier; 0: not known */
	uint32_t parent; /* the ifindex of the netdev that it was made from, or 0 */
	const char *device; /* on whose port it is, as far as is known, or "" and 0 */
	uint32_t port;
	bool let_go; /* while the audit looked: it has it no more, but may take it back */
	bool permanent; /* the kernel has said that the address has no lifetime */
};

bool holder_has_ip(const struct holder *holder, const struct netdev_ip *ip);
/* Is it the link-local address that every netdev of a port derives from the port's GUID? */
bool holder_is_inherent(const struct holder *holder);
/* Are both in one partition? */
bool holder_shares_pkey(const struct holder *one, const struct holder *other);

struct holders {
	/* holders of one address are adjacent, and among them those in one place */
	struct holder *list;
	size_t count, room;
	struct ipoib_parents parents;
};

/*
 * Add the usable addresses of a namespace's IPoIB netdevs, which @netdevs lists and @table has,
 * and of the netdevs above them, which @table has and which are marked there as "watched". @sysfs:
 * of the namespace; if it is -1, only masters are found above a netdev, no netdev's age, and not
 * which ones are parents of others. @namespace: 0 for the caller's own. What is above netdevs is
 * left out from @deadline (CLOCK_MONOTONIC) on.
 *
 * -1: ENOMEM. 1: something above a netdev has not been seen, and errno says why: EAGAIN if netdevs
 * have changed since they were listed.
 */
int holders_add(struct holders *holders, struct rdma_ns_netdev *const *netdevs,
		const struct netdev_table *table, int sysfs, size_t namespace,
		const struct timespec *deadline);

/*
 * Merge what was added more than once of one namespace, from the holder with number @first on: each
 * look at it adds everything anew.
 */
void holders_merge(struct holders *holders, size_t first);

/*
 * Add a holder that does not exist yet, to see what it would meet. @netdev says in which place it
 * would be.
 */
int holders_claim(struct holders *holders, const struct rdma_ns_netdev *netdev,
		  const struct rdma_ns_address *address, size_t namespace);

/* Call this after all have been added: only now the ports are known. */
void holders_sort(struct holders *holders);

/* May a request mean the one and the other, as far as ports go? */
bool holders_may_share_port(const struct holder *one, const struct holder *other);

/* What several holders of one address mean for each other. */
enum harm {
	HARM_NONE, /* there is only one */
	HARM_COLLISION, /* several namespaces, one P_Key, and one port or one that is not known */
	HARM_SAME_PORT, /* the link-local address that all netdevs of a port derive from its GUID */
	HARM_SAME_NAMESPACE, /* the requests reach the right namespace */
	HARM_OTHER_PKEY, /* several namespaces, which requests distinguish by P_Key */
	HARM_OTHER_PORT, /* or by port */
	HARM_COUNT,
};

const char *harm_str(enum harm harm);

/*
 * Count the holders, from @first on, that hold the same address in the same place (port, P_Key),
 * and determine what that means.
 */
size_t holders_group(const struct holders *holders, size_t first, enum harm *harm);

/*
 * Find out which of a group gets the requests without a QPN. The kernel takes the first netdev that
 * has the address: the parent, then its children in the order of their creation. *certain is set if
 * "created" told the order; otherwise it follows from the QPNs, which are given out in that order
 * until all have been used, or says little because the group may be on several ports, or because
 * requests for connections, which have a GID, and others find different ones.
 */
size_t holders_winner(const struct holder *group, size_t count, bool *certain);

/*
 * Does this one of the group get them? "yes", "likely", "no", or "down": it is chosen, and then
 * rejects the requests.
 */
const char *holders_wins_str(const struct holder *group, size_t index, size_t winner, bool certain);

void holders_release(struct holders *holders);

#endif
