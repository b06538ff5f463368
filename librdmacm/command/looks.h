/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Who has which address in all namespaces, while the owners of some change what they can. Whatever
 * has an address all the time, now on one netdev and then on another, is seen with it.
 */
#ifndef RDMA_NS_LOOKS_H
#define RDMA_NS_LOOKS_H

#include "let_go.h"
#include "namespaces.h"

struct looks {
	struct holders holders;
	struct rdma_ns_netdev ***lists; /* which the holders refer to */
	size_t lists_count, lists_room;
	/* What may have been above IPoIB netdevs or on one: it cannot be told any more where. */
	struct let_go_list hidden;
};

/*
 * Look at the netdevs of all namespaces; what cannot be seen is added to them. @enter: names in
 * sysfs are needed of each namespace. Returns -1 for ENOMEM. Release it in any case.
 */
int looks_take(struct looks *looks, struct namespaces *namespaces, bool enter);
void looks_release(struct looks *looks);

#endif
