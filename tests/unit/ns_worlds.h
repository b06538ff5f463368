/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * A made-up kernel with a few namespaces that change while the audit looks (looks.c): at each
 * question that it asks, something may happen.
 *
 * The caller links with --wrap, for the functions that ns_worlds.c replaces.
 */
#ifndef NS_WORLDS_H
#define NS_WORLDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ns_messages.h"

#define WORLDS 4	/* the first is the initial namespace */
#define WORLD_NETDEVS 8 /* ifindexes, from 1 */
#define WORLD_ADDRESSES 8
#define WORLD_QUEUE 64

/* A descriptor that nobody uses stands for each namespace, this plus its number. */
#define WORLD_NETNS_FD 1000

struct world_address {
	uint32_t ifindex, flags, created;
	const char *address; /* or NULL */
};

/* What is true in a namespace now, and what its followers have not heard of yet. */
struct world {
	struct ns_link links[WORLD_NETDEVS]; /* by ifindex */
	uint32_t above[WORLD_NETDEVS];	     /* the ifindex of what is above that netdev, or 0 */
	struct world_address addresses[WORLD_ADDRESSES];
	struct ns_message queue[WORLD_QUEUE];
	size_t queued;
	bool followed, lost;
	bool disturbed; /* all dumps are */
	int sysfs;
};

extern struct world worlds[WORLDS];

/* What happens while the audit looks: change() at moment next, and whenever it sets next anew. */
struct world_script {
	void (*change)(void); /* or NULL */
	unsigned int now, next;
};

extern struct world_script world_script;

/* Each tells the followers of that world. */
void world_put_link(int number, const struct ns_link *link);
void world_remove_link(int number, const struct ns_link *link);
void world_put_ip(int number, const struct ns_link *link, const char *address, uint32_t flags);
/* The kernel says nothing of this. */
void world_keep_unusable(int number, const struct ns_link *link, const char *address);
void world_remove_ip(int number, const struct ns_link *link, const char *address);

#endif
