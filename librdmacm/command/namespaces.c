// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "examiner.h"
#include "namespace_holders.h"
#include "namespace_names.h"
#include "namespace_numbers.h"
#include "namespaces.h"
#include "netlink.h"

/*
 * A namespace takes time to disappear, and one that is created during the search is missed.
 */
#define LOOKS 6
#define LOOK_AGAIN_MS 200

struct namespace *namespaces_by_inode(const struct namespaces *namespaces, uint64_t inode)
{
	for (size_t i = 0; i < namespaces->count; i++) {
		if (namespaces->list[i].inode == inode)
			return &namespaces->list[i];
	}
	return NULL;
}

static struct namespace *make_room(struct namespaces *namespaces)
{
	if (namespaces->count == namespaces->room) {
		size_t room = namespaces->room ? 2 * namespaces->room : 16;
		struct namespace *list = reallocarray(namespaces->list, room, sizeof(*list));

		if (!list)
			return NULL;
		namespaces->list = list;
		namespaces->room = room;
	}
	return &namespaces->list[namespaces->count];
}

/*
 * What had the name has lost it to what was found last: a process has moved, or ip netns has reused
 * it.
 */
static int free_name(struct namespaces *namespaces, const char *name)
{
	for (size_t i = 0; i < namespaces->count; i++) {
		struct namespace *namespace = &namespaces->list[i];
		char *numbered;

		if (strcmp(namespace->name, name))
			continue;
		if (asprintf(&numbered, "%s\\...%" PRIu64, name, namespace->inode) < 0)
			return -1;
		free(namespace->name);
		namespace->name = numbered;
	}
	return 0;
}

int namespaces_rename(struct namespaces *namespaces, struct namespace *known, const char *name)
{
	char text[SAFE_NAME_MAX], *copy;

	safe_name_numbered(name, known->inode, text);
	if (known->name && !strcmp(known->name, text))
		return 0;
	copy = strdup(text);
	if (!copy || free_name(namespaces, text)) {
		free(copy);
		return -1;
	}
	free(known->name);
	known->name = copy;
	return 0;
}

int namespaces_add(struct namespaces *namespaces, int fd, const char *name)
{
	const uint64_t inode = netlink_netns_inode(fd);
	struct namespace *added;

	if (!inode || namespaces_by_inode(namespaces, inode)) {
		close(fd);
		return 0;
	}
	added = make_room(namespaces);
	if (added)
		*added = (struct namespace){ .inode = inode, .fd = fd };
	if (!added || namespaces_rename(namespaces, added, name)) {
		close(fd);
		return -1;
	}
	namespaces->count++;
	return 0;
}

static unsigned int pace = 1;

void namespaces_hurry(void)
{
	pace = HURRY;
}

static uint64_t milliseconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return pace * (uint64_t)((now.tv_sec - start->tv_sec) * 1000 +
				 (now.tv_nsec - start->tv_nsec) / 1000000);
}

bool namespaces_late(const struct namespaces *namespaces, unsigned int seconds)
{
	return milliseconds_since(&namespaces->start) >= seconds * UINT64_C(1000);
}

struct timespec namespaces_deadline(const struct namespaces *namespaces, unsigned int seconds)
{
	return (struct timespec){ .tv_sec = namespaces->start.tv_sec + seconds / pace,
				  .tv_nsec = namespaces->start.tv_nsec };
}

int namespaces_unseen(struct namespaces *namespaces, enum unseen kind, const char *name, int error)
{
	if (!namespaces->unseen[kind]++) {
		namespaces->error[kind] = error;
		namespaces->example[kind] = strdup(name);
	}
	return namespaces->example[kind] ? 0 : -1;
}

static void forget_unseen(struct namespaces *namespaces)
{
	for (enum unseen kind = 0; kind < UNSEEN_COUNT; kind++) {
		free(namespaces->example[kind]);
		namespaces->example[kind] = NULL;
		namespaces->unseen[kind] = 0;
	}
}

static void read_own_leader(struct namespaces *namespaces, const char *path, pid_t pid)
{
	const int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return;
	namespace_leader_read(&namespaces->list[0].leader, pid, folder, "");
	close(folder);
}

/* In most cases, process 1's namespace is the host's. */
static int add_own(struct namespaces *namespaces)
{
	const int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct stat own, first;
	char name[32] = "pid:1";
	bool is_first;

	if (fd < 0 || fstat(fd, &own))
		return -1;
	is_first = !stat("/proc/1/ns/net", &first) && first.st_ino == own.st_ino;
	if (!is_first)
		snprintf(name, sizeof(name), "pid:%d", getpid());
	if (namespaces_add(namespaces, fd, name))
		return -1;
	if (is_first)
		read_own_leader(namespaces, "/proc/1", 1);
	return 0;
}

