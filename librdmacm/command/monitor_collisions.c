// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "monitor.h"

#define PKEY_NUMBER 0x7fff

static int compare_place(const struct monitor_holder *one, const struct monitor_holder *other)
{
	const int a = one->pkey & PKEY_NUMBER, b = other->pkey & PKEY_NUMBER;

	if (one->address.family != other->address.family)
		return one->address.family - other->address.family;
	if (a != b)
		return a - b;
	return memcmp(one->address.bytes, other->address.bytes, sizeof(one->address.bytes));
}

static int compare(const void *a, const void *b)
{
	const struct monitor_holder *one = a, *other = b;
	const int result = compare_place(one, other);

	if (result)
		return result;
	if (one->netns != other->netns)
		return one->netns < other->netns ? -1 : 1;
	if (one->ifindex != other->ifindex)
		return one->ifindex < other->ifindex ? -1 : 1;
	return one->upper < other->upper ? -1 : one->upper > other->upper;
}

static void describe(struct monitor_holder *to, const struct holder *from, const char *wins)
{
	const struct rdma_ns_netdev *netdev = from->netdev;

	memset(to, 0, sizeof(*to));
	to->address = from->address;
	to->pkey = netdev->pkey;
	to->netns = netdev->netns;
	to->ifindex = netdev->ifindex;
	to->upper = from->upper;
	memcpy(to->netdev, netdev->name, sizeof(to->netdev));
	memcpy(to->upper_name, from->upper_name, sizeof(to->upper_name));
	strcpy(to->device, from->device);
	to->port = from->port;
	to->qpn = netdev->qpn;
	to->up = netdev->up;
	to->wins = wins;
}

/* The audit's rule, and its words. */
static int find(struct holders *holders, struct monitor_collisions *found)
{
	enum harm harm;
	size_t count;

	holders_sort(holders);
	found->count = 0;
	found->list = holders->count ? calloc(holders->count, sizeof(*found->list)) : NULL;
	if (holders->count && !found->list)
		return -1;
	for (size_t i = 0; i < holders->count; i += count) {
		const struct holder *group = &holders->list[i];
		size_t winner;
		bool certain;

		count = holders_group(holders, i, &harm);
		if (harm != HARM_COLLISION)
			continue;
		winner = holders_winner(group, count, &certain);
		for (size_t j = 0; j < count; j++)
			describe(&found->list[found->count++], &group[j],
				 holders_wins_str(group, j, winner, certain));
	}
	if (found->count)
		qsort(found->list, found->count, sizeof(*found->list), compare);
	return 0;
}

/* A namespace of which not all was seen may still have it, and so may one that was not found. */
static bool may_still_be(const struct monitor *monitor, const struct monitor_holder *holder)
{
	const struct monitor_watch *watch =
		monitor_watch_by_inode(&monitor->watches, holder->netns);

	return watch && watch->unseen;
}

/* Those with one address, before and now. */
struct group {
	const struct monitor_holder *place; /* any of them */
	const struct monitor_holder *before, *now;
	size_t before_count, now_count;
};

static size_t count_place(const struct monitor_collisions *collisions, size_t first,
			  const struct monitor_holder *place)
{
	size_t end = first;

	while (end < collisions->count && !compare_place(&collisions->list[end], place))
		end++;
	return end - first;
}

static bool is_wanted(const struct monitor *monitor, const struct monitor_holder *holder)
{
	const struct monitor_filter *filter = &monitor->filter;
	const struct namespace *namespace =
		monitor_watches_namespace(&monitor->watches, holder->netns);

	return (!filter->netns || (namespace && monitor_wants_netns(filter, namespace))) &&
	       (monitor_wants_netdev(filter, holder->netdev) ||
		(holder->upper && monitor_wants_netdev(filter, holder->upper_name)));
}

/* Whoever asks for one wants to know whom it collides with. */
static bool is_any_wanted(const struct monitor *monitor, const struct monitor_holder *list,
			  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_wanted(monitor, &list[i]))
			return true;
	}
	return false;
}

static struct monitor_bucket *bucket_of(struct monitor *monitor,
					const struct monitor_holder *holder)
{
	struct monitor_watch *watch = monitor->watches.first;

	/* It may have gone. */
	while (watch && watch->namespace.inode != holder->netns)
		watch = watch->next;
	return &(watch ? watch->buckets : monitor->buckets)[MONITOR_CHANGES];
}

