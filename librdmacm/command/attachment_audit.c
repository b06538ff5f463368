// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attachment.h"
#include "looks.h"

#define REMEDY_MAX (RECORD_KEY_MAX + 128)

static int claim(struct looks *looks, size_t namespace, const struct attachment *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < list[i].addresses_count; j++) {
			if (holders_claim(&looks->holders, &list[i].place, &list[i].addresses[j],
					  namespace))
				return -1;
		}
	}
	return 0;
}

static bool is_claimed(const struct holder *holder, const struct attachment *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (holder->netdev == &list[i].place)
			return true;
	}
	return false;
}

/*
 * Has the netdev addresses of ours, but not this one? Then its owner has taken it, or a router has
 * given it. Who was given none may have been meant to choose. In which namespace the netdev is does
 * not matter: its owner may have moved it, and what else is in the namespace is not ours.
 */
static bool is_not_given(const struct records *records, const struct holder *holder)
{
	const struct ipoib_identity identity = { .parent = holder->parent,
						 .ifindex = holder->netdev->ifindex,
						 .qpn = holder->netdev->qpn,
						 .pkey = holder->netdev->pkey,
						 .created = holder->created };
	bool known = false;

	for (size_t i = 0; records && i < records->count; i++) {
		const struct record *record = &records->list[i];

		if (!*record->key || !ipoib_is_same(&record->identity, &identity))
			continue;
		if (addresses_have(record->addresses, record->addresses_count, &holder->address))
			return false;
		known |= record->addresses_count > 0;
	}
	return known;
}

/*
 * May the kernel have configured it from a router's advertisement, which anyone in the partition
 * may send? Such an address has a lifetime, but so may one that its owner has added. What counts is
 * what was seen, since it may have expired by now.
 */
static bool is_advertised(const struct holder *holder)
{
	return holder->address.family == AF_INET6 && !holder->permanent;
}

/* How the holder may have come by it, if it was not given it. */
static const char *origin(const struct records *records, const struct holder *holder)
{
	if (!is_not_given(records, holder))
		return "";
	if (is_advertised(holder))
		return ", perhaps by a router's advertisement";
	return ", which it was not given";
}

/* The record of an ended container whose netdevs could not be taken back yet, or NULL. */
static const struct record *left_by(const struct records *records, uint64_t netns)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct record *record = &records->list[i];

		if (record->netns == netns &&
		    (*record->left || (*record->key && !record_is_live(record))))
			return record;
	}
	return NULL;
}

/* What to do about it. Nobody can do anything in the namespace of a container that has ended. */
static void remedy(const struct records *records, const struct namespace *namespace,
		   const struct holder *holder, char text[REMEDY_MAX])
{
	struct records own = { 0 };
	const struct record *left;
	struct problem problem;

	/* Whoever checks what others have given needs no records, but may meet what is left. */
	if (!records && !access(RECORDS_ATTACHED, F_OK) && !records_read(&own, &problem))
		records = &own;
	left = records ? left_by(records, namespace->inode) : NULL;
	if (left)
		snprintf(text, REMEDY_MAX,
			 "it is what %s left when it ended: 'rdma-ns hook --release-ended' takes "
			 "it back, or says why it cannot",
			 *left->key ? left->key : left->left);
	else if (holder->let_go && is_advertised(holder))
		strcpy(text, "start this container again, or give it another address");
	else if (holder->let_go)
		strcpy(text, "start this container again; if it is told each time, that one sees "
			     "the look come and takes the address back: end it");
	else
		strcpy(text, "remove it there, or give this container another address");
	records_release(&own);
}

static int refuse(const struct namespaces *namespaces, const struct records *records,
		  const struct holder *claimed, const struct holder *holder,
		  struct problem *problem)
{
	const struct namespace *namespace = &namespaces->list[holder->namespace];
	const char *name = holder->upper ? holder->upper_name : holder->netdev->name;
	char text[TEXT_MAX], what[REMEDY_MAX];

