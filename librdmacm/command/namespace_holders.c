// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "namespace_holders.h"
#include "namespace_search.h"
#include "netlink.h"

/* The inode of the first PID namespace; the kernel has never given it another number. */
#define HOST_PID_NAMESPACE 0xeffffffcu

#define LISTS_MAX 16 /* of processes: where some start all the time, there are new ones in each */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int look_at_netns(struct search *search)
{
	struct namespace *known;
	dev_t device;
	ino_t inode;

	if (search_look(search, "ns/net", &device, &inode))
		return search_refuse(search, errno);
	known = namespaces_by_inode(search->namespaces, inode);
	if (!known)
		return search_look_at_file(search, "ns/net", search->holder);
	search_lead(search, known);
	return 0;
}

/*
 * What is found first gives the name, and a mount lasts longer than a descriptor. A tenant can make
 * each of these take longer than the one before.
 */
static const struct pass {
	int (*look)(struct search *search);
	bool threads; /* also at those that are not leaders */
} passes[] = {
	{ look_at_netns, false },
	{ look_at_netns, true },
	{ namespace_mounts_look, true },
	{ namespace_descriptors_look, true },
};

static int compare_pid(const void *a, const void *b)
{
	const struct process *one = a, *other = b;

	return (one->pid > other->pid) - (one->pid < other->pid);
}

static struct process *make_room(struct search *search)
{
	if (search->processes_count == search->processes_room) {
		const size_t room = search->processes_room ? 2 * search->processes_room : 256;
		struct process *list = reallocarray(search->processes, room, sizeof(*list));

		if (!list)
			return NULL;
		search->processes = list;
		search->processes_room = room;
	}
	return &search->processes[search->processes_count];
}

/* Add those to the list, which is sorted, that are not in it. */
static int list_processes(struct search *search, DIR *dir)
{
	const size_t known = search->processes_count;
	const struct dirent *entry;

	rewinddir(dir);
	while ((entry = readdir(dir))) {
		const struct process process = { .pid = atoi(entry->d_name) };
		struct process *added;

		if (process.pid <= 0 || (known && bsearch(&process, search->processes, known,
							  sizeof(process), compare_pid)))
			continue;
		added = make_room(search);
		if (!added)
			return -1;
		*added = process;
		search->processes_count++;
	}
	return 0;
}

static void set_task(struct search *search, pid_t tid)
{
	const pid_t pid = search->process->pid;

	search->tid = tid;
	*search->task = '\0';
	snprintf(search->holder, sizeof(search->holder), "pid:%d", pid);
	if (tid == pid)
		return;
	snprintf(search->task, sizeof(search->task), "task/%d/", tid);
	snprintf(search->holder, sizeof(search->holder), "pid:%d/tid:%d", pid, tid);
}

static int visit_thread(struct search *search, const char *name)
{
	const pid_t tid = atoi(name);
	int result;

	if (tid == search->process->pid)
		return 0;
	set_task(search, tid);
	result = search->look(search);
	set_task(search, search->process->pid);
	return result;
}

static int look_at_process(struct search *search, const struct pass *pass)
{
	int result;

	result = pass->look(search);
	if (result || search->process->refused || !pass->threads)
		return result;
	search->look = pass->look;
	return search_visit(search, "task", visit_thread);
}

/* @first: how many have been looked at in all passes. */
static int look_at_each(struct search *search, int proc, const struct pass *pass, size_t first)
{
	int result = 0;
	char name[16];
	bool late;

	for (size_t i = first; !result && i < search->processes_count; i++) {
		search->process = &search->processes[i];
		if (search->process->refused)
			continue;
		set_task(search, search->process->pid);
		result = search_late(search, &late);
		if (late)
			continue;
		snprintf(name, sizeof(name), "%d", search->process->pid);
		search->folder = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (search->folder < 0) {
			result = search_refuse(search, errno);
			continue;
		}
		result = look_at_process(search, pass);
		close(search->folder);
	}
	return result;
}

/*
 * A process that forks and exits all the time has ended when its turn comes. The first list is
 * long; those that are new in the next ones are few, and looked at within a millisecond.
 */
static int look_at_all(struct search *search, DIR *dir, enum namespaces_extent extent)
{
	const size_t count = extent == NAMESPACES_ALL ? COUNT(passes) : 1;
	size_t first;

	for (int list = 0; list < LISTS_MAX; list++) {
		if (list && namespaces_late(search->namespaces, SEARCH_SECONDS))
			break;
		first = search->processes_count;
		if (list_processes(search, dir))
			return -1;
		if (first == search->processes_count)
			break;
		for (size_t i = 0; i < count; i++) {
			if (look_at_each(search, dirfd(dir), &passes[i], first))
				return -1;
		}
		qsort(search->processes, search->processes_count, sizeof(*search->processes),
		      compare_pid);
	}
	return 0;
}

bool namespace_holders_is_host_pid(void)
{
	struct stat own;

	return !stat("/proc/self/ns/pid", &own) && own.st_ino == HOST_PID_NAMESPACE;
}

int namespace_holders_processes(struct namespaces *namespaces, enum namespaces_extent extent)
{
	struct search search = { .namespaces = namespaces,
				 .descriptors.examiner.lost = &namespaces->examiners_lost };
	DIR *dir = opendir("/proc");
	struct stat own, root;
	int result;

	if (!dir || stat("/proc/self/ns/net", &own) || stat("/", &root)) {
		result = namespaces_unseen(namespaces, UNSEEN_HIDDEN, "without /proc", errno);
	} else {
		search.nsfs = own.st_dev;
		search.own_root = root.st_dev;
		result = namespace_holders_is_host_pid() ?
				 0 :
				 namespaces_unseen(namespaces, UNSEEN_HIDDEN,
						   "outside this PID namespace", 0);
		if (!result)
			result = look_at_all(&search, dir, extent);
	}
	if (dir)
		closedir(dir);
	free(search.processes);
	namespace_mounts_release(&search.mounts);
	namespace_descriptors_release(&search.descriptors);
	return result;
}

/* The folder may contain anything: ip netns leaves an empty file when it is killed. */
static int look_at_name(struct namespaces *namespaces, int folder, const char *name, bool add)
{
	char text[SAFE_NAME_MAX];
	struct namespace *known;
	uint64_t inode;
	int fd;

	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return add ? namespaces_unseen(namespaces, UNSEEN_NAMES, safe_name(name, text),
					       errno) :
			     0;
	inode = netlink_netns_inode(fd);
	if (!inode) {
		close(fd);
		return add ? namespaces_unseen(namespaces, NOT_NAMESPACES, safe_name(name, text),
					       0) :
			     0;
	}
	known = namespaces_by_inode(namespaces, inode);
	if (!known && add) {
		if (namespaces_add(namespaces, fd, name))
			return -1;
		known = namespaces_by_inode(namespaces, inode);
	} else {
		close(fd);
		if (known && namespaces_rename(namespaces, known, name))
			return -1;
	}
	if (known)
		known->named = true;
	return 0;
}

int namespace_holders_named(struct namespaces *namespaces, bool add)
{
	DIR *dir = opendir(NETNS_FOLDER);
	const struct dirent *entry;
	int result = 0;

	if (!dir)
		return errno == ENOENT || !add ? 0 :
						 namespaces_unseen(namespaces, UNSEEN_NAMES,
								   "in " NETNS_FOLDER, errno);
	while (!result && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			result = look_at_name(namespaces, dirfd(dir), entry->d_name, add);
	}
	closedir(dir);
	return result;
}
