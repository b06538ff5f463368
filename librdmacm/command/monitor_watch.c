// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "monitor_watch.h"
#include "rtnetlink_message.h"

#define watch_of(link, member) HASH_OWNER(link, struct monitor_watch, member)

struct monitor_watch *monitor_watch_by_number(const struct monitor_watches *watches, int32_t number)
{
	struct hash_link *at;

	at = hash_index_first(&watches->by_number, hash_bytes(&number, sizeof(number)));
	while (at && watch_of(at, by_number)->number != number)
		at = hash_index_next(at);
	return at ? watch_of(at, by_number) : NULL;
}

struct monitor_watch *monitor_watch_by_inode(const struct monitor_watches *watches, uint64_t inode)
{
	struct hash_link *at;

	at = hash_index_first(&watches->by_inode, hash_bytes(&inode, sizeof(inode)));
	while (at && watch_of(at, by_inode)->namespace.inode != inode)
		at = hash_index_next(at);
	return at ? watch_of(at, by_inode) : NULL;
}

const struct namespace *monitor_watches_namespace(const struct monitor_watches *watches,
						  uint64_t inode)
{
	const struct monitor_watch *watch = watches->first;

	while (watch && watch->namespace.inode != inode)
		watch = watch->next;
	return watch ? &watch->namespace : NULL;
}

static int take_number(const struct nlmsghdr *header, void *data)
{
	struct nlattr *attribute;

	if (header->nlmsg_type != RTM_NEWNSID || !nlmsg_valid_hdr(header, sizeof(struct rtgenmsg)))
		return 0;
	attribute =
		nlmsg_find_attr((struct nlmsghdr *)header, sizeof(struct rtgenmsg), NETNSA_NSID);
	if (attribute && nla_len(attribute) >= 4)
		*(int32_t *)data = (int32_t)nla_get_u32(attribute);
	return 0;
}

/* Returns OWN_NUMBER and sets errno if it cannot have one. */
static int32_t number_of(struct netlink *queries, int netns_fd)
{
	const uint32_t fd = (uint32_t)netns_fd;
	const int32_t any = -1;
	struct rtnetlink_request request;
	int32_t number = OWN_NUMBER;

	rtnetlink_request_init(&request, RTM_NEWNSID, sizeof(struct rtgenmsg));
	request.header.nlmsg_flags = NLM_F_ACK;
	rtnetlink_request_add(&request, NETNSA_FD, &fd, sizeof(fd));
	rtnetlink_request_add(&request, NETNSA_NSID, &any, sizeof(any));
	/* Most have one already. */
	if (netlink_request(queries, &request.header, take_number, &number) && errno != EEXIST)
		return OWN_NUMBER;
	rtnetlink_request_init(&request, RTM_GETNSID, sizeof(struct rtgenmsg));
	rtnetlink_request_add(&request, NETNSA_FD, &fd, sizeof(fd));
	if (netlink_request(queries, &request.header, take_number, &number))
		return OWN_NUMBER;
	return number;
}

static int describe(struct monitor_watch *watch, const struct namespace *found)
{
	char *name = strdup(found->name);
	char *found_name = found->found_name ? strdup(found->found_name) : NULL;

	if (!name || (found->found_name && !found_name)) {
		free(name);
		free(found_name);
		return -1;
	}
	free(watch->namespace.name);
	free(watch->namespace.found_name);
	watch->namespace = *found;
	watch->namespace.fd = -1;
	watch->namespace.name = name;
	watch->namespace.found_name = found_name;
	return 0;
}

static struct monitor_watch *add(struct monitor_watches *watches, int32_t number, uint64_t inode)
{
	struct monitor_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->number = number;
	watch->namespace.inode = inode;
	if (hash_index_add(&watches->by_number, &watch->by_number,
			   hash_bytes(&number, sizeof(number))))
		goto fail;
	if (hash_index_add(&watches->by_inode, &watch->by_inode,
			   hash_bytes(&inode, sizeof(inode)))) {
		hash_index_remove(&watches->by_number, &watch->by_number);
		goto fail;
	}
	watch->next = watches->first;
	watches->first = watch;
	watch->stale = true;
	return watch;
fail:
	free(watch);
	return NULL;
}

static int update(struct monitor_watches *watches, struct netlink *queries, struct namespace *found,
		  bool own)
{
	struct monitor_watch *watch = monitor_watch_by_inode(watches, found->inode), *other;
	int32_t number = OWN_NUMBER;

	if (!watch) {
		if (!own)
			number = number_of(queries, found->fd);
		if (!own && number == OWN_NUMBER) {
			found->unseen = true;
			return 0;
		}
		/* It has ended, and the message that says so was lost. */
		other = monitor_watch_by_number(watches, number);
		if (other)
			monitor_watch_end(watches, other);
		watch = add(watches, number, found->inode);
	}
	if (!watch || describe(watch, found))
		return -1;
	watch->unseen = found->unseen;
	return 0;
}

int monitor_watches_update(struct monitor_watches *watches, struct netlink *queries,
			   struct namespaces *namespaces)
{
	/* What is not found again, but has not ended, has not been seen. */
	for (struct monitor_watch *watch = watches->first; watch; watch = watch->next)
		watch->unseen = true;
	for (size_t i = 0; i < namespaces->count; i++) {
		if (update(watches, queries, &namespaces->list[i], !i))
			return -1;
	}
	return 0;
}

void monitor_watch_end(struct monitor_watches *watches, struct monitor_watch *watch)
{
	if (watch->gone)
		return;
	hash_index_remove(&watches->by_number, &watch->by_number);
	hash_index_remove(&watches->by_inode, &watch->by_inode);
	watch->gone = true;
}

static void release(struct monitor_watch *watch)
{
	netdev_table_release(&watch->table);
	free(watch->namespace.name);
	free(watch->namespace.found_name);
	free(watch->others);
	free(watch);
}

void monitor_watches_sweep(struct monitor_watches *watches)
{
	struct monitor_watch **at = &watches->first;

	while (*at) {
		struct monitor_watch *watch = *at;

		if (!watch->gone) {
			at = &watch->next;
			continue;
		}
		*at = watch->next;
		release(watch);
	}
}

void monitor_watches_release(struct monitor_watches *watches)
{
	for (struct monitor_watch *watch = watches->first; watch; watch = watch->next)
		monitor_watch_end(watches, watch);
	monitor_watches_sweep(watches);
	hash_index_release(&watches->by_number);
	hash_index_release(&watches->by_inode);
}
