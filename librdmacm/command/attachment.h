/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Give containers IPoIB netdevs with addresses that no other namespace has, and take them back. One
 * process at a time does this on a host.
 */
#ifndef RDMA_NS_ATTACHMENT_H
#define RDMA_NS_ATTACHMENT_H

#include "attachment_record.h"
#include "netdev_route.h"

#define ATTACHMENT_ADDRESSES_MAX 16
#define ATTACHMENT_ROUTES_MAX 64

struct attachment {
	const struct network *network;
	char netdev[NETDEV_NAME_MAX]; /* its name in the container */
	struct rdma_ns_address addresses[ATTACHMENT_ADDRESSES_MAX];
	size_t addresses_count;
	struct netdev_route routes[ATTACHMENT_ROUTES_MAX];
	size_t routes_count;
	/* Set by what follows. */
	struct rdma_ns_netdev place; /* what the audit needs to know of it */
	struct ipoib_netdev parent;
	bool present; /* the container has it already */
	struct ipoib_netdev made; /* what the container has then */
	struct record record;
};

/* Who gets them. */
struct attachment_target {
	const char *owner; /* in front of the netdev's name in the record's key */
	const char *path; /* of its network namespace, for as long as it exists */
	bool refuse_unseen; /* refuse it if the audit did not see everything */
};

/*
 * Give a container all of these, or none. What is left of containers that have ended is removed
 * first, so that a container that starts again does not meet itself.
 */
int attachments_make(const struct attachment_target *target, struct attachment *list, size_t count,
		     struct problem *problem);

/*
 * Take back all that the owner has, or, unless it is NULL, the netdev that was made with this name;
 * it is no error if there is nothing. @remedy: what to do if others keep this from being tried.
 */
int attachments_release(const char *owner, const char *netdev, const char *remedy,
			struct problem *problem);

/*
 * Take back what containers have that have ended, as a start does. Standard error names the others.
 * Returns -1 if something could not be taken back, which standard error says, too, or the problem.
 */
int attachments_release_ended(struct problem *problem);

/* Has a container the netdev that it was given, under its name? */
int attachments_check(const struct attachment_target *target, const char *netdev,
		      struct problem *problem);

/*
 * Refuse the addresses that another namespace has. What is present is looked at as well: it may
 * have lost an address since, and somebody else may have got it. @records, or NULL, tell whether
 * that one was given the address.
 */
int attachments_audit(const struct attachment_target *target, const struct records *records,
		      uint64_t netns, const struct attachment *list, size_t count,
		      struct problem *problem);

#endif
