// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "looks_losses.h"
#include "netdev_elsewhere.h"
#include "sysfs.h"

#define LOOKS_MAX 4 /* at a namespace whose netdevs change meanwhile */

/* The kernel's memory for notifications: a tenant may have many namespaces, and fill each one's. */
#define QUEUES_SIZE (64 << 20)
#define QUEUES_MANY 16 /* as many as may be as large as netdev_follow_open() makes them */

#define STRANGERS_MAX 1000 /* addresses of a namespace that are looked for one by one */

/* What has been said of a namespace since it was last asked. */
struct change {
	struct netdev_table *table;
	struct place *place;
	struct search *search;
	bool empty; /* there was no IPoIB netdev, and the table was not filled */
	bool grown; /* a netdev has got an address */
	bool other; /* what was seen of netdevs may not be all there was */
};

/* While a netdev is renamed it is missing in sysfs, and nothing tells that it is above another. */
static bool is_disturbed(const struct netdev *netdev, const struct netdev_link *link)
{
	return link->type == ARPHRD_INFINIBAND ||
	       (netdev &&
		(netdev->watched || strncmp(netdev->link.name, link->name, NETDEV_NAME_MAX)));
}

/* An address that is let go stays in the table, as if it had come. */
static int keep(struct netdev_table *table, const struct nlmsghdr *header)
{
	struct {
		struct nlmsghdr header;
		char rest[512];
	} copy;

	if (header->nlmsg_len > sizeof(copy))
		return 0;
	memcpy(&copy, header, header->nlmsg_len);
	copy.header.nlmsg_type = RTM_NEWADDR;
	return netdev_table_apply(table, &copy.header);
}

/* Its netdev may have gone, or may be in no table yet. */
static bool matters(const struct netdev *netdev, const struct netdev_ip *ip)
{
	return !ip->unusable &&
	       (!netdev || netdev->link.type == ARPHRD_INFINIBAND || may_be_above(&netdev->link));
}

static int take_let_go(struct change *change, const struct netdev_ip *ip,
		       const struct nlmsghdr *header)
{
	const struct netdev *netdev = netdev_table_by_ifindex(change->table, ip->ifindex);
	int result;

	if (!matters(netdev, ip))
		return netdev_table_apply(change->table, header);
	result = let_go_note(&change->place->let_go, change->place->namespace, ip);
	if (result || !netdev)
		return result;
	change->grown = true;
	return keep(change->table, header);
}

static int no_memory(int result)
{
	if (result)
		errno = ENOMEM;
	return result;
}

/*
 * What had an address is still counted when it has lost it, even if it gets it anew and cannot use
 * it yet. A veth is never above another netdev, and whoever starts containers renames many.
 */
static int take_change(const struct nlmsghdr *header, void *data)
{
	struct change *change = data;
	struct netdev_message message;
	struct netdev *netdev;

	if (namespaces_late(change->search->namespaces, LIST_SECONDS)) {
		errno = ETIME;
		return -1;
	}
	netdev_message_parse(header, &message);
	if (message.kind == NETDEV_MESSAGE_LINK) {
		netdev = netdev_table_by_ifindex(change->table, message.link.ifindex);
		if (strcmp(message.link.kind, "veth")) {
			change->place->changed = true;
			change->other |= is_disturbed(netdev, &message.link);
		}
	} else if (message.kind == NETDEV_MESSAGE_IP && !message.ip.unusable) {
		let_go_forget(&change->place->let_go, &message.ip);
		netdev = netdev_table_by_ifindex(change->table, message.ip.ifindex);
		if (!netdev)
			change->other |= !change->empty;
		else if (strcmp(netdev->link.kind, "veth"))
			change->grown = netdev->gained = true;
	} else if (message.kind == NETDEV_MESSAGE_IP_GONE) {
		return no_memory(take_let_go(change, &message.ip, header));
	} else {
		change->search->moved |= message.kind == NETDEV_MESSAGE_LINK_GONE &&
					 message.link.type == ARPHRD_INFINIBAND &&
					 message.link.moved;
		return 0;
	}
	return no_memory(netdev_table_apply(change->table, header));
}

static int ignore(const struct nlmsghdr *header, void *data)
{
	(void)header;
	(void)data;
	return 0;
}

/* The notification of a rename comes at its end. The kernel answers no question meanwhile. */
static int wait_for_renaming(struct netdev_follow *follow)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} question = { .header = { .nlmsg_len = sizeof(question), .nlmsg_type = RTM_GETLINK },
		       .info.ifi_index = 1 };

	return netlink_request(&follow->queries, &question.header, ignore, NULL);
}

/* -1 and errno: ENOMEM, or something has not been seen, EAGAIN if it may be seen later. */
static int add(struct search *search, struct place *place)
{
	const int result = holders_add(&search->looks->holders, place->list, &place->follow.table,
				       place->sysfs, place->namespace, &search->deadline);

	if (result < 0)
		errno = ENOMEM;
	return result ? -1 : 0;
}

