// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collisions.h"
#include "netdev_sysfs.h"

#define PKEY_NUMBER 0x7fff

#define LEVELS_MAX 8 /* the kernel allows no more netdevs above each other */

static bool is_port_of_bond(struct rdma_ns_netdev *const *netdevs,
			    const struct rdma_ns_netdev *netdev)
{
	for (; netdev->master && *netdevs; netdevs++) {
		if ((*netdevs)->ifindex == netdev->master)
			return true;
	}
	return false;
}

/* Is it the link-local address that every netdev with this GID derives from it? */
static bool is_inherent(const uint8_t gid[16], const struct rdma_ns_address *address)
{
	static const uint8_t prefix[8] = { 0xfe, 0x80 };
	uint8_t expected[16];

	memcpy(expected, prefix, sizeof(prefix));
	memcpy(expected + 8, gid + 8, 8);
	expected[8] |= 2;
	return address->family == AF_INET6 && !memcmp(address->bytes, expected, sizeof(expected));
}

bool holder_is_inherent(const struct holder *holder)
{
	return is_inherent(holder->netdev->gid.raw, &holder->address);
}

bool holder_has_ip(const struct holder *holder, const struct netdev_ip *ip)
{
	return holder->address.family == ip->family &&
	       !memcmp(holder->address.bytes, ip->bytes, sizeof(ip->bytes));
}

bool holder_shares_pkey(const struct holder *one, const struct holder *other)
{
	return !((one->netdev->pkey ^ other->netdev->pkey) & PKEY_NUMBER);
}

static int add(struct holders *holders, const struct holder *holder)
{
	if (holder->address.unusable)
		return 0;
	if (holders->count == holders->room) {
		size_t room = holders->room ? 2 * holders->room : 64;
		void *list = reallocarray(holders->list, room, sizeof(*holders->list));

		if (!list)
			return -1;
		holders->list = list;
		holders->room = room;
	}
	holders->list[holders->count++] = *holder;
	return 0;
}

/* The namespace that is being added, and the netdev of it. */
struct place {
	size_t namespace;
	const struct netdev_table *table;
	int sysfs;
	const struct rdma_ns_netdev *netdev;
	uint64_t created;
	uint32_t parent;
	int missed; /* the last errno of what has not been seen */
};

static struct rdma_ns_address address_in_table(const struct netdev_ip *ip)
{
	struct rdma_ns_address address = { .family = ip->family,
					   .prefix_length = ip->prefix_length,
					   .unusable = ip->unusable };

	memcpy(address.bytes, ip->bytes, sizeof(address.bytes));
	return address;
}

static int add_own_address(struct holders *holders, const struct place *place, bool is_port,
			   const struct rdma_ns_address *address, bool permanent)
{
	const struct holder holder = { .netdev = place->netdev,
				       .address = *address,
				       .namespace = place->namespace,
				       .created = place->created,
				       .parent = place->parent,
				       .permanent = permanent };

	/* A bond's port may keep this one, which the bond has as well. */
	if (is_port && is_inherent(place->netdev->gid.raw, address))
		return 0;
	return add(holders, &holder);
}

/* @found: the netdev in the table, which may have got addresses since it was listed; or NULL. */
static int add_own(struct holders *holders, const struct place *place, bool is_port,
		   const struct netdev *found)
{
	const struct netdev_address *at = found ? found->addresses : NULL;

	for (size_t i = 0; i < place->netdev->addresses_count; i++) {
		const struct rdma_ns_address *address = &place->netdev->addresses[i];

		/* The table says more of it, and there may be very many. */
		if (found && netdev_has_ip(place->table, found, (sa_family_t)address->family,
					   address->bytes))
			continue;
		if (add_own_address(holders, place, is_port, address, false))
			return -1;
	}
	for (; at; at = at->next) {
		const struct rdma_ns_address address = address_in_table(&at->ip);

		if (add_own_address(holders, place, is_port, &address, at->ip.permanent))
			return -1;
	}
	return 0;
}

static int add_upper(struct holders *holders, const struct place *place, const struct netdev *upper)
{
	struct holder holder = { .netdev = place->netdev,
				 .upper = upper->link.ifindex,
				 .namespace = place->namespace,
				 .created = place->created,
				 .parent = place->parent };

	memcpy(holder.upper_name, upper->link.name, sizeof(holder.upper_name));
	for (const struct netdev_address *at = upper->addresses; at; at = at->next) {
		holder.address = address_in_table(&at->ip);
		holder.permanent = at->ip.permanent;
		/* A bond derives it from the port that is active now. */
		if (is_inherent(upper->link.gid, &holder.address) &&
		    memcmp(upper->link.gid, place->netdev->gid.raw, sizeof(upper->link.gid)))
			continue;
		if (add(holders, &holder))
			return -1;
	}
	return 0;
}