	remedy(records, namespace, holder, what);
	return problem_set(
		problem, PROBLEM_TAKEN,
		"%s is taken on %s/%u, P_Key 0x%04x: netdev %s of %.*s %s%s ('rdma-ns netdevs -A' "
		"shows it): %s",
		ip_text(claimed->address.family, claimed->address.bytes, text),
		claimed->netdev->device, claimed->netdev->port, claimed->netdev->pkey, name,
		NAME_SHOWN_MAX, namespace->name,
		holder->let_go ? "had it until this looked" : "has it", origin(records, holder),
		what);
}

/*
 * Would a group be a collision that a claim causes? Then the first of the others is named, but
 * nobody who is on another port, and in the group because of one that may be on any: hence each
 * claim meets each other one by itself.
 */
static int judge(const struct namespaces *namespaces, const struct records *records,
		 const struct holder *group, size_t count, const struct attachment *list,
		 size_t attachments, struct problem *problem)
{
	for (size_t i = 0; i < count; i++) {
		const struct holder *claimed = &group[i];

		if (!is_claimed(claimed, list, attachments))
			continue;
		for (size_t j = 0; j < count; j++) {
			if (group[j].namespace != claimed->namespace &&
			    holders_may_share_port(&group[j], claimed))
				return refuse(namespaces, records, claimed, &group[j], problem);
		}
	}
	return 0;
}

/* Whoever let an address go that is claimed may take it back, and is not known well enough. */
static int tell_hidden(struct namespaces *namespaces, const struct looks *looks, size_t own,
		       const struct attachment *list, size_t count)
{
	const struct let_go_list *hidden = &looks->hidden;

	for (size_t i = 0; i < hidden->count * count; i++) {
		const struct let_go *let_go = &hidden->list[i / count];
		const struct attachment *attachment = &list[i % count];
		const struct namespace *namespace = &namespaces->list[let_go->namespace];
		struct rdma_ns_address address = { .family = let_go->ip.family };

		memcpy(address.bytes, let_go->ip.bytes, sizeof(address.bytes));
		if (let_go->namespace != own && !namespace->unseen &&
		    addresses_have(attachment->addresses, attachment->addresses_count, &address) &&
		    namespaces_unseen(namespaces, UNSEEN_NETDEVS, namespace->name, EADDRINUSE))
			return -1;
	}
	return 0;
}

static int audit(const struct attachment_target *target, const struct records *records,
		 struct namespaces *namespaces, struct looks *looks, uint64_t netns,
		 const struct attachment *list, size_t count, struct problem *problem)
{
	const struct namespace *own = namespaces_by_inode(namespaces, netns);
	const size_t number = own ? (size_t)(own - namespaces->list) : namespaces->count;
	enum harm harm;
	size_t length;

	if (claim(looks, number, list, count) ||
	    tell_hidden(namespaces, looks, number, list, count))
		return problem_set(problem, PROBLEM_SYSTEM, "%s", strerror(ENOMEM));
	holders_sort(&looks->holders);
	for (size_t i = 0; i < looks->holders.count; i += length) {
		length = holders_group(&looks->holders, i, &harm);
		if (harm == HARM_COLLISION && judge(namespaces, records, &looks->holders.list[i],
						    length, list, count, problem))
			return -1;
	}
	if (namespaces_tell(namespaces) == STATUS_UNSEEN && target->refuse_unseen)
		return problem_set(problem, PROBLEM_BUSY,
				   "not all namespaces could be audited, as is said above, and "
				   "\"unseen\" is \"refuse\": remedy that and start the container "
				   "again");
	return 0;
}

int attachments_audit(const struct attachment_target *target, const struct records *records,
		      uint64_t netns, const struct attachment *list, size_t count,
		      struct problem *problem)
{
	struct namespaces namespaces;
	struct looks looks;
	size_t wanted = 0;
	int result;

	for (size_t i = 0; i < count; i++)
		wanted += list[i].addresses_count;
	if (!wanted)
		return 0;
	if (namespaces_find(&namespaces, NAMESPACES_ALL))
		return problem_set(problem, PROBLEM_SYSTEM,
				   "cannot find the network namespaces: %s", error_text(errno));
	result = looks_take(&looks, &namespaces, true);
	result = result ? problem_set(problem, PROBLEM_SYSTEM, "%s", error_text(errno)) :
			  audit(target, records, &namespaces, &looks, netns, list, count, problem);
	looks_release(&looks);
	namespaces_release(&namespaces);
	return result;
}
