// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment.h"
#include "attachment_child.h"
#include "attachment_release.h"

#define REMOVE_TRIES 10

/*
 * A container that is started again and again may leave a netdev behind each time. Those that are
 * too many are removed when they come to the host, but not looked for elsewhere.
 */
#define LEFT "left:"
#define LEFT_MAX 64

/* Several containers may be in one namespace, as in a pod; the last one takes the netdev along. */
static bool is_shared(const struct records *records, const struct record *record)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct record *other = &records->list[i];

		/* Whoever moves it on and back gives it another ifindex. */
		if (strcmp(other->key, record->key) != 0 && *other->key &&
		    other->netns == record->netns &&
		    ipoib_is_same(&other->identity, &record->identity) && record_is_live(other))
			return true;
	}
	return false;
}

static int not_found(const struct record *record, enum location location,
		     const struct place_found *found, struct problem *problem)
{
	char inside[RECORD_KEY_MAX + 160] = "";

	if (location == DOUBTFUL)
		return problem_set(problem, PROBLEM_SYSTEM,
				   "a netdev %s may be the one that %s had, or another one with its "
				   "QPN 0x%06x: 'rdma-ns netdevs -A' shows where it is; remove it by "
				   "hand if it is left over, and then 'rm " RECORDS_ATTACHED "/%s'",
				   found->netdev.name, record->key, record->identity.qpn,
				   record->key);
	if (found->kept)
		snprintf(inside, sizeof(inside),
			 "; if it is still in its namespace, 'nsenter --net=" RECORDS_KEPT
			 "/%s ip link' shows it, and 'ip link del' instead removes it there first",
			 record->key);
	return problem_set(problem, PROBLEM_SYSTEM,
			   "cannot find the netdev %s of %s: %s; it is looked for again as "
			   "containers start, a minute later or more, and at once by 'rdma-ns hook "
			   "--release-ended'; if 'rdma-ns netdevs -A' does not show QPN 0x%06x "
			   "anywhere, 'rm " RECORDS_ATTACHED "/%s' ends this%s",
			   record->netdev, record->key, found->why, record->identity.qpn,
			   record->key, inside);
}

static bool has_parent(const struct record *record)
{
	struct ipoib_netdev parent;
	const int found = ipoib_find_by_ifindex(-1, record->identity.parent, &parent);

	return found < 0 || (found && !ipoib_is_child(&parent));
}

/* They have ended, too, since it would not have been taken back otherwise. */
static void forget_others(const struct records *records, const struct record *record)
{
	for (size_t i = 0; i < records->count; i++) {
		struct record *other = &records->list[i];

		if (!*other->key || !strcmp(other->key, record->key) ||
		    !ipoib_is_same(&other->identity, &record->identity) ||
		    other->netns != record->netns)
			continue;
		record_forget(other);
		*other->key = '\0';
	}
}

/*
 * What was found nowhere may come to the host later, and what is made anew has another identity
 * than it.
 */
static int replace(struct records *records, struct record *record, bool removed,
		   struct problem *problem)
{
	forget_others(records, record);
	if (!removed && record->identity.qpn &&
	    lost_add(&records->lost, &record->identity, problem))
		return -1;
	if (*record->taken && has_parent(record))
		return record_make_anew(record, problem);
	if (*record->taken)
		failed("the host's netdev %s, which %s was given, has gone with its parent, for "
		       "instance since its driver was loaded anew: make it again, or let the "
		       "network make children",
		       record->taken, record->key);
	return 0;
}

/* Another container may move it on whenever it is about to be removed. */
static int take_back(struct records *records, struct record *record, int kept, int error,
		     struct release_search *search, struct place_found *found,
		     struct problem *problem)
{
	enum location location;
	int result, tries = 0;

	do {
		location = record_locate(records, record, kept, error, search, found);
		result = location == FOUND ? ipoib_delete(found->netns_fd, &found->netdev) : 0;
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
	return replace(records, record, location == FOUND, problem);
}

/* It counts as what could not be taken back: that of a container that has ended. */
static void leave(struct record *record)
{
	strcpy(record->left, record->key);
	*record->key = '\0';
}

static void keep_for_later(struct record *record, bool kept)
{
	struct problem problem;

	delay_failed(&record->delay, delay_now());
	if (!kept)
		record_unpin(record);
	else if (record_write(record, &problem))
		failed("%s", problem.text);
}

int record_release(struct records *records, struct record *record, struct release_search *search,
		   struct problem *problem)
{
	const int kept = record_open_netns(record), error = errno;
	struct place_found found = { 0 };
	int result = 0;

