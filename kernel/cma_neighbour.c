// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The QPN that a connection aims at comes from a neighbour entry. rdma_resolve_addr() takes an
 * entry as it is, however old, whereas IP confirms the entries that it uses.
 */
#include <linux/if_arp.h>
#include <linux/if_infiniband.h>
#include <linux/jhash.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/arp.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/netns/hash.h>

#include "cma_exchange.h"
#include "cma_neighbour.h"

/* This limits how often an entry is asked for by broadcast if its peer refuses everything. */
#define CMA_NS_LEAST_AGE (HZ / 2)

/*
 * NULL means that there is no entry, as for a destination behind a gateway or on this host. The
 * id's netdev is the one that the route led to.
 */
static struct neighbour *cma_ns_find_entry(const struct rdma_id_private *id)
{
	const struct rdma_addr *address = &id->id.route.addr;
	const struct sockaddr_storage *destination = &address->dst_addr;
	struct neighbour *entry = NULL;
	struct net_device *netdev;

	netdev = dev_get_by_index(address->dev_addr.net, address->dev_addr.bound_dev_if);
	if (!netdev)
		return NULL;
	if (destination->ss_family == AF_INET)
		entry = neigh_lookup(&arp_tbl, &((struct sockaddr_in *)destination)->sin_addr,
				     netdev);
	else if (destination->ss_family == AF_INET6 && IS_ENABLED(CONFIG_IPV6))
		entry = neigh_lookup(&nd_tbl, &((struct sockaddr_in6 *)destination)->sin6_addr,
				     netdev);
	dev_put(netdev);
	return entry;
}

/* The end of an address is what differs most between the neighbours on a netdev. */
static u32 cma_ns_neighbour_key(const struct net *net, int ifindex, __be32 end)
{
	return jhash_3words(net_hash_mix(net), ifindex, (__force u32)end, 0);
}

/* Entries and ids with the same neighbour have the same key. Others may have it, too. */
u32 cma_ns_entry_key(const struct neighbour *entry)
{
	__be32 end;

	memcpy(&end, entry->primary_key + entry->tbl->key_len - sizeof(end), sizeof(end));
	return cma_ns_neighbour_key(dev_net(entry->dev), entry->dev->ifindex, end);
}

u32 cma_ns_peer_key(const struct rdma_id_private *id)
{
	const struct rdma_addr *address = &id->id.route.addr;
	const struct sockaddr_storage *destination = &address->dst_addr;
	__be32 end = destination->ss_family == AF_INET ?
			     ((const struct sockaddr_in *)destination)->sin_addr.s_addr :
			     ((const struct sockaddr_in6 *)destination)->sin6_addr.s6_addr32[3];

	return cma_ns_neighbour_key(address->dev_addr.net, address->dev_addr.bound_dev_if, end);
}

/* Others' entries change at any moment, and need not wake those who wait for this one. */
bool cma_ns_is_entry_of(const struct neighbour *entry, const struct rdma_id_private *id)
{
	const struct rdma_addr *address = &id->id.route.addr;
	const struct sockaddr_storage *destination = &address->dst_addr;

	if (address->dev_addr.bound_dev_if != entry->dev->ifindex ||
	    !net_eq(address->dev_addr.net, dev_net(entry->dev)) ||
	    entry->tbl->family != destination->ss_family)
		return false;
	if (destination->ss_family == AF_INET)
		return !memcmp(entry->primary_key,
			       &((struct sockaddr_in *)destination)->sin_addr,
			       sizeof(struct in_addr));
	return !memcmp(entry->primary_key, &((struct sockaddr_in6 *)destination)->sin6_addr,
		       sizeof(struct in6_addr));
}

void cma_ns_use_neighbour(const struct rdma_id_private *id)
{
	struct neighbour *entry = cma_ns_find_entry(id);

	if (!entry)
		return;
	neigh_event_send(entry, NULL);
	neigh_release(entry);
}

void cma_ns_begin_question(struct cma_ns_question *question, u32 qpn)
{
	question->qpn = qpn;
	question->asked = false;
	question->begun = jiffies;
	question->next = question->begun;
}

/*
 * An ordinary probe would go to the QPN that is in doubt and would take three seconds to give up.
 * So the entry is made invalid instead, which has it resolved again by broadcast.
 */
static enum cma_ns_answer cma_ns_ask_entry(struct neighbour *entry,
					   struct cma_ns_question *question)
{
	unsigned long confirmed;
	bool same;
	u8 state;

	read_lock_bh(&entry->lock);
	state = entry->nud_state;
	confirmed = entry->confirmed;
	memcpy(question->address, entry->ha, sizeof(question->address));
	read_unlock_bh(&entry->lock);

	same = cma_ns_address_qpn(question->address) == question->qpn;
	if (state & NUD_VALID) {
		if (!same)
			return CMA_NS_KNOWN;
		if (state & (NUD_PERMANENT | NUD_NOARP))
			return CMA_NS_NO_ANSWER;
		if (question->asked || time_after(confirmed, question->begun))
			return CMA_NS_KNOWN;
		question->next = confirmed + CMA_NS_LEAST_AGE;
		if (time_before(jiffies, question->next))
			return CMA_NS_WAIT;
		/* Not as an administrator: an entry made permanent just now must stay. */
		neigh_update(entry, NULL, NUD_FAILED, NEIGH_UPDATE_F_OVERRIDE, 0);
	}
	question->asked = true;
	neigh_event_send(entry, NULL);
	return CMA_NS_WAIT;
}

/* Call this again until the answer is there; it asks only once. */
enum cma_ns_answer cma_ns_ask(const struct rdma_id_private *id, struct cma_ns_question *question)
{
	struct neighbour *entry = cma_ns_find_entry(id);
	enum cma_ns_answer answer;

	if (!entry || entry->dev->addr_len != sizeof(question->address))
		answer = CMA_NS_NO_ANSWER;
	else
		answer = cma_ns_ask_entry(entry, question);
	if (entry)
		neigh_release(entry);
	return answer;
}