static void tell(struct monitor *monitor, const char *event, const struct monitor_holder *holder)
{
	struct monitor_line line;
	char text[TEXT_MAX];

	monitor_line_begin(&line, &monitor->output, event);
	monitor_line_text(&line, "address", "%s",
			  ip_text(holder->address.family, holder->address.bytes, text));
	monitor_line_netns(&line, monitor_watches_namespace(&monitor->watches, holder->netns));
	monitor_line_name(&line, "netdev", holder->netdev);
	monitor_line_name(&line, "upper", holder->upper ? holder->upper_name : "");
	monitor_line_number(&line, "ifindex", holder->ifindex, true);
	monitor_line_name(&line, "device", holder->device);
	monitor_line_number(&line, "port", holder->port, holder->port);
	monitor_line_text(&line, "p_key", "0x%04x", holder->pkey);
	monitor_line_text(&line, "qpn", "0x%06x", holder->qpn);
	monitor_line_flag(&line, "up", holder->up);
	monitor_line_text(&line, "wins", "%s", holder->wins);
	monitor_line_end(&line);
}

/* What has become of one holder; NULL: nothing. */
struct change {
	const char *event;
	const struct monitor_holder *holder;
};

/*
 * A namespace that has many must not take the lines of others: as in the audit, where one of a
 * group has room, the first of each namespace is told.
 */
static void tell_changes(struct monitor *monitor, const struct change *changes, size_t count)
{
	bool shown = false;

	for (size_t i = 0; i < count; i++)
		shown |= monitor_bucket_has_room(&monitor->output,
						 bucket_of(monitor, changes[i].holder));
	for (size_t i = 0; i < count; i++) {
		const struct monitor_holder *holder = changes[i].holder;
		struct monitor_bucket *bucket = bucket_of(monitor, holder);
		const bool first = !i || changes[i - 1].holder->netns != holder->netns;

		if (shown && first)
			monitor_bucket_force(&monitor->output, bucket);
		else if (!monitor_bucket_take(&monitor->output, bucket))
			continue;
		tell(monitor, changes[i].event, holder);
	}
}

/* What was there and may still be remains told of. */
struct kept {
	struct monitor_holder *list;
	size_t count;
};

static int take_group(struct monitor *monitor, const struct group *group, struct kept *kept)
{
	const size_t most = group->before_count + group->now_count;
	struct change *changes = calloc(most, sizeof(*changes));
	size_t i = 0, j = 0, count = 0;
	bool doubtful = false;

	if (!changes)
		return -1;
	for (size_t k = 0; k < group->before_count; k++)
		doubtful |= may_still_be(monitor, &group->before[k]);
	while (i < group->before_count || j < group->now_count) {
		const struct monitor_holder *before = NULL, *now = NULL;
		const char *event = NULL;

		if (i < group->before_count)
			before = &group->before[i];
		if (j < group->now_count)
			now = &group->now[j];
		if (before && now && compare(before, now) < 0)
			now = NULL;
		else if (before && now && compare(before, now) > 0)
			before = NULL;
		i += before != NULL;
		j += now != NULL;
		if (!before)
			event = monitor->collisions.known ? "collision began" : "collision found";
		else if (!now && !doubtful)
			event = "collision ended";
		else if (now && strcmp(before->wins, now->wins))
			event = "collision changed";
		if (event)
			changes[count++] = (struct change){ event, now ? now : before };
		if (now || doubtful)
			kept->list[kept->count++] = now ? *now : *before;
	}
	if (monitor->filter.collisions &&
	    monitor_wants_address(&monitor->filter, group->place->address.family,
				  group->place->address.bytes) &&
	    (is_any_wanted(monitor, group->before, group->before_count) ||
	     is_any_wanted(monitor, group->now, group->now_count)))
		tell_changes(monitor, changes, count);
	free(changes);
	return 0;
}

int monitor_collisions_take(struct monitor *monitor, struct holders *holders)
{
	struct monitor_collisions *before = &monitor->collisions, now;
	struct kept kept = { 0 };
	size_t i = 0, j = 0;
	int result = 0;

	if (find(holders, &now))
		return -1;
	if (before->count + now.count) {
		kept.list = calloc(before->count + now.count, sizeof(*kept.list));
		result = kept.list ? 0 : -1;
	}
	while (!result && (i < before->count || j < now.count)) {
		struct group group = { 0 };

		if (i < before->count)
			group.place = group.before = &before->list[i];
		if (j < now.count)
			group.now = &now.list[j];
		if (!group.before || (group.now && compare_place(group.now, group.before) < 0))
			group.place = group.now;
		group.before_count = count_place(before, i, group.place);
		group.now_count = count_place(&now, j, group.place);
		i += group.before_count;
		j += group.now_count;
		result = take_group(monitor, &group, &kept);
	}
	free(now.list);
	if (result) {
		free(kept.list);
		return -1;
	}
	free(before->list);
	before->list = kept.list;
	before->count = kept.count;
	before->known = true;
	return 0;
}

void monitor_collisions_release(struct monitor_collisions *collisions)
{
	free(collisions->list);
	memset(collisions, 0, sizeof(*collisions));
}
