// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdlib.h>
#include <string.h>

#include "let_go.h"

#define LET_GO_MAX 1000 /* of a namespace; its owner may let go as many as it likes */

#define SLACK (10 * 100) /* by so much the kernel's count may lag behind the clock */

static bool is_same(const struct netdev_ip *one, const struct netdev_ip *other)
{
	return one->ifindex == other->ifindex && one->family == other->family &&
	       !memcmp(one->bytes, other->bytes, sizeof(one->bytes));
}

static size_t find(const struct let_go_list *list, const struct netdev_ip *ip)
{
	size_t i = 0;

	while (i < list->count && !is_same(&list->list[i].ip, ip))
		i++;
	return i;
}

bool let_go_has(const struct let_go_list *list, const struct netdev_ip *ip)
{
	return find(list, ip) < list->count;
}

int let_go_add(struct let_go_list *list, const struct let_go *let_go)
{
	if (list->count == list->room) {
		const size_t room = list->room ? 2 * list->room : 8;
		void *grown = reallocarray(list->list, room, sizeof(*list->list));

		if (!grown)
			return -1;
		list->list = grown;
		list->room = room;
	}
	list->list[list->count++] = *let_go;
	return 0;
}

int let_go_note(struct let_go_list *list, size_t namespace, const struct netdev_ip *ip)
{
	const struct let_go let_go = { .namespace = namespace, .ip = *ip };

	if (let_go_has(list, ip))
		return 0;
	if (list->count == LET_GO_MAX) {
		list->full = true;
		return 0;
	}
	return let_go_add(list, &let_go);
}

void let_go_forget(struct let_go_list *list, const struct netdev_ip *ip)
{
	const size_t found = find(list, ip);

	if (found < list->count)
		list->list[found] = list->list[--list->count];
}

void let_go_release(struct let_go_list *list)
{
	free(list->list);
	memset(list, 0, sizeof(*list));
}

bool let_go_is_of(const struct let_go *let_go, const struct holder *holder)
{
	const uint32_t owner = holder->upper ? holder->upper : holder->netdev->ifindex;

	return holder->namespace == let_go->namespace && owner == let_go->ip.ifindex &&
	       holder_has_ip(holder, &let_go->ip);
}

/* The kernel's count has 32 bits, and begins anew after 497 days. */
static uint32_t hundredths(const struct timespec *time)
{
	return (uint32_t)time->tv_sec * 100 + (uint32_t)(time->tv_nsec / 10000000);
}

/*
 * It has if it had the address before the other one got it, or when nobody knew yet that somebody
 * would look.
 */
bool let_go_overlaps(const struct let_go *let_go, uint32_t created,
		     const struct let_go_times *times)
{
	const uint32_t now = hundredths(&times->now) + SLACK;
	const uint32_t age = now - created, lost = now - let_go->ip.created;

	return age > lost || age > now - hundredths(&times->began) + SLACK;
}
