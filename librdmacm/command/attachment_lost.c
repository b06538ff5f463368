// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment_lost.h"
#include "command.h"

static void path_of(const struct ipoib_identity *identity, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, LOST_FOLDER "/%u:%u:%u:%u:%" PRIu64, identity->parent,
		 identity->ifindex, identity->qpn, identity->pkey, identity->created);
}

static bool parse(const char *name, struct ipoib_identity *identity)
{
	return sscanf(name, "%u:%u:%u:%" SCNu16 ":%" SCNu64, &identity->parent, &identity->ifindex,
		      &identity->qpn, &identity->pkey, &identity->created) == 5;
}

static int add(struct lost *lost, const struct ipoib_identity *identity)
{
	struct ipoib_identity *list = reallocarray(lost->list, lost->count + 1, sizeof(*list));

	if (!list)
		return -1;
	lost->list = list;
	list[lost->count++] = *identity;
	return 0;
}

static void forget(struct lost *lost, size_t number)
{
	char path[PATH_MAX];

	path_of(&lost->list[number], path);
	unlink(path);
	lost->list[number] = lost->list[--lost->count];
}

int lost_read(struct lost *lost, struct problem *problem)
{
	DIR *dir = opendir(LOST_FOLDER);
	const struct dirent *entry;
	struct ipoib_identity one;

	memset(lost, 0, sizeof(*lost));
	if (!dir)
		return problem_set(problem, PROBLEM_SYSTEM, "cannot read " LOST_FOLDER ": %s",
				   strerror(errno));
	while ((entry = readdir(dir))) {
		if (!parse(entry->d_name, &one) || !add(lost, &one))
			continue;
		lost_release(lost);
		closedir(dir);
		return problem_set(problem, PROBLEM_SYSTEM, "%s", strerror(ENOMEM));
	}
	closedir(dir);
	return 0;
}

void lost_release(struct lost *lost)
{
	free(lost->list);
	memset(lost, 0, sizeof(*lost));
}

/* Numbers in sysfs rise. */
static void forget_oldest(struct lost *lost)
{
	size_t oldest = 0;

	for (size_t i = 1; i < lost->count; i++) {
		if (lost->list[i].created < lost->list[oldest].created)
			oldest = i;
	}
	forget(lost, oldest);
}

int lost_add(struct lost *lost, const struct ipoib_identity *identity, struct problem *problem)
{
	char path[PATH_MAX];
	int fd;

	path_of(identity, path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return problem_set(problem, PROBLEM_SYSTEM, "cannot write %s: %s", path,
				   strerror(errno));
	close(fd);
	while (lost->count >= LOST_MAX)
		forget_oldest(lost);
	if (add(lost, identity))
		return problem_set(problem, PROBLEM_SYSTEM, "%s", strerror(ENOMEM));
	return 0;
}

/* Without a number in sysfs, another one may have its QPN now, but hardly its ifindex as well. */
static bool is_it(const struct ipoib_identity *lost, const struct ipoib_netdev *netdev)
{
	const struct ipoib_identity identity = ipoib_identity_of(netdev);

	return ipoib_is_same(lost, &identity) &&
	       ((lost->created && netdev->created) || lost->ifindex == netdev->ifindex);
}

bool lost_has(const struct lost *lost, const struct ipoib_netdev *netdev)
{
	for (size_t i = 0; i < lost->count; i++) {
		if (is_it(&lost->list[i], netdev))
			return true;
	}
	return false;
}

/* Returns whether the lost one is not looked for any more. */
static bool remove_one(const struct ipoib_identity *lost)
{
	struct ipoib_netdev netdev;

	if (ipoib_find(-1, lost, &netdev) != 1 || !is_it(lost, &netdev))
		return false;
	if (!ipoib_delete(-1, &netdev))
		return true;
	failed("cannot remove %s, which a container had: %s: remove it by hand", netdev.name,
	       strerror(errno));
	return false;
}

void lost_remove(struct lost *lost, const struct ipoib_netdev *children, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct ipoib_identity child = ipoib_identity_of(&children[i]);

		for (size_t j = 0; j < lost->count; j++) {
			if (!ipoib_is_same(&lost->list[j], &child) || !remove_one(&lost->list[j]))
				continue;
			forget(lost, j);
			break;
		}
	}
}