	if (!is_shared(records, record))
		result = take_back(records, record, kept, error, search, &found, problem);
	/* Without its namespace it would come to the host, under a name of the tenant's choice. */
	if (!result)
		record_forget(record);
	else
		keep_for_later(record, found.kept);
	if (kept >= 0)
		close(kept);
	if (result)
		leave(record);
	*record->key = '\0';
	/* Nobody has it now. */
	if (!result) {
		*record->taken = '\0';
		record->identity.qpn = 0;
	}
	return result;
}

static bool is_many(const struct records *records)
{
	const size_t length = strlen(LEFT);
	size_t count = 0;

	for (size_t i = 0; i < records->count; i++) {
		const struct record *record = &records->list[i];

		count += !strncmp(*record->key ? record->key : record->left, LEFT, length);
	}
	return count >= LEFT_MAX;
}

int record_set_aside(struct records *records, struct record *record, struct problem *problem)
{
	char key[RECORD_KEY_MAX];
	int result = 0;

	strcpy(record->key, record->left);
	*record->left = '\0';
	if (*record->taken)
		snprintf(key, sizeof(key), LEFT "%s", record->taken);
	else
		snprintf(key, sizeof(key), LEFT "%u-%06x", record->identity.ifindex,
			 record->identity.qpn);
	if (!*record->taken && record->identity.qpn && is_many(records)) {
		result = lost_add(&records->lost, &record->identity, problem);
		if (!result)
			record_forget(record);
	} else if (*record->taken || record->identity.qpn) {
		/* If its netdev was there still, it is a stray from now on. */
		record_unpin(record);
		result = record_rename(record, key, problem);
	}
	*record->key = '\0';
	return result;
}

/* One that could not be made anew, as long as its name was in use, is in no namespace. */
static bool is_missing(const struct record *record)
{
	return *record->taken && !record->identity.qpn && !record->netns;
}

static int release_stray(struct records *records, struct record *record,
			 struct release_search *search)
{
	struct problem problem;

	if (!record_release(records, record, search, &problem))
		return 0;
	failed("%s", problem.text);
	return -1;
}

int records_release_strays(struct records *records, const char *owner,
			   struct release_search *search)
{
	struct ipoib_netdev *list = NULL;
	size_t count = 0;
	int result = 0;