/* Another process may have been in it for longer, such as a container's first one. */
static int settle_names(struct namespaces *namespaces)
{
	if (!namespaces->list[0].leader.pid)
		read_own_leader(namespaces, "/proc/self", getpid());
	return namespace_names_settle(namespaces);
}

/* Each namespace needs a descriptor while it is examined. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int look(struct namespaces *namespaces, enum namespaces_extent extent)
{
	forget_unseen(namespaces);
	if (namespace_holders_named(namespaces, extent != NAMESPACES_OWN))
		return -1;
	if (extent != NAMESPACES_OWN && namespace_holders_processes(namespaces, extent))
		return -1;
	return extent == NAMESPACES_ALL ? namespace_numbers_check(namespaces) : 0;
}

int namespaces_find(struct namespaces *namespaces, enum namespaces_extent extent)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_MS * 1000000L };
	uint64_t before, after = 0;
	int error;

	memset(namespaces, 0, sizeof(*namespaces));
	clock_gettime(CLOCK_MONOTONIC, &namespaces->start);
	allow_many_files();
	if (add_own(namespaces))
		goto fail;
	for (int i = 0; i < LOOKS; i++) {
		if (i)
			nanosleep(&pause, NULL);
		before = after;
		if (look(namespaces, extent))
			goto fail;
		after = milliseconds_since(&namespaces->start);
		/* A container may have come or gone while this looked. */
		if (!namespaces->unseen[UNSEEN_NUMBERS] && !namespaces->unseen[UNSEEN_MOUNTS])
			break;
		/* Another look would see less if it did not come to an end. */
		if (after + 2 * (after - before) > SEARCH_SECONDS * 1000)
			break;
		/* It could ask nobody, and would name the first process that has sockets. */
		if (namespaces->examiners_lost >= EXAMINERS_LOST_MAX)
			break;
	}
	if (!settle_names(namespaces))
		return 0;
fail:
	error = errno;
	namespaces_release(namespaces);
	errno = error;
	return -1;
}

void namespaces_release(struct namespaces *namespaces)
{
	for (size_t i = 0; i < namespaces->count; i++) {
		close(namespaces->list[i].fd);
		free(namespaces->list[i].name);
		free(namespaces->list[i].found_name);
	}
	forget_unseen(namespaces);
	free(namespaces->list);
	memset(namespaces, 0, sizeof(*namespaces));
}

int netdevs_of(int netns_fd, struct rdma_ns_netdev ***list)
{
	return netns_fd < 0 ? rdma_ns_get_netdevs(list, sizeof(**list)) :
			      rdma_ns_get_netdevs_in(netns_fd, list, sizeof(**list));
}

bool netdev_has_address(const struct rdma_ns_netdev *netdev, const struct sockaddr_storage *address)
{
	const size_t length = address->ss_family == AF_INET ? 4 : 16;

	for (size_t i = 0; i < netdev->addresses_count; i++) {
		if (netdev->addresses[i].family == address->ss_family &&
		    !memcmp(netdev->addresses[i].bytes, address_ip(address), length))
			return true;
	}
	return false;
}

int namespaces_netdevs(struct namespaces *namespaces, struct rdma_ns_netdev ****lists)
{
	struct rdma_ns_netdev ***result = calloc(namespaces->count, sizeof(*result));

	if (!result)
		return -1;
	for (size_t i = 0; i < namespaces->count; i++) {
		const struct namespace *namespace = &namespaces->list[i];

		errno = ETIME;
		/* The caller's own namespace needs no privilege as long as it is not entered. */
		if (!namespaces_late(namespaces, LIST_SECONDS) &&
		    netdevs_of(i ? namespace->fd : -1, &result[i]) >= 0)
			continue;
		result[i] = NULL;
		if (errno == ENOMEM ||
		    namespaces_unseen(namespaces, UNSEEN_NETDEVS, namespace->name, errno)) {
			namespaces_free_netdevs(namespaces, result);
			errno = ENOMEM;
			return -1;
		}
	}
	*lists = result;
	return 0;
}

void namespaces_free_netdevs(const struct namespaces *namespaces, struct rdma_ns_netdev ***lists)
{
	for (size_t i = 0; i < namespaces->count; i++)
		rdma_ns_free_netdevs(lists[i]);
	free(lists);
}

bool namespaces_without_rdma(const char *command)
{
	struct rdma_ns_features features;

	if (rdma_ns_query_features(&features, sizeof(features)) || features.devices ||
	    features.netns_mode != RDMA_NS_NETNS_UNKNOWN)
		return false;
	failed("%s: this kernel has no RDMA: load ib_core and the driver of a device", command);
	return true;
}

