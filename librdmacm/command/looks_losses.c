// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <string.h>

#include "looks_losses.h"

bool place_is_held(const struct holders *holders, const struct place *place,
		   const struct netdev_ip *ip)
{
	const struct let_go address = { .namespace = place->namespace, .ip = *ip };

	for (size_t i = 0; i < holders->count; i++) {
		if (let_go_is_of(&address, &holders->list[i]))
			return true;
	}
	return false;
}

bool place_lists(const struct place *place, uint32_t ifindex)
{
	for (struct rdma_ns_netdev **at = place->list; *at; at++) {
		if ((*at)->ifindex == ifindex)
			return true;
	}
	return false;
}

bool may_be_above(const struct netdev_link *link)
{
	return *link->kind && strcmp(link->kind, "veth") != 0;
}

/*
 * What is above nothing now may have been above an IPoIB netdev, such as a VRF whose port was taken
 * away when the audit came. And an IPv6 address that is kept while its netdev is down cannot be
 * used then, of which nobody is told.
 */
static bool may_be_hidden(const struct place *place, const struct netdev *netdev,
			  const struct netdev_ip *ip)
{
	const bool is_ipoib = place_lists(place, netdev->link.ifindex);

	return is_ipoib ? ip->unusable : may_be_above(&netdev->link);
}

/* Returns -1 for ENOMEM. */
static int note_hidden(struct search *search, struct place *place)
{
	struct netdev *netdev = NULL;

	if (!place->changed || !place->list || place->unopened)
		return 0;
	while ((netdev = netdev_table_next(&place->follow.table, netdev))) {
		for (const struct netdev_address *at = netdev->addresses; at; at = at->next) {
			if (may_be_hidden(place, netdev, &at->ip) &&
			    !namespaces_late(search->namespaces, LIST_SECONDS) &&
			    !place_is_held(&search->looks->holders, place, &at->ip) &&
			    let_go_note(&place->let_go, place->namespace, &at->ip))
				return -1;
		}
	}
	return 0;
}

/* Since when a holder has its address, which it has still. */
static bool has_since(const struct place *place, const struct holder *holder, uint32_t *created)
{
	const struct netdev_address *at = NULL;
	const sa_family_t family = (sa_family_t)holder->address.family;

	if (place->unopened)
		return false;
	while ((at = netdev_table_by_ip(&place->follow.table, family, holder->address.bytes, at))) {
		const struct let_go address = { .namespace = place->namespace, .ip = at->ip };

		*created = at->ip.created;
		if (!at->ip.unusable && let_go_is_of(&address, holder) &&
		    !let_go_has(&place->let_go, &at->ip))
			return true;
	}
	return false;
}

/* An address that was let go, and who else has it. */
struct loss {
	const struct let_go *let_go;
	bool held; /* a look has found by whom */
	bool others, overlap;
};

/* Without a holder, any other one may have been in one partition with it. */
static bool may_meet(const struct holders *holders, const struct loss *loss,
		     const struct holder *other)
{
	if (other->namespace == loss->let_go->namespace ||
	    !holder_has_ip(other, &loss->let_go->ip) || holder_is_inherent(other))
		return false;
	for (size_t i = 0; loss->held && i < holders->count; i++) {
		if (let_go_is_of(loss->let_go, &holders->list[i]) &&
		    holder_shares_pkey(&holders->list[i], other))
			return true;
	}
	return !loss->held;
}

static void find_others(const struct search *search, const struct place *places, struct loss *loss)
{
	const struct holders *holders = &search->looks->holders;
	struct let_go_times times = { .began = search->began };
	uint32_t created;

	clock_gettime(CLOCK_MONOTONIC, &times.now);
	for (size_t i = 0; i < holders->count; i++) {
		const struct holder *other = &holders->list[i];

		if (!may_meet(holders, loss, other))
			continue;
		loss->others = true;
		loss->overlap |= has_since(&places[other->namespace], other, &created) &&
				 let_go_overlaps(loss->let_go, created, &times);
	}
}

/* Whoever let it go, perhaps before the other one got it, is not accused. */
static void remove_holders(struct holders *holders, const struct let_go *let_go)
{
	size_t kept = 0;

	for (size_t i = 0; i < holders->count; i++) {
		if (!let_go_is_of(let_go, &holders->list[i]))
			holders->list[kept++] = holders->list[i];
	}
	holders->count = kept;
}

/* Returns -1 for ENOMEM. */
static int judge_loss(struct search *search, struct place *places, const struct let_go *let_go)
{
	struct holders *holders = &search->looks->holders;
	struct place *place = &places[let_go->namespace];
	struct loss loss = { .let_go = let_go };

	for (size_t i = 0; i < holders->count; i++) {
		if (!let_go_is_of(let_go, &holders->list[i]))
			continue;
		loss.held = holders->list[i].let_go = true;
	}
	find_others(search, places, &loss);
	if (!loss.held && let_go_add(&search->looks->hidden, let_go))
		return -1;
	if (!loss.others || (loss.held && loss.overlap))
		return 0;
	if (!place->error)
		place->error = EADDRINUSE;
	if (loss.held)
		remove_holders(holders, let_go);
	return 0;
}

int losses_judge(struct search *search, struct place *places, struct place *place)
{
	if (note_hidden(search, place))
		return -1;
	for (size_t i = 0; i < place->let_go.count; i++) {
		if (namespaces_late(search->namespaces, LIST_SECONDS)) {
			if (!place->error)
				place->error = ETIME;
			break;
		}
		if (judge_loss(search, places, &place->let_go.list[i]))
			return -1;
	}
	if (place->let_go.full && !place->error)
		place->error = EAGAIN;
	return 0;
}
