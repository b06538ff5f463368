/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Addresses that somebody has let go while the audit looked: whoever sees its sockets come may take
 * an address back when they have gone. But an address may also move honestly from one namespace to
 * another, and then nobody had it together with the other one.
 */
#ifndef RDMA_NS_LET_GO_H
#define RDMA_NS_LET_GO_H

#include "collisions.h"

struct let_go {
	size_t namespace;
	struct netdev_ip ip;
};

struct let_go_list {
	struct let_go *list;
	size_t count, room;
	bool full; /* there were more of them */
};

/* Both return -1 for ENOMEM. Of what is noted, each address counts once, and not too many do. */
int let_go_add(struct let_go_list *list, const struct let_go *let_go);
int let_go_note(struct let_go_list *list, size_t namespace, const struct netdev_ip *ip);
/* It has come again. */
void let_go_forget(struct let_go_list *list, const struct netdev_ip *ip);
bool let_go_has(const struct let_go_list *list, const struct netdev_ip *ip);
void let_go_release(struct let_go_list *list);

/* Does the holder have this address? */
bool let_go_is_of(const struct let_go *let_go, const struct holder *holder);

/* When the namespaces began to be listened to, and now. */
struct let_go_times {
	struct timespec began, now;
};

/*
 * Has whoever has an address now, since the first of these times, had it together with the one that
 * let it go?
 */
bool let_go_overlaps(const struct let_go *let_go, uint32_t created,
		     const struct let_go_times *times);

#endif
