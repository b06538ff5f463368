// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attachment_search.h"

#define PASSES_MAX 4

_Static_assert(RELEASE_SECONDS + LIST_SECONDS / HURRY < RECORDS_RUN_SECONDS,
	       "a run has to end in time");

/* A search that began later might not end in time. */
#define BEGIN_SECONDS (RELEASE_SECONDS - SEARCH_SECONDS / HURRY)

void release_search_end(struct release_search *search)
{
	namespaces_release(&search->namespaces);
	search->done = false;
	search->error = 0;
}

/* Since the first search of the run. */
static bool is_late(const struct release_search *search, time_t seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - search->start.tv_sec >= seconds;
}

static int find(struct release_search *search, struct namespaces *namespaces)
{
	errno = ETIME;
	if (!search->start.tv_sec)
		clock_gettime(CLOCK_MONOTONIC, &search->start);
	else if (is_late(search, BEGIN_SECONDS))
		return -1;
	return namespaces_find(namespaces, NAMESPACES_ALL);
}

static int search_all(struct release_search *search)
{
	if (!search->done && find(search, &search->namespaces))
		search->error = errno ? errno : EIO;
	search->done = true;
	errno = search->error;
	return search->error ? -1 : 0;
}

/*
 * Search once more, for namespaces that were made since. Returns whether there are any, or -1 if
 * that cannot be told.
 */
static int search_again(struct release_search *search)
{
	struct namespaces *namespaces = &search->namespaces, later;
	int result = 0;

	if (find(search, &later))
		return -1;
	for (size_t i = 0; i < later.count && !result; i++)
		result = !namespaces_by_inode(namespaces, later.list[i].inode);
	namespaces_release(namespaces);
	*namespaces = later;
	return result;
}

/* A QPN is given again once its netdev has gone, to somebody else's netdev perhaps. */
static bool is_of_another(const struct records *records, const struct record *record)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct record *other = &records->list[i];

		if (*other->key && strcmp(other->key, record->key) != 0 &&
		    ipoib_is_same(&other->identity, &record->identity) &&
		    (other->netns != record->netns ||
		     other->identity.ifindex != record->identity.ifindex))
			return true;
	}
	return false;
}

/*
 * Look in a namespace other than the record's. Without its number in sysfs: the ifindex of a netdev
 * that was made was chosen at random, and none other has it. What the host has given may come back
 * to it with another one, but only if its namespace has gone does it come under a name that is not
 * its own.
 */
static enum location look_there(const struct records *records, const struct record *record,
				struct place_found *found)
{
	const int result = ipoib_find(found->netns_fd, &record->identity, &found->netdev);

	if (result < 0)
		return NOT_SEEN;
	if (!result)
		return GONE;
	if (record->identity.created && found->netdev.created)
		return FOUND;
	if (!*record->taken && found->netdev.ifindex == record->identity.ifindex)
		return FOUND;
	if (is_of_another(records, record))
		return GONE;
	if (*record->taken && (found->netdev.ifindex == record->identity.ifindex ||
			       (found->netns_fd < 0 && (found->lost ||
				!strcmp(found->netdev.name, record->taken)))))
		return FOUND;
	return DOUBTFUL;
}

/* The record's own namespace may be kept without being found by the search. */
static bool is_place(const struct namespaces *namespaces, size_t number,
		     const struct record *record, bool lost)
{
	if (number == namespaces->count)
		return !lost;
	return !number || lost || namespaces->list[number].inode != record->netns;
}

static int place_fd(const struct namespaces *namespaces, size_t number, int kept)
{
	if (number == namespaces->count)
		return kept;
	return number ? namespaces->list[number].fd : -1;
}

static const char *remedy(int error)
{
	if (error == EINTR)
		return ": netdevs in it come and go all the time: end what does that";
	return files_remedy(error);
}