/* The netdevs of one level above a netdev. */
struct level {
	struct place *place;
	const struct netdev **list;
	size_t count, room;
};

static int add_to_level(struct level *level, const struct netdev *netdev)
{
	if (level->count == level->room) {
		size_t room = level->room ? 2 * level->room : 8;
		void *list = reallocarray(level->list, room, sizeof(*level->list));

		if (!list)
			return -1;
		level->list = list;
		level->room = room;
	}
	level->list[level->count++] = netdev;
	return 0;
}

static int take_upper(void *context, uint32_t ifindex)
{
	struct level *level = context;
	struct netdev *upper = NULL;

	if (ifindex) {
		upper = netdev_table_by_ifindex(level->place->table, ifindex);
		errno = EAGAIN;
	}
	if (upper) {
		upper->watched = true;
		return add_to_level(level, upper);
	}
	level->place->missed = errno;
	return 0;
}

static int compare_netdev(const void *a, const void *b)
{
	const struct netdev *const *one = a, *const *other = b;

	return (*one > *other) - (*one < *other);
}

/* A netdev may be above several others, and these above one; the ways are too many to walk. */
static void remove_duplicates(struct level *level)
{
	size_t kept = 0;

	if (!level->count)
		return;
	qsort(level->list, level->count, sizeof(*level->list), compare_netdev);
	for (size_t i = 1; i < level->count; i++) {
		if (level->list[i] != level->list[kept])
			level->list[++kept] = level->list[i];
	}
	level->count = kept + 1;
}

/* Not only a master is above a netdev: VXLAN's are without being one. */
static int add_above(struct level *level, const struct netdev_link *link)
{
	const int sysfs = level->place->sysfs;
	int folder;

	if (link->master && take_upper(level, link->master))
		return -1;
	if (sysfs < 0)
		return 0;
	folder = netdev_sysfs_open(sysfs, link->name, link->ifindex);
	return folder < 0 ? take_upper(level, 0) : netdev_sysfs_uppers(folder, take_upper, level);
}

/* ib_ipoib looks at the netdev's own addresses, then at those of all netdevs above it. */
static int add_uppers(struct holders *holders, struct place *place, const struct netdev *netdev)
{
	struct level level = { .place = place }, next = level;
	int result;

	result = add_above(&level, &netdev->link);
	for (int i = 0; !result && level.count && i < LEVELS_MAX; i++) {
		struct level done;

		remove_duplicates(&level);
		next.count = 0;
		for (size_t j = 0; !result && j < level.count; j++) {
			result = add_upper(holders, place, level.list[j]);
			if (!result)
				result = add_above(&next, &level.list[j]->link);
		}
		done = level;
		level = next;
		next = done;
	}
	free(level.list);
	free(next.list);
	return result;
}

static bool is_past(const struct timespec *deadline)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec != deadline->tv_sec ? now.tv_sec > deadline->tv_sec :
						now.tv_nsec >= deadline->tv_nsec;
}

/* What the netdev itself is like. @found: in the table, or NULL. */
static int enter_netdev(struct holders *holders, struct place *place, const struct netdev *found)
{
	const uint32_t ifindex = place->netdev->ifindex;

	place->created = place->parent = 0;
	if (!found)
		return 0;
	place->created = netdev_sysfs_created(place->sysfs, found->link.name, ifindex);
	place->parent = found->link.parent;
	if (place->parent != ifindex ||
	    !netdev_sysfs_is_parent(place->sysfs, found->link.name, ifindex))
		return 0;
	place->parent = 0;
	return ipoib_parents_add(&holders->parents, place->netdev, place->namespace);
}

int holders_add(struct holders *holders, struct rdma_ns_netdev *const *netdevs,
		const struct netdev_table *table, int sysfs, size_t namespace,
		const struct timespec *deadline)
{
	struct place place = { .namespace = namespace, .table = table, .sysfs = sysfs };

	for (size_t i = 0; netdevs[i]; i++) {
		const struct rdma_ns_netdev *netdev = netdevs[i];
		const struct netdev *found = netdev_table_by_ifindex(table, netdev->ifindex);

		/*
		 * The kernel finds no others. A bond, whose owner may write any QPN and P_Key into
		 * it once it has no port, counts with its ports.
		 */
		if (netdev->transport != RDMA_NS_TRANSPORT_IB ||
		    (*netdev->kind && strcmp(netdev->kind, "ipoib")))
			continue;
		place.netdev = netdev;
		if (enter_netdev(holders, &place, found) ||
		    add_own(holders, &place, is_port_of_bond(netdevs, netdev), found))
			return -1;
		/* It has been deleted since it was listed, or has another ifindex. */
		if (!found)
			place.missed = EAGAIN;
		else if (is_past(deadline))
			place.missed = ETIME;
		else if (add_uppers(holders, &place, found))
			return -1;
	}
	errno = place.missed;
	return place.missed ? 1 : 0;
}