static int note_stranger(struct place *place, const struct netdev *netdev)
{
	for (const struct netdev_address *at = netdev->addresses; at; at = at->next) {
		void *list;

		if (at->ip.unusable || place->strangers_count == STRANGERS_MAX)
			continue;
		list = reallocarray(place->strangers, place->strangers_count + 1,
				    sizeof(*place->strangers));
		if (!list)
			return -1;
		place->strangers = list;
		place->strangers[place->strangers_count++] = at->ip;
	}
	return 0;
}

/*
 * What was above an IPoIB netdev may be so no more, and if netdevs changed meanwhile, anything may
 * have been. Returns -1 for ENOMEM.
 */
static int note_strangers(struct place *place, bool changed)
{
	struct netdev *netdev = NULL;

	while ((netdev = netdev_table_next(&place->follow.table, netdev))) {
		const bool doubtful =
			(changed || netdev->watched) && !place_lists(place, netdev->link.ifindex);

		if (netdev->gained && doubtful && note_stranger(place, netdev))
			return -1;
		netdev->gained = false;
	}
	return 0;
}

/* Is there one that no other look has found? */
static bool has_strangers(const struct search *search, const struct place *place)
{
	if (place->strangers_count == STRANGERS_MAX)
		return true;
	for (size_t i = 0; i < place->strangers_count; i++) {
		if (namespaces_late(search->namespaces, LIST_SECONDS) ||
		    !place_is_held(&search->looks->holders, place, &place->strangers[i]))
			return true;
	}
	return false;
}

/* Add what has got an address since the last look. Returns as add() does. */
static int settle(struct search *search, struct place *place)
{
	struct change change = { .table = &place->follow.table,
				 .place = place,
				 .search = search,
				 .empty = !*place->list };
	int result, error = 0;

	if (place->unopened) {
		errno = place->unopened;
		return -1;
	}
	if (!change.empty && wait_for_renaming(&place->follow))
		return -1;
	result = netlink_drain(&place->follow.notifications, take_change, &change);
	/* Notifications were lost. */
	if (result && errno == ENOBUFS)
		change.other = place->changed = search->moved = true;
	else if (result)
		return -1;
	if (change.grown && !change.empty && add(search, place))
		error = errno;
	if (change.grown && note_strangers(place, change.other))
		error = ENOMEM;
	if (change.other && !error)
		error = EAGAIN;
	errno = error;
	return error ? -1 : 0;
}

static int list_netdevs(struct search *search, struct place *place)
{
	struct looks *looks = search->looks;

	if (looks->lists_count == looks->lists_room) {
		const size_t room = looks->lists_room ? 2 * looks->lists_room : 64;
		void *lists = reallocarray(looks->lists, room, sizeof(*looks->lists));

		if (!lists)
			return -1;
		looks->lists = lists;
		looks->lists_room = room;
	}
	errno = ETIME;
	if (namespaces_late(search->namespaces, LIST_SECONDS) ||
	    netdevs_of(place->netns_fd, &looks->lists[looks->lists_count]) < 0)
		return -1;
	place->list = looks->lists[looks->lists_count++];
	return 0;
}

static void enter(const struct search *search, struct place *place)
{
	if (place->entered)
		return;
	place->entered = true;
	place->sysfs = sysfs_open(place->netns_fd);
	if (place->sysfs < 0 && search->enter)
		place->error = errno;
}

/*
 * A tenant may hide a netdev by changing others all the time. In the caller's own namespace whoever
 * starts containers does so, which must not keep all audits from seeing it.
 */
static int fill_table(struct place *place)
{
	struct netdev_table *table = &place->follow.table;

	if (netdev_dump(&place->follow.queries, table))
		return -1;
	errno = EAGAIN;
	return table->incomplete && place->namespace ? -1 : 0;
}

/* Returns as add() does. What one look has found remains. */
static int look(struct search *search, struct place *place)
{
	int error = 0;

	if (list_netdevs(search, place))
		return -1;
	if (*place->list) {
		enter(search, place);
		if (!place->unopened && fill_table(place))
			error = errno;
		if (add(search, place) && (!error || errno == ENOMEM))
			error = errno;
	}
	if (settle(search, place) && (!error || error == EAGAIN || errno == ENOMEM))
		error = errno;
	errno = error;
	return error ? -1 : 0;
}

/* Returns -1 for ENOMEM. */
static int look_until_settled(struct search *search, struct place *place)
{
	const size_t first = search->looks->holders.count;
	int error, looks = 0;

	do {
		error = look(search, place) ? errno : 0;
		/* A tenant who has very many addresses can let each look fail. */
		if (looks)
			holders_merge(&search->looks->holders, first);
	} while (error == EAGAIN && ++looks < LOOKS_MAX);
	if (error && (!place->error || error == ENOMEM))
		place->error = error;
	return place->error == ENOMEM ? -1 : 0;
}

static void place_open(struct place *place, const struct search *search, size_t namespace)
{
	const size_t count = search->namespaces->count;
	const int size = QUEUES_SIZE / (int)count;

	place->namespace = namespace;
	/* The caller's own namespace needs no privilege as long as it is not entered. */
	place->netns_fd = namespace ? search->namespaces->list[namespace].fd : -1;
	place->sysfs = -1;
	errno = ETIME;
	if (namespaces_late(search->namespaces, LIST_SECONDS) ||
	    netdev_follow_open(&place->follow, place->netns_fd)) {
		place->unopened = errno;
		return;
	}
	if (count > QUEUES_MANY)
		setsockopt(place->follow.notifications.fd, SOL_SOCKET, SO_RCVBUF, &size,
			   sizeof(size));
}