/* The first reason why something was not seen is the one that is told. */
__attribute__((format(printf, 2, 3))) static void explain(struct place_found *found,
							  const char *format, ...)
{
	va_list arguments;

	if (*found->why)
		return;
	va_start(arguments, format);
	vsnprintf(found->why, sizeof(found->why), format, arguments);
	va_end(arguments);
}

static enum location not_looked_at(struct place_found *found, const char *namespace, int error)
{
	explain(found, "cannot look into network namespace %.*s: %s%s", NAME_SHOWN_MAX, namespace,
		strerror(error), remedy(error));
	return NOT_SEEN;
}

static enum location not_searched(struct place_found *found, int error)
{
	if (error == ETIME)
		explain(found, "there was no time to look everywhere: end what makes that slow, "
			       "such as very many namespaces, descriptors, threads or mounts");
	else
		explain(found, "cannot find the network namespaces: %s%s", error_text(error),
			remedy(error));
	return NOT_SEEN;
}

static enum location look_in_kept(const struct record *record, int kept, struct place_found *found)
{
	const int result = ipoib_find(kept, &record->identity, &found->netdev);

	found->netns_fd = kept;
	found->kept = result != 0;
	if (result < 0)
		return not_looked_at(found, record->key, errno);
	return result ? FOUND : GONE;
}

static enum location look_in(const struct records *records, const struct record *record,
			     const struct namespaces *namespaces, size_t number, int kept,
			     struct place_found *found)
{
	enum location here;

	if (number == namespaces->count)
		return look_in_kept(record, kept, found);
	found->netns_fd = place_fd(namespaces, number, kept);
	here = look_there(records, record, found);
	return here == NOT_SEEN ? not_looked_at(found, namespaces->list[number].name, errno) : here;
}

static bool end_watches(struct netlink *watches, size_t count, const struct record *record)
{
	bool seen = false;

	for (size_t i = 0; i < count; i++) {
		if (watches[i].fd >= 0)
			seen |= ipoib_watch_end(&watches[i], record->identity.qpn);
	}
	return seen;
}

/* Returns -1 if not all of them can be watched: then none is, since a look needs descriptors. */
static int watch_all(struct netlink *watches, const struct release_search *search,
		     const struct record *record, int kept, struct place_found *found)
{
	const struct namespaces *namespaces = &search->namespaces;

	for (size_t i = 0; i <= namespaces->count; i++)
		watches[i].fd = -1;
	for (size_t i = 0; i <= namespaces->count; i++) {
		const bool own = i == namespaces->count;

		if (!is_place(namespaces, i, record, found->lost) ||
		    !ipoib_watch(&watches[i], place_fd(namespaces, i, kept)))
			continue;
		not_looked_at(found, own ? record->key : namespaces->list[i].name, errno);
		end_watches(watches, i, record);
		return -1;
	}
	return 0;
}

static enum location look_everywhere(const struct records *records, const struct record *record,
				     const struct release_search *search, int kept,
				     struct place_found *found)
{
	const struct namespaces *namespaces = &search->namespaces;
	enum location location = GONE, here;

	for (size_t i = 0; i <= namespaces->count; i++) {
		if (!is_place(namespaces, i, record, found->lost))
			continue;
		if (is_late(search, RELEASE_SECONDS))
			return not_searched(found, ETIME);
		here = look_in(records, record, namespaces, i, kept, found);
		if (here == FOUND || here == DOUBTFUL)
			return here;
		if (here == NOT_SEEN)
			location = NOT_SEEN;
	}
	return location;
}

static bool is_all_seen(const struct namespaces *namespaces, struct place_found *found)
{
	for (size_t i = 0; i < NOT_NAMESPACES; i++) {
		char *text;

		if (!namespaces->unseen[i])
			continue;
		text = namespaces_unseen_text(namespaces, i, NAME_SHOWN_MAX);
		explain(found, "%s", text ? text : strerror(ENOMEM));
		free(text);
		return false;
	}
	return true;
}

/*
 * May it have come from a namespace that had not been looked at to one that had, or to a new one?
 * Returns -1 if that cannot be told.
 */