int holders_claim(struct holders *holders, const struct rdma_ns_netdev *netdev,
		  const struct rdma_ns_address *address, size_t namespace)
{
	const struct holder holder = { .netdev = netdev,
				       .address = *address,
				       .namespace = namespace };

	return add(holders, &holder);
}

static int compare_address(const struct holder *one, const struct holder *other)
{
	if (one->address.family != other->address.family)
		return one->address.family - other->address.family;
	return memcmp(one->address.bytes, other->address.bytes, sizeof(one->address.bytes));
}

static int compare_partition(const struct holder *one, const struct holder *other)
{
	const int a = one->netdev->pkey & PKEY_NUMBER, b = other->netdev->pkey & PKEY_NUMBER;
	int result = compare_address(one, other);

	return result ? result : a - b;
}

static int compare_port(const struct holder *one, const struct holder *other)
{
	int result = strcmp(one->device, other->device);

	if (result)
		return result;
	return one->port < other->port ? -1 : one->port > other->port;
}

/*
 * A request looks for its address on one port and under one P_Key. The GID of its path counts as
 * well, but datagram requests carry none.
 */
static int compare_place(const struct holder *one, const struct holder *other)
{
	int result = compare_partition(one, other);

	return result ? result : compare_port(one, other);
}

/* Its owner has written another GUID into its link-layer address, and its port is not known. */
static bool is_stray(const struct holder *holder)
{
	return !holder->port;
}

/* The GUID is not that of the port which the netdev is on. */
static bool has_copied_guid(const struct holder *holder)
{
	return is_stray(holder) || holder->netdev->port != holder->port ||
	       strcmp(holder->netdev->device, holder->device);
}

bool holders_may_share_port(const struct holder *one, const struct holder *other)
{
	return is_stray(one) || is_stray(other) || !compare_port(one, other);
}

static void find_port(const struct holders *holders, struct holder *holder)
{
	const struct rdma_ns_netdev *on =
		ipoib_parents_port(&holders->parents, holder->netdev, holder->parent);

	holder->device = on ? on->device : "";
	holder->port = on ? on->port : 0;
}

static int compare(const void *a, const void *b)
{
	const struct holder *one = a, *other = b;
	int result = compare_place(one, other);

	if (result)
		return result;
	if (one->namespace != other->namespace)
		return one->namespace < other->namespace ? -1 : 1;
	if (one->netdev->ifindex != other->netdev->ifindex)
		return one->netdev->ifindex < other->netdev->ifindex ? -1 : 1;
	return one->upper < other->upper ? -1 : one->upper > other->upper;
}

/* Not every look sees everything. */
static void merge(struct holder *holder, const struct holder *same)
{
	if (!holder->created)
		holder->created = same->created;
	holder->permanent |= same->permanent;
}

/* A netdev may have an address twice, with different prefix lengths, or be added twice. */
static void sort(struct holders *holders, size_t first,
		 int (*compare_two)(const void *one, const void *other))
{
	struct holder *kept;

	if (holders->count <= first)
		return;
	kept = &holders->list[first];
	qsort(kept, holders->count - first, sizeof(*kept), compare_two);
	for (size_t i = first + 1; i < holders->count; i++) {
		if (compare_two(kept, &holders->list[i]))
			*++kept = holders->list[i];
		else
			merge(kept, &holders->list[i]);
	}
	holders->count = (size_t)(kept - holders->list) + 1;
}

void holders_sort(struct holders *holders)
{
	for (size_t i = 0; i < holders->count; i++)
		find_port(holders, &holders->list[i]);
	sort(holders, 0, compare);
}

static int compare_number(uint64_t one, uint64_t other)
{
	return one < other ? -1 : one > other;
}

