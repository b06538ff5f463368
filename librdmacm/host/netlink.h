/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Netlink sockets in a given network namespace: requests with their answers, and notifications. */
#ifndef RDMA_NS_NETLINK_H
#define RDMA_NS_NETLINK_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink {
	int fd;
	uint32_t sequence;
	/* the number of the namespace that the last notification is about; -1: the socket's own */
	int32_t namespace_number;
	void *buffer;
	size_t size;
};

/* Called for each message. A result other than 0 ends the reading and is returned. */
typedef int (*netlink_handler)(const struct nlmsghdr *header, void *data);

/*
 * Open a socket in the namespace of @netns_fd, the caller's if that is -1; the caller's thread
 * stays where it is. @groups lists multicast groups and ends with 0. Returns -1 and sets errno on
 * error.
 */
int netlink_open(struct netlink *netlink, int protocol, int netns_fd, const unsigned int *groups);
/*
 * Hear of all namespaces that have a number in the socket's own. Returns -1 and sets errno, to
 * EPERM without CAP_NET_BROADCAST.
 */
int netlink_listen_to_all(struct netlink *netlink);
void netlink_close(struct netlink *netlink);

/*
 * Send a request (its sequence number and flags for the reply are set here) and pass all answers to
 * the handler. On error, returns -1 and sets errno to the kernel's. EINTR means that a dump was not
 * consistent, although all messages came.
 */
int netlink_request(struct netlink *netlink, struct nlmsghdr *request, netlink_handler handler,
		    void *data);

/* A question with one message for an answer, or an errno. */
struct netlink_query {
	struct nlmsghdr *request;
	netlink_handler handler;
	void *data;
	int error;
	bool answered;
};

#define NETLINK_QUERIES_MAX 2

/*
 * Ask all of them at once, at most NETLINK_QUERIES_MAX. Returns -1 and sets errno without answers.
 */
int netlink_ask(struct netlink *netlink, struct netlink_query *queries, size_t count);

/* Pass on the notifications that have come, without waiting. -1 and ENOBUFS: some were lost. */
int netlink_drain(struct netlink *netlink, netlink_handler handler, void *data);

/* How many notifications have been lost since the socket was opened, as far as is known. */
uint32_t netlink_lost(const struct netlink *netlink);

/* Inode of the namespace of @netns_fd, the caller's if that is -1; 0 and errno if it is none. */
uint64_t netlink_netns_inode(int netns_fd);

#endif
