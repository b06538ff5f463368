// SPDX-License-Identifier: GPL-2.0
/* Step 3: which listener accepts? Scored as TCP scores. */
#include <linux/netdevice.h>
#include <net/l3mdev.h>

#include "cma_ns.h"

/*
 * Is what arrived on @netdev for ids bound to @ifindex, as SO_BINDTODEVICE has it: the netdev, or the VRF
 * that it is a port of? A bond has taken its ports' place already. Under rcu_read_lock.
 */
bool cma_ns_arrived_on(int ifindex, struct net_device *netdev)
{
	return ifindex == netdev->ifindex || ifindex == l3mdev_master_ifindex_rcu(netdev);
}

/* A listener for all devices has a listener of its own on each: what was set is the first one's. */
struct rdma_id_private *cma_ns_listener(struct rdma_id_private *id)
{
	return id->internal_id ? id->id.context : id;
}

/*
 * An address before the wildcard, then a netdev before none, then a socket of the family before one of
 * both. The bits are in this order.
 */
static int cma_ns_score(const struct rdma_id_private *listener)
{
	const struct sockaddr *address = (const struct sockaddr *)&listener->id.route.addr.src_addr;

	return 1 + (cma_ns_is_wildcard(address) ? 0 : 4) +
	       (READ_ONCE(listener->ns.ifindex) ? 2 : 0) + (listener->afonly ? 1 : 0);
}

/*
 * @id matches by port, address and device. Ids with a port that do not listen, such as connecting ones,
 * must not stand before those that do. @netdev is NULL for AF_IB. Under rcu_read_lock and cma.c's lock.
 */
void cma_ns_consider(struct cma_ns_choice *choice, struct rdma_id_private *id,
		     struct net_device *netdev)
{
	struct rdma_id_private *listener = cma_ns_listener(id);
	int ifindex = READ_ONCE(listener->ns.ifindex);
	int points;

	if (READ_ONCE(id->state) != RDMA_CM_LISTEN || READ_ONCE(listener->state) != RDMA_CM_LISTEN)
		return;
	if (ifindex && (!netdev || !cma_ns_arrived_on(ifindex, netdev))) {
		choice->elsewhere = true;
		return;
	}
	points = cma_ns_score(listener);
	if (points > choice->score) {
		choice->score = points;
		choice->id = id;
	}
}

struct rdma_id_private *cma_ns_chosen(const struct cma_ns_choice *choice)
{
	if (choice->id)
		return choice->id;
	return choice->elsewhere ? ERR_PTR(-EADDRNOTAVAIL) : ERR_PTR(-EINVAL);
}