/* Do they say the same? Their owner may have changed what decides on the place. */
static int compare_seen(const void *a, const void *b)
{
	const struct holder *one = a, *other = b;
	const struct rdma_ns_netdev *netdev = one->netdev, *another = other->netdev;
	int result = compare_address(one, other);

	if (!result)
		result = compare_number(netdev->ifindex, another->ifindex);
	if (!result)
		result = compare_number(one->upper, other->upper);
	if (!result)
		result = compare_number(one->parent, other->parent);
	if (!result)
		result = compare_number(netdev->pkey, another->pkey);
	if (!result)
		result = compare_number(netdev->qpn, another->qpn);
	if (!result)
		result = compare_number(netdev->up, another->up);
	if (!result)
		result = compare_number(netdev->port, another->port);
	if (!result)
		result = strcmp(netdev->device, another->device);
	return result ? result : memcmp(netdev->gid.raw, another->gid.raw, sizeof(netdev->gid.raw));
}

void holders_merge(struct holders *holders, size_t first)
{
	sort(holders, first, compare_seen);
}

/* The harm for a holder that is alone in its place, when other places have the address, too. */
static enum harm harm_of_distance(const struct holders *holders, size_t index)
{
	const struct holder *list = holders->list, *holder = &list[index];
	enum harm harm = HARM_NONE;
	size_t first = index;

	while (first && !compare_address(&list[first - 1], holder))
		first--;
	for (size_t i = first; i < holders->count && !compare_address(&list[i], holder); i++) {
		if (list[i].namespace == holder->namespace)
			continue;
		if (holders_may_share_port(holder, &list[i]))
			return HARM_OTHER_PKEY;
		harm = HARM_OTHER_PORT;
	}
	return harm;
}

/* Count those in one place; a stray's place may be any, so it makes one of all. */
static size_t count_in_place(const struct holders *holders, size_t first)
{
	const struct holder *list = holders->list;
	size_t end = first, place_end;
	bool strays = false;

	for (; end < holders->count && !compare_partition(&list[first], &list[end]); end++)
		strays |= is_stray(&list[end]);
	if (strays)
		return end - first;
	for (place_end = first; place_end < end; place_end++) {
		if (compare_place(&list[first], &list[place_end]))
			break;
	}
	return place_end - first;
}

/* The netdev that has the address. */
static uint32_t owner(const struct holder *holder)
{
	return holder->upper ? holder->upper : holder->netdev->ifindex;
}

size_t holders_group(const struct holders *holders, size_t first, enum harm *harm)
{
	const size_t count = count_in_place(holders, first);
	const struct holder *group = &holders->list[first];
	bool several = false, owners = false, inherent = true;

	for (size_t i = 0; i < count; i++) {
		several |= group[i].namespace != group[0].namespace;
		owners |= owner(&group[i]) != owner(&group[0]);
		inherent &= !has_copied_guid(&group[i]) &&
			    is_inherent(group[i].netdev->gid.raw, &group[i].address);
	}
	if (several)
		*harm = inherent ? HARM_SAME_PORT : HARM_COLLISION;
	else if (owners)
		*harm = HARM_SAME_NAMESPACE;
	else
		*harm = harm_of_distance(holders, first);
	return count;
}

const char *harm_str(enum harm harm)
{
	static const char *const words[] = {
		[HARM_NONE] = "none",
		[HARM_COLLISION] = "collision",
		[HARM_SAME_PORT] = "same port",
		[HARM_SAME_NAMESPACE] = "same namespace",
		[HARM_OTHER_PKEY] = "other P_Key",
		[HARM_OTHER_PORT] = "other port",
	};

	return words[harm];
}

static bool has_other_gid(const struct holder *one, const struct holder *other)
{
	return memcmp(one->netdev->gid.raw, other->netdev->gid.raw, sizeof(one->netdev->gid.raw));
}

size_t holders_winner(const struct holder *group, size_t count, bool *certain)
{
	size_t winner = 0;

	*certain = true;
	for (size_t i = 0; i < count; i++)
		*certain &= group[i].created && !has_other_gid(&group[0], &group[i]) &&
			    !compare_port(&group[0], &group[i]);
	for (size_t i = 1; i < count; i++) {
		if (*certain ? group[i].created < group[winner].created :
			       group[i].netdev->qpn < group[winner].netdev->qpn)
			winner = i;
	}
	return winner;
}

const char *holders_wins_str(const struct holder *group, size_t index, size_t winner, bool certain)
{
	if (index != winner)
		return "no";
	/* The kernel chooses it nevertheless, then rejects the request. */
	if (!group[winner].netdev->up)
		return "down";
	return certain ? "yes" : "likely";
}

void holders_release(struct holders *holders)
{
	free(holders->list);
	ipoib_parents_release(&holders->parents);
	memset(holders, 0, sizeof(*holders));
}