	if (ipoib_list_children(-1, &list, &count)) {
		failed("cannot list the host's netdevs: %s", strerror(errno));
		result = -1;
	}
	lost_remove(&records->lost, list, count);
	for (size_t i = 0; i < count * records->count; i++) {
		struct record *record = &records->list[i % records->count];

		if (*record->key && !(owner && record_is_owned(record, owner)) &&
		    record_is_stray(records, record, &list[i / records->count]))
			result |= release_stray(records, record, search);
	}
	for (size_t i = 0; i < records->count; i++) {
		struct record *record = &records->list[i];

		if (*record->key && !(owner && record_is_owned(record, owner)) &&
		    is_missing(record))
			result |= release_stray(records, record, search);
	}
	free(list);
	return result;
}

/*
 * Has the container what the record is about? Without a QPN, the hook was killed as it made the
 * netdev: it has not come to the container, and may be on the host, under the name of its making.
 */
static bool is_in_use(const struct record *record)
{
	return record->identity.qpn && record_is_live(record);
}

int records_release_stale(struct records *records, struct release_search *search, bool all)
{
	const uint64_t now = delay_now();
	struct problem problem;
	int result = 0;

	for (size_t i = 0; i < records->count; i++) {
		/* Who comes when the time is over must not be the same each time. */
		const size_t number = (i + (size_t)getpid()) % records->count;
		struct record *record = &records->list[number];

		/* Some may have been taken back by now. Of others the end has been told already. */
		if (!*record->key || (is_in_use(record) && !(all && record->delay.first)))
			continue;
		if (!all && delay_left(&record->delay, now)) {
			leave(record);
			continue;
		}
		if (!record_release(records, record, search, &problem))
			continue;
		failed("%s", problem.text);
		result = -1;
	}
	return result;
}

/* Returns as ipoib_find() does. What could not be taken back is not in its namespace. */
static int has_netdev(const struct record *record)
{
	const int kept = record->netns ? record_open_netns(record) : -1;
	struct ipoib_netdev netdev;
	int result = record->netns ? -1 : 0, error = errno;

	if (kept >= 0) {
		result = ipoib_find(kept, &record->identity, &netdev);
		error = errno;
		close(kept);
	}
	errno = error;
	return result;
}

static void name_live(const struct record *record)
{
	const int result = has_netdev(record);

	if (result < 0)
		failed("%s has not ended; whether it has its netdev '%s' cannot be seen: %s; only "
		       "this program takes it back",
		       record->key, record->netdev, strerror(errno));
	else if (result)
		failed("%s has not ended and keeps its netdev '%s', which only this program takes "
		       "back",
		       record->key, record->netdev);
	else
		failed("%s has not ended; its netdev '%s' has left its network namespace, and only "
		       "this program looks for it",
		       record->key, record->netdev);
}

static int release_all(struct records *records, struct problem *problem)
{
	struct release_search search = { 0 };
	int result = records_release_strays(records, NULL, &search);

	result |= records_release_stale(records, &search, true);
	release_search_end(&search);
	for (size_t i = 0; i < records->count; i++) {
		if (*records->list[i].key)
			name_live(&records->list[i]);
	}
	if (!result)
		return 0;
	return problem_set(problem, PROBLEM_SYSTEM,
			   "not everything could be taken back, as is said above");
}

int attachments_release_ended(struct problem *problem)
{
	struct records records;
	int lock, result;

	/* To look must not make the folder. */
	if (access(RECORDS_ATTACHED, F_OK) && errno == ENOENT)
		return 0;
	lock = records_lock("call this again", problem);
	if (lock < 0)
		return -1;
	result = records_read(&records, problem);
	if (!result) {
		result = records_check_host(&records, problem);
		if (!result)
			result = release_all(&records, problem);
		records_release(&records);
	}
	records_unlock(lock);
	return result;
}

/*
 * Some runtimes repeat for ever what fails, and nobody else can have the lock while everything is
 * searched.
 */
static int release_owned(struct records *records, struct record *record,
			 struct release_search *search, struct problem *problem)
{
	const uint64_t left = delay_left(&record->delay, delay_now());

	if (!left || !delay_is_long(&record->delay) || is_shared(records, record))
		return record_release(records, record, search, problem);
	return problem_set(problem, PROBLEM_BUSY,
			   "the netdev %s of %s could not be taken back before: repeat this in "
			   "%" PRIu64 " s or more, or try it at once by 'rdma-ns hook "
			   "--release-ended', which says why it fails",
			   record->netdev, record->key, left);
}

static bool is_wanted(const struct record *record, const char *owner, const char *netdev)
{
	return record_is_owned(record, owner) && (!netdev || !strcmp(record->netdev, netdev));
}

/* The first problem is the one that is told. */
static int release_wanted(struct records *records, const char *owner, const char *netdev,
			  struct problem *problem)
{
	struct release_search search = { 0 };
	struct problem other;
	int result = 0;

	/* One of them may have the name that one of the owner's had. */
	(void)records_release_strays(records, owner, &search);
	for (size_t i = 0; i < records->count; i++) {
		struct record *record = &records->list[i];

		if (is_wanted(record, owner, netdev) &&
		    release_owned(records, record, &search, result ? &other : problem))
			result = -1;
	}
	release_search_end(&search);
	return result;
}

/* Runtimes call this for containers that were given nothing, too, and those may end anywhere. */
static bool has_wanted(const struct records *records, const char *owner, const char *netdev)
{
	for (size_t i = 0; i < records->count; i++) {
		if (is_wanted(&records->list[i], owner, netdev))
			return true;
	}
	return false;
}

int attachments_release(const char *owner, const char *netdev, const char *remedy,
			struct problem *problem)
{
	const int lock = records_lock(remedy, problem);
	struct records records;
	int result;

	if (lock < 0)
		return -1;
	result = records_read(&records, problem);
	if (!result) {
		if (!records_check_host(&records, problem))
			result = release_wanted(&records, owner, netdev, problem);
		else if (has_wanted(&records, owner, netdev))
			result = -1;
		records_release(&records);
	}
	records_unlock(lock);
	return result;
}