static const struct unseen_words {
	const char *word, *what, *several, *remedy;
} unseen_words[UNSEEN_COUNT] = {
	[UNSEEN_NAMES] = { "names", "cannot open network namespace", "names", "run it as root" },
	[UNSEEN_NETDEVS] = { "netdevs", "cannot list the netdevs of network namespace",
			     "namespaces", "run it as root of the host" },
	[UNSEEN_PROCESSES] = { "processes", "cannot see which network namespaces are held by",
			       "processes", "run it as root of the host" },
	[UNSEEN_MOUNTS] = { "mounts", "cannot reach the network namespace that is mounted at",
			    "mounts", "unmount what covers it" },
	[UNSEEN_LATE] = { "late", "cannot examine in time what is held by", "processes",
			  "end what has so many descriptors, threads or mounts" },
	[UNSEEN_HIDDEN] = { "hidden", "cannot see processes", NULL,
			    "run it as root in the host's PID namespace" },
	[UNSEEN_NUMBERS] = { "numbers", "cannot find what holds the network namespace with",
			     "namespaces", "'ip netns list-id' lists the numbers" },
	[NOT_NAMESPACES] = { "strays", "not a network namespace: " NETNS_FOLDER "/", "files",
			     "remove it" },
};

const char *unseen_str(enum unseen kind)
{
	return unseen_words[kind].word;
}

static const char *remedy(enum unseen kind, int error)
{
	if (error == EMFILE || error == ENFILE)
		return "raise the limit of open files ('ulimit -n')";
	if (error == ETIME)
		return "there are too many";
	if (error == EAGAIN && kind == UNSEEN_NETDEVS)
		return "netdevs in it change all the time: end what does that";
	if (error == EXDEV && kind == UNSEEN_NETDEVS)
		return "a netdev in it, such as a VXLAN, is or may be above an IPoIB netdev of "
		       "another namespace, where its addresses count: remove it";
	if (error == EADDRINUSE && kind == UNSEEN_NETDEVS)
		return "it let an address go meanwhile that another namespace has; whoever sees this "
		       "come may take it back: run it again, and 'rdma-ns monitor -A' sees the rest";
	if (error == EINPROGRESS && kind == UNSEEN_NETDEVS)
		return "it was made while netdevs moved from one namespace to another: run it "
		       "again";
	if ((error == ENOBUFS || error == EMSGSIZE) && kind == UNSEEN_NETDEVS)
		return "a netdev in it has more properties than there is room for: remove some";
	if ((error == EPERM || error == EACCES) && kind == UNSEEN_PROCESSES && !geteuid())
		return "run it as root of the host; there, a security module may forbid it, as "
		       "Yama does if kernel.yama.ptrace_scope is 3";
	if (error == EOPNOTSUPP && kind == UNSEEN_PROCESSES)
		return "a thread's own sockets can be seen since Linux 6.9";
	if (error == EBUSY && kind == UNSEEN_LATE)
		return "what it has open may let those who ask wait: end it";
	if (error == ECANCELED && kind == UNSEEN_LATE)
		return "the process that asks its sockets was killed: run it again";
	if (error == EAGAIN && kind == UNSEEN_LATE)
		return "no process can be started to ask: raise the limit of processes or memory";
	if (error == EAGAIN && kind == UNSEEN_MOUNTS)
		return "its path is on a file server, which is not waited for";
	return unseen_words[kind].remedy;
}

char *namespaces_unseen_text(const struct namespaces *namespaces, enum unseen kind, int name_max)
{
	const struct unseen_words *words = &unseen_words[kind];
	const int error = namespaces->error[kind];
	char others[64] = "", *text;

	if (words->several && namespaces->unseen[kind] > 1)
		snprintf(others, sizeof(others), " (one of %zu %s)", namespaces->unseen[kind],
			 words->several);
	if (asprintf(&text, "%s%s%.*s%s%s%s: %s", words->what, kind == NOT_NAMESPACES ? "" : " ",
		     name_max, namespaces->example[kind], others, error ? ": " : "",
		     error ? strerror(error) : "", remedy(kind, error)) < 0)
		return NULL;
	return text;
}

static void tell(const struct namespaces *namespaces, enum unseen kind)
{
	char *text = namespaces_unseen_text(namespaces, kind, INT_MAX);

	failed("%s", text ? text : strerror(ENOMEM));
	free(text);
}

int namespaces_tell(const struct namespaces *namespaces)
{
	int status = STATUS_OK;

	for (enum unseen kind = 0; kind < UNSEEN_COUNT; kind++) {
		if (!namespaces->unseen[kind])
			continue;
		tell(namespaces, kind);
		if (kind != NOT_NAMESPACES)
			status = STATUS_UNSEEN;
	}
	return status;
}
