// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/sock_diag.h>
#include <netlink/msg.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "descriptor.h"
#include "netlink.h"
#include "netns_thread.h"

#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

/* A netdev's other names alone may take 64 KiB, and so may its kind's settings. */
#define MESSAGES_SIZE (256 << 10)
#define NOTIFICATIONS_SIZE (4 << 20)

struct opening {
	int protocol;
	int fd;
	int error;
};

static void open_here(void *data)
{
	struct opening *opening = data;

	opening->fd =
		descriptor_keep(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, opening->protocol));
	opening->error = errno;
}

/*
 * A socket stays in the namespace where it was created, so only its creation needs a thread there.
 */
static int open_socket(int protocol, int netns_fd)
{
	struct opening opening = { .protocol = protocol, .fd = -1 };

	if (netns_thread_run(netns_fd, open_here, &opening))
		return -1;
	if (opening.fd < 0)
		errno = opening.error;
	return opening.fd;
}

int netlink_open(struct netlink *netlink, int protocol, int netns_fd, const unsigned int *groups)
{
	static const int on = 1, size = NOTIFICATIONS_SIZE;
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int error;

	memset(netlink, 0, sizeof(*netlink));
	netlink->fd = open_socket(protocol, netns_fd);
	if (netlink->fd < 0)
		return -1;
	netlink->size = MESSAGES_SIZE;
	netlink->buffer = malloc(netlink->size);
	if (!netlink->buffer || bind(netlink->fd, (struct sockaddr *)&address, sizeof(address)))
		goto fail;
	/*
	 * Failure is harmless: with a smaller buffer, notifications are lost sooner, which costs a
	 * dump.
	 */
	if (groups && setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(netlink->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	for (; groups && *groups; groups++) {
		if (setsockopt(netlink->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, groups,
			       sizeof(*groups)))
			goto fail;
	}
	return 0;
fail:
	error = errno;
	netlink_close(netlink);
	errno = error;
	return -1;
}

int netlink_listen_to_all(struct netlink *netlink)
{
	static const int on = 1;

	return setsockopt(netlink->fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on));
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->fd >= 0)
		close(netlink->fd);
	free(netlink->buffer);
	netlink->fd = -1;
	netlink->buffer = NULL;
}

/* The kernel says nothing where it is the socket's own. */
static int32_t namespace_number(struct msghdr *message)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int32_t number = -1;

	if (header && header->cmsg_level == SOL_NETLINK &&
	    header->cmsg_type == NETLINK_LISTEN_ALL_NSID &&
	    header->cmsg_len == CMSG_LEN(sizeof(number)))
		memcpy(&number, CMSG_DATA(header), sizeof(number));
	return number;
}

/* Receive one datagram from the kernel. Returns 0 if there is none and @wait is not set. */
static ssize_t receive(struct netlink *netlink, bool wait)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int32_t))];
	} control;
	struct sockaddr_nl from;
	struct iovec iov = { netlink->buffer, netlink->size };
	struct msghdr message = { .msg_name = &from, .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t length;

	for (;;) {
		message.msg_namelen = sizeof(from);
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		length = recvmsg(netlink->fd, &message, wait ? 0 : MSG_DONTWAIT);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 && !wait && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (length < 0)
			return -1;
		/* What does not fit has been lost, as in a full queue. */
		if (message.msg_flags & MSG_TRUNC) {
			errno = ENOBUFS;
			return -1;
		}
		if (message.msg_namelen != sizeof(from) || from.nl_pid || !length)
			continue;
		netlink->namespace_number = namespace_number(&message);
		return length;
	}
}

/* NLMSG_DONE and NLMSG_ERROR both carry an int, which is negative for an error. */
static int status_of(const struct nlmsghdr *header)
{
	int status = 0;

	if (header->nlmsg_len >= NLMSG_LENGTH(sizeof(status)))
		memcpy(&status, NLMSG_DATA(header), sizeof(status));
	else if (header->nlmsg_type == NLMSG_ERROR)
		status = -EBADMSG;
	return status;
}

static int send_message(struct netlink *netlink, struct iovec *parts, size_t count)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr message = { .msg_name = &kernel,
				  .msg_namelen = sizeof(kernel),
				  .msg_iov = parts,
				  .msg_iovlen = count };
	ssize_t length;

	do
		length = sendmsg(netlink->fd, &message, 0);
	while (length < 0 && errno == EINTR);
	return length < 0 ? -1 : 0;
}

static bool is_status(const struct nlmsghdr *header)
{
	return header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR;
}

