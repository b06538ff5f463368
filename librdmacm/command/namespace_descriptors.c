// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "namespace_search.h"

/* Whoever has more of them only makes this ask again. */
#define SOCKETS_MAX (1u << 20)

struct socket {
	struct hash_link link;
	uint64_t inode;
	pid_t tid; /* the descriptor by which it was found */
	int fd;
};

static uint32_t hash_inode(uint64_t inode)
{
	return hash_bytes(&inode, sizeof(inode));
}

/*
 * Have the socket's descriptors led here before? Sockets' numbers begin again after 2^32, hence the
 * comparison of the files.
 */
static bool is_socket_known(const struct search *search, uint64_t inode, int fd)
{
	struct hash_link *link;

	link = hash_index_first(&search->descriptors.sockets, hash_inode(inode));
	for (; link; link = hash_index_next(link)) {
		const struct socket *socket = HASH_OWNER(link, struct socket, link);

		if (socket->inode == inode &&
		    !syscall(SYS_kcmp, search->tid, socket->tid, KCMP_FILE, fd, socket->fd))
			return true;
	}
	return false;
}

static int remember_socket(struct search *search, uint64_t inode, int fd)
{
	struct hash_index *sockets = &search->descriptors.sockets;
	struct socket *socket;

	if (sockets->count >= SOCKETS_MAX)
		return 0;
	socket = malloc(sizeof(*socket));
	if (!socket)
		return -1;
	*socket = (struct socket){ .inode = inode, .tid = search->tid, .fd = fd };
	if (hash_index_add(sockets, &socket->link, hash_inode(inode))) {
		free(socket);
		return -1;
	}
	return 0;
}

/*
 * A socket belongs to its namespace as long as it is open, even if its process has moved since.
 */
static int look_at_socket(struct search *search, uint64_t inode, int fd, const char *name)
{
	const struct task_descriptor descriptor = {
		.tid = search->tid,
		.is_thread = search->tid != search->process->pid,
		.fd = fd,
	};
	const int netns = examiner_netns(&search->descriptors.examiner, &descriptor);
	const int error = errno;

	if (netns < 0 && (error == EBUSY || error == ECANCELED || error == EAGAIN))
		return search_stuck(search, error);
	/* The socket has been closed since, or another file has its number. */
	if (netns < 0 && (error == EBADF || error == ENOTTY || error == ENOTSOCK))
		return 0;
	if (netns >= 0 && remember_socket(search, inode, fd)) {
		close(netns);
		return -1;
	}
	return search_take(search, netns, error, name);
}

/*
 * The link of a namespace's file that was opened by its path, such as that of ip netns, is this
 * path.
 */
static bool is_namespace_file(const struct search *search, const char *path)
{
	dev_t device;
	ino_t inode;

	return !search_look(search, path, &device, &inode) && device == search->nsfs;
}

static int read_link(const struct search *search, const char *path, char *target, size_t size)
{
	char text[96];
	ssize_t length;

	snprintf(text, sizeof(text), "%s%s", search->task, path);
	length = readlinkat(search->folder, text, target, size - 1);
	if (length < 0)
		return -1;
	target[length] = '\0';
	return 0;
}

static int visit_descriptor(struct search *search, const char *fd)
{
	char path[64], name[128], target[64];
	unsigned long long inode;

	snprintf(path, sizeof(path), "fd/%.20s", fd);
	snprintf(name, sizeof(name), "%s/fd:%.20s", search->holder, fd);
	if (read_link(search, path, target, sizeof(target)))
		return search_refuse(search, errno);
	if (sscanf(target, "socket:[%llu]", &inode) == 1) {
		/* After a refusal, every other socket of the process would be refused as well. */
		if (search->process->refused || search->process->stuck ||
		    is_socket_known(search, inode, atoi(fd)))
			return 0;
		return look_at_socket(search, inode, atoi(fd), name);
	}
	if (!strncmp(target, "net:[", 5) || (*target == '/' && is_namespace_file(search, path)))
		return search_look_at_file(search, path, name);
	return 0;
}

/* 0: they share one table; 1 and 2: an order; -1: one of them has ended, or may not be compared. */
static int compare_tables(pid_t task, pid_t other)
{
	return (int)syscall(SYS_kcmp, task, other, KCMP_FILES, 0, 0);
}

/* *known is set if another task has the same table. */
static int is_table_known(struct search *search, bool *known)
{
	struct seen_descriptors *seen = &search->descriptors;
	size_t from = 0, to = seen->tables_count;
	pid_t *tables;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;
		const int order = compare_tables(search->tid, seen->tables[middle]);

		*known = !order;
		if (*known)
			return 0;
		if (order < 0) {
			memmove(&seen->tables[middle], &seen->tables[middle + 1],
				(--seen->tables_count - middle) * sizeof(*tables));
			to--;
		} else if (order == 1) {
			to = middle;
		} else {
			from = middle + 1;
		}
	}
	tables = reallocarray(seen->tables, seen->tables_count + 1, sizeof(*tables));
	if (!tables)
		return -1;
	seen->tables = tables;
	memmove(&tables[from + 1], &tables[from], (seen->tables_count++ - from) * sizeof(*tables));
	tables[from] = search->tid;
	return 0;
}

int namespace_descriptors_look(struct search *search)
{
	const bool is_thread = search->tid != search->process->pid;
	bool known = false;
	int result = 0;

	if (is_thread && !compare_tables(search->tid, search->process->pid))
		return 0;
	if (!compare_tables(search->tid, search->tid))
		result = is_table_known(search, &known);
	else if (is_thread)
		/* What cannot be compared is taken for the leader's table. */
		known = !search_is_leader_gone(search);
	if (result || known)
		return result;
	return search_visit(search, "fd", visit_descriptor);
}

static void release_sockets(struct hash_index *sockets)
{
	for (size_t i = 0; i < sockets->size; i++) {
		struct hash_link *link = sockets->buckets[i];

		while (link) {
			struct socket *socket = HASH_OWNER(link, struct socket, link);

			link = link->next;
			free(socket);
		}
	}
	hash_index_release(sockets);
}

void namespace_descriptors_release(struct seen_descriptors *seen)
{
	examiner_release(&seen->examiner);
	release_sockets(&seen->sockets);
	free(seen->tables);
}