static int may_be_missed(struct release_search *search, struct netlink *watches, size_t count,
			 const struct record *record, struct place_found *found)
{
	const int later = search_again(search), error = errno;

	if (end_watches(watches, count, record)) {
		*found->why = '\0';
		explain(found, "it is moved on to other namespaces all the time: end what does "
			       "that");
		return 1;
	}
	if (later < 0)
		not_searched(found, error);
	else if (later)
		explain(found, "namespaces are made all the time: end what does that");
	return later;
}

/* Look once in all namespaces. *again: it may have been missed. */
static enum location look_once(const struct records *records, const struct record *record, int kept,
			       struct release_search *search, struct place_found *found,
			       bool *again)
{
	const size_t count = search->namespaces.count + 1;
	struct netlink *watches = calloc(count, sizeof(*watches));
	enum location location = NOT_SEEN;
	bool watched;
	int missed = -1;

	*again = false;
	*found->why = '\0';
	if (!watches)
		return not_searched(found, ENOMEM);
	watched = !watch_all(watches, search, record, kept, found);
	location = look_everywhere(records, record, search, kept, found);
	/* What could not be examined in time would take as long again. */
	if ((location == GONE || location == NOT_SEEN) && watched &&
	    !search->namespaces.unseen[UNSEEN_LATE])
		missed = may_be_missed(search, watches, count, record, found);
	else
		end_watches(watches, count, record);
	*again = missed > 0;
	free(watches);
	if (location == GONE && (!is_all_seen(&search->namespaces, found) || missed))
		return NOT_SEEN;
	return location;
}

/* Its owner may have moved it on, and may do so all the time. */
static enum location look_elsewhere(const struct records *records, const struct record *record,
				    int kept, struct release_search *search,
				    struct place_found *found)
{
	bool again = true;

	if (search_all(search))
		return not_searched(found, errno);
	for (int i = 0; i < PASSES_MAX && again; i++) {
		const enum location location =
			look_once(records, record, kept, search, found, &again);

		if (location == FOUND || location == DOUBTFUL || !again)
			return location;
	}
	return NOT_SEEN;
}

/* Where it was given, and on the host, where it comes to when its namespace ends. */
static enum location look_nearby(const struct records *records, const struct record *record,
				 int kept, int error, struct place_found *found)
{
	enum location location = GONE, here;

	if (kept >= 0)
		location = look_in_kept(record, kept, found);
	else if (error != ENOENT)
		location = not_looked_at(found, record->key, error);
	if (location == FOUND)
		return FOUND;
	found->kept = location == NOT_SEEN;
	found->netns_fd = -1;
	here = look_there(records, record, found);
	if (here == NOT_SEEN)
		not_looked_at(found, "pid:1", errno);
	return here == GONE ? location : here;
}

enum location record_locate(const struct records *records, const struct record *record, int kept,
			    int error, struct release_search *search, struct place_found *found)
{
	char why[PLACE_WHY_MAX];
	enum location nearby, elsewhere;

	*found = (struct place_found){ .netns_fd = -1, .lost = kept < 0 };
	nearby = look_nearby(records, record, kept, error, found);
	/* Without a QPN it has not been made, or only just before this was killed. */
	if (nearby == FOUND || nearby == DOUBTFUL || !record->identity.qpn)
		return nearby;
	memcpy(why, found->why, sizeof(why));
	elsewhere = look_elsewhere(records, record, kept, search, found);
	if (elsewhere != GONE)
		return elsewhere;
	memcpy(found->why, why, sizeof(why));
	return nearby;
}

bool record_is_stray(const struct records *records, const struct record *record,
		     const struct ipoib_netdev *netdev)
{
	const struct ipoib_identity identity = ipoib_identity_of(netdev);
	struct place_found found = { .netns_fd = -1 };

	return ipoib_is_same(&record->identity, &identity) &&
	       look_there(records, record, &found) == FOUND;
}