/* Take an answer to one of @queries. Returns how many are left. */
static size_t take_answer(const struct netlink *netlink, struct netlink_query *queries,
			  size_t count, const struct nlmsghdr *header, size_t left)
{
	/* The last one has the last number. */
	const uint32_t number = header->nlmsg_seq + (uint32_t)count - 1 - netlink->sequence;
	struct netlink_query *query;

	if (number >= count || queries[number].answered)
		return left;
	query = &queries[number];
	query->answered = true;
	if (is_status(header))
		query->error = -status_of(header);
	else if (query->handler(header, query->data))
		query->error = errno;
	return left - 1;
}

int netlink_ask(struct netlink *netlink, struct netlink_query *queries, size_t count)
{
	struct iovec parts[NETLINK_QUERIES_MAX];
	size_t left = count;

	for (size_t i = 0; i < count; i++) {
		struct nlmsghdr *request = queries[i].request;

		request->nlmsg_flags |= NLM_F_REQUEST;
		request->nlmsg_seq = ++netlink->sequence;
		queries[i].answered = false;
		queries[i].error = 0;
		parts[i] = (struct iovec){ request, NLMSG_ALIGN(request->nlmsg_len) };
	}
	if (send_message(netlink, parts, count))
		return -1;
	while (left) {
		struct nlmsghdr *header = netlink->buffer;
		ssize_t length = receive(netlink, true);
		int rest;

		if (length < 0)
			return -1;
		for (rest = (int)length; nlmsg_ok(header, rest); header = nlmsg_next(header, &rest))
			left = take_answer(netlink, queries, count, header, left);
	}
	return 0;
}

static int dump(struct netlink *netlink, struct nlmsghdr *request, netlink_handler handler,
		void *data)
{
	struct iovec part = { request, request->nlmsg_len };
	bool consistent = true;
	int result = 0;

	request->nlmsg_flags |= NLM_F_REQUEST;
	request->nlmsg_seq = ++netlink->sequence;
	if (send_message(netlink, &part, 1))
		return -1;
	for (;;) {
		struct nlmsghdr *header = netlink->buffer;
		ssize_t length = receive(netlink, true);
		int left;

		if (length < 0)
			return -1;
		for (left = (int)length; nlmsg_ok(header, left);
		     header = nlmsg_next(header, &left)) {
			if (header->nlmsg_seq != netlink->sequence)
				continue;
			if (header->nlmsg_flags & NLM_F_DUMP_INTR)
				consistent = false;
			if (is_status(header)) {
				int status = status_of(header);

				if (result)
					return result;
				if (status || !consistent) {
					errno = status ? -status : EINTR;
					return -1;
				}
				return 0;
			}
			/*
			 * After a handler's error the rest is still read, because the socket is
			 * used again.
			 */
			if (!result)
				result = handler(header, data);
		}
	}
}

int netlink_request(struct netlink *netlink, struct nlmsghdr *request, netlink_handler handler,
		    void *data)
{
	struct netlink_query query = { .request = request, .handler = handler, .data = data };

	if ((request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
		return dump(netlink, request, handler, data);
	if (netlink_ask(netlink, &query, 1))
		return -1;
	errno = query.error;
	return query.error ? -1 : 0;
}

int netlink_drain(struct netlink *netlink, netlink_handler handler, void *data)
{
	for (;;) {
		struct nlmsghdr *header = netlink->buffer;
		ssize_t length = receive(netlink, false);
		int left, result;

		if (length <= 0)
			return (int)length;
		for (left = (int)length; nlmsg_ok(header, left);
		     header = nlmsg_next(header, &left)) {
			result = handler(header, data);
			if (result)
				return result;
		}
	}
}

uint32_t netlink_lost(const struct netlink *netlink)
{
	uint32_t numbers[SK_MEMINFO_VARS] = { 0 };
	socklen_t length = sizeof(numbers);

	if (getsockopt(netlink->fd, SOL_SOCKET, SO_MEMINFO, numbers, &length))
		return 0;
	return numbers[SK_MEMINFO_DROPS];
}

uint64_t netlink_netns_inode(int netns_fd)
{
	struct statfs filesystem;
	struct stat status;

	if (netns_fd < 0)
		return stat("/proc/thread-self/ns/net", &status) ? 0 : status.st_ino;
	if (fstatfs(netns_fd, &filesystem) || fstat(netns_fd, &status))
		return 0;
	if ((unsigned long)filesystem.f_type != NSFS_MAGIC ||
	    ioctl(netns_fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
		errno = EINVAL;
		return 0;
	}
	return status.st_ino;
}