static void place_close(struct place *place)
{
	free(place->strangers);
	let_go_release(&place->let_go);
	if (!place->unopened)
		netdev_follow_close(&place->follow);
	if (place->sysfs >= 0)
		close(place->sysfs);
}

/* Returns -1 for ENOMEM. */
static int finish(struct search *search, struct place *place)
{
	struct namespace *namespace = &search->namespaces->list[place->namespace];

	if (!place->error && has_strangers(search, place))
		place->error = EAGAIN;
	errno = ETIME;
	if (!place->error && search->enter &&
	    (namespaces_late(search->namespaces, LIST_SECONDS) ||
	     netdev_elsewhere_check(&place->follow.queries)))
		place->error = errno;
	namespace->unseen = place->error;
	return place->error ? namespaces_unseen(search->namespaces, UNSEEN_NETDEVS, namespace->name,
						place->error) :
			      0;
}

static int take_last(const struct nlmsghdr *header, void *data)
{
	struct place *place = data;
	struct netdev_message message;

	netdev_message_parse(header, &message);
	if (message.kind == NETDEV_MESSAGE_IP)
		let_go_forget(&place->let_go, &message.ip);
	if (message.kind != NETDEV_MESSAGE_IP_GONE ||
	    !matters(netdev_table_by_ifindex(&place->follow.table, message.ip.ifindex),
		     &message.ip))
		return 0;
	return no_memory(let_go_note(&place->let_go, place->namespace, &message.ip));
}

/*
 * Whoever got an address since this was last heard may have got it from here. What comes here now
 * counts no more. Returns -1 for ENOMEM.
 */
static int hear_last(struct place *place)
{
	if (place->unopened || !netlink_drain(&place->follow.notifications, take_last, place))
		return 0;
	if (errno == ENOMEM)
		return -1;
	if (!place->error)
		place->error = errno == ENOBUFS ? EAGAIN : errno;
	return 0;
}

/* An address may have moved from a namespace that was not yet looked at to one that was. */
static int look_at_all(struct search *search, struct place *places, size_t count)
{
	clock_gettime(CLOCK_MONOTONIC, &search->began);
	for (size_t i = 0; i < count; i++)
		place_open(&places[i], search, i);
	for (size_t i = 0; i < count; i++) {
		if (look_until_settled(search, &places[i]))
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct place *place = &places[i];

		if (!place->error && settle(search, place) && look_until_settled(search, place))
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (hear_last(&places[i]))
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (losses_judge(search, places, &places[i]))
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (finish(search, &places[i]))
			return -1;
	}
	return 0;
}

/*
 * A netdev with the address may have moved to a namespace that the search has not found, because it
 * was made later. Returns -1 for ENOMEM.
 */
static int find_later(struct search *search)
{
	struct namespaces *namespaces = search->namespaces, later;
	int result = 0;

	if (!search->moved || !search->enter)
		return 0;
	/* The second search may take as long as the first, and both must end in time. */
	if (namespaces_late(namespaces, LIST_SECONDS - SEARCH_SECONDS))
		return namespaces_unseen(namespaces, UNSEEN_NETDEVS, namespaces->list[0].name,
					 ETIME);
	if (namespaces_find(&later, NAMESPACES_ALL))
		return errno == ENOMEM ? -1 :
					 namespaces_unseen(namespaces, UNSEEN_NETDEVS,
							   namespaces->list[0].name, errno);
	for (size_t i = 1; i < later.count && !result; i++) {
		if (!namespaces_by_inode(namespaces, later.list[i].inode))
			result = namespaces_unseen(namespaces, UNSEEN_NETDEVS, later.list[i].name,
						   EINPROGRESS);
	}
	namespaces_release(&later);
	return result;
}

int looks_take(struct looks *looks, struct namespaces *namespaces, bool enter)
{
	struct search search = { .looks = looks,
				 .namespaces = namespaces,
				 .enter = enter,
				 .deadline = namespaces_deadline(namespaces, LIST_SECONDS) };
	const size_t count = namespaces->count;
	struct place *places = calloc(count, sizeof(*places));
	int result;

	memset(looks, 0, sizeof(*looks));
	if (!places)
		return -1;
	result = look_at_all(&search, places, count);
	for (size_t i = 0; i < count; i++)
		place_close(&places[i]);
	free(places);
	/* It needs descriptors of its own. */
	if (!result)
		result = find_later(&search);
	if (result)
		errno = ENOMEM;
	return result;
}

void looks_release(struct looks *looks)
{
	holders_release(&looks->holders);
	let_go_release(&looks->hidden);
	for (size_t i = 0; i < looks->lists_count; i++)
		rdma_ns_free_netdevs(looks->lists[i]);
	free(looks->lists);
	memset(looks, 0, sizeof(*looks));
}
