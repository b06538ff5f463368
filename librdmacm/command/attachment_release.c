// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment.h"
#include "attachment_child.h"
#include "attachment_release.h"
#include "netlink.h"

#define REMOVE_TRIES 10

/* Where a netdev that was given away is now. */
struct place_found {
	int netns_fd; /* -1: the host */
	bool lost; /* the record's namespace is not kept any more: it may have come from there */
	bool kept; /* in the namespace that is kept for the record, or it may be */
	struct ipoib_netdev netdev;
};

enum location {
	FOUND,
	GONE,
	DOUBTFUL, /* one with its QPN is there, which may be another one */
	NOT_SEEN, /* some place could not be looked at */
};

void release_search_end(struct release_search *search)
{
	namespaces_release(&search->namespaces);
	memset(search, 0, sizeof(*search));
}

static int search_all(struct release_search *search)
{
	if (!search->done && namespaces_find(&search->namespaces, NAMESPACES_ALL))
		search->error = errno ? errno : EIO;
	search->done = true;
	errno = search->error;
	return search->error ? -1 : 0;
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

/* Its owner may have moved it on, and other namespaces must be searched for it. */
static enum location look_elsewhere(const struct records *records, const struct record *record,
				    struct release_search *search, struct place_found *found)
{
	const struct namespaces *namespaces = &search->namespaces;
	enum location location = GONE;

	if (search_all(search))
		return NOT_SEEN;
	/* The first one is the host, which has been looked at. */
	for (size_t i = 1; i < namespaces->count; i++) {
		enum location here;

		if (!found->lost && namespaces->list[i].inode == record->netns)
			continue;
		found->netns_fd = namespaces->list[i].fd;
		here = look_there(records, record, found);
		if (here == FOUND || here == DOUBTFUL)
			return here;
		if (here == NOT_SEEN)
			location = NOT_SEEN;
	}
	for (size_t i = 0; i < NOT_NAMESPACES; i++) {
		if (namespaces->unseen[i])
			location = NOT_SEEN;
	}
	return location;
}

/* @kept: the record's namespace, or -1 and the reason in @error. */
static enum location locate(const struct records *records, const struct record *record, int kept,
			    int error, struct release_search *search, struct place_found *found)
{
	enum location location = GONE, here;
	int result = 0;

	found->netns_fd = kept;
	found->lost = kept < 0;
	if (kept >= 0)
		result = ipoib_find(kept, &record->identity, &found->netdev);
	else if (error != ENOENT)
		result = -1;
	found->kept = result != 0;
	if (result == 1)
		return FOUND;
	if (result < 0)
		location = NOT_SEEN;
	found->netns_fd = -1;
	here = look_there(records, record, found);
	if (here == FOUND || here == DOUBTFUL)
		return here;
	if (here == NOT_SEEN)
		location = NOT_SEEN;
	/* Without a QPN it has not been made, or only just before this was killed. */
	if (!record->identity.qpn)
		return location;
	here = look_elsewhere(records, record, search, found);
	return here == GONE ? location : here;
}

/* Several containers may be in one namespace, as in a pod; the last one takes the netdev along. */
static bool is_shared(const struct records *records, const struct record *record)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct record *other = &records->list[i];

		if (strcmp(other->key, record->key) != 0 && *other->key &&
		    other->netns == record->netns &&
		    other->identity.ifindex == record->identity.ifindex && record_is_live(other))
			return true;
	}
	return false;
}

static int not_found(const struct record *record, enum location location,
		     const struct place_found *found, struct problem *problem)
{
	if (location == DOUBTFUL)
		return problem_set(problem, PROBLEM_SYSTEM,
				   "a netdev %s may be the one that %s had, or another one with its "
				   "QPN 0x%06x: 'rdma-ns netdevs -A' shows where it is; remove it by "
				   "hand if it is left over, and then 'rm " RECORDS_ATTACHED "/%s'",
				   found->netdev.name, record->key, record->identity.qpn,
				   record->key);
	return problem_set(problem, PROBLEM_SYSTEM,
			   "cannot find the netdev %s of %s, since not everything can be seen: it "
			   "is looked for again when the next container starts; if 'rdma-ns netdevs "
			   "-A' does not show QPN 0x%06x anywhere, 'rm " RECORDS_ATTACHED
			   "/%s' ends this",
			   record->netdev, record->key, record->identity.qpn, record->key);
}

static bool has_parent(const struct record *record)
{
	struct ipoib_netdev parent;
	const int found = ipoib_find_by_ifindex(-1, record->identity.parent, &parent);

	return found < 0 || (found && !ipoib_is_child(&parent));
}

/* Another container may move it on whenever it is about to be removed. */
static int take_back(const struct records *records, struct record *record, int kept, int error,
		     struct release_search *search, struct place_found *found,
		     struct problem *problem)
{
	enum location location;
	int result, tries = 0;

	do {
		location = locate(records, record, kept, error, search, found);
		result = location == FOUND ?
				 ipoib_delete(found->netns_fd, found->netdev.ifindex) :
				 0;
	} while (result && errno == ENODEV && ++tries < REMOVE_TRIES);
	if (result)
		return problem_set(problem, PROBLEM_SYSTEM,
				   "cannot remove the netdev %s of %s: %s: 'rdma-ns netdevs -A' "
				   "shows where QPN 0x%06x is; remove it by hand",
				   record->netdev, record->key, strerror(errno),
				   record->identity.qpn);
	if (location == DOUBTFUL || location == NOT_SEEN)
		return not_found(record, location, found, problem);
	found->kept = false;
	if (*record->taken && has_parent(record))
		return record_make_anew(record, problem);
	if (*record->taken)
		failed("the host's netdev %s, which %s was given, has gone with its parent, for "
		       "instance since its driver was loaded anew: make it again, or let the "
		       "network make children",
		       record->taken, record->key);
	return 0;
}

int record_release(const struct records *records, struct record *record,
		   struct release_search *search, struct problem *problem)
{
	const int kept = record_open_netns(record), error = errno;
	struct place_found found = { 0 };
	int result = 0;

	if (!is_shared(records, record))
		result = take_back(records, record, kept, error, search, &found, problem);
	/* Without its namespace it would come to the host, under a name of the tenant's choice. */
	if (!result || !found.kept)
		record_forget(record, !result);
	if (kept >= 0)
		close(kept);
	*record->key = '\0';
	/* Nobody has it now. */
	if (!result) {
		*record->taken = '\0';
		record->identity.qpn = 0;
	}
	return result;
}

static bool is_stray(const struct records *records, const struct record *record,
		     const struct ipoib_netdev *netdev)
{
	const struct ipoib_identity identity = ipoib_identity_of(netdev);
	struct place_found found = { .netns_fd = -1 };

	return ipoib_is_same(&record->identity, &identity) &&
	       look_there(records, record, &found) == FOUND;
}

void records_release_strays(const struct records *records, const char *owner)
{
	struct release_search search = { 0 };
	struct ipoib_netdev *list = NULL;
	struct problem problem;
	size_t count = 0;

	if (ipoib_list_children(-1, &list, &count))
		failed("cannot list the host's netdevs: %s", strerror(errno));
	for (size_t i = 0; i < count * records->count; i++) {
		struct record *record = &records->list[i % records->count];

		if (*record->key && !(owner && record_is_owned(record, owner)) &&
		    is_stray(records, record, &list[i / records->count]) &&
		    record_release(records, record, &search, &problem))
			failed("%s", problem.text);
	}
	release_search_end(&search);
	free(list);
}

int records_release_stale(const struct records *records)
{
	struct release_search search = { 0 };
	struct problem problem;
	int result = 0;

	for (size_t i = 0; i < records->count; i++) {
		struct record *record = &records->list[i];

		/* Some may have been taken back by now. */
		if (!*record->key || record_is_live(record) ||
		    !record_release(records, record, &search, &problem))
			continue;
		failed("%s", problem.text);
		result = -1;
	}
	release_search_end(&search);
	return result;
}

int attachments_release_ended(struct problem *problem)
{
	struct records records;
	int lock, result;

	/* To look must not make the folder. */
	if (access(RECORDS_ATTACHED, F_OK) && errno == ENOENT)
		return 0;
	lock = records_lock(problem);
	if (lock < 0)
		return -1;
	result = records_read(&records, problem);
	if (!result) {
		records_release_strays(&records, NULL);
		if (records_release_stale(&records))
			result = problem_set(problem, PROBLEM_SYSTEM,
					     "not everything could be taken back, as is said above");
		for (size_t i = 0; i < records.count; i++) {
			if (*records.list[i].key)
				failed("%s has not ended and keeps its netdev '%s', which only this "
				       "program takes back",
				       records.list[i].key, records.list[i].netdev);
		}
		records_release(&records);
	}
	records_unlock(lock);
	return result;
}

/* The first problem is the one that is told. */
int attachments_release(const char *owner, const char *netdev, struct problem *problem)
{
	const int lock = records_lock(problem);
	struct release_search search = { 0 };
	struct problem other;
	struct records records;
	int result = 0;

	if (lock < 0)
		return -1;
	if (records_read(&records, problem)) {
		records_unlock(lock);
		return -1;
	}
	/* One of them may have the name that one of the owner's had. */
	records_release_strays(&records, owner);
	for (size_t i = 0; i < records.count; i++) {
		struct record *record = &records.list[i];

		if (record_is_owned(record, owner) &&
		    (!netdev || !strcmp(record->netdev, netdev)) &&
		    record_release(&records, record, &search, result ? &other : problem))
			result = -1;
	}
	release_search_end(&search);
	records_release(&records);
	records_unlock(lock);
	return result;
}
