// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdlib.h>
#include <string.h>

#include "collisions.h"

#define PKEY_NUMBER 0x7fff

/* The addresses of a bond's port do not count; it may keep its link-local one. */
static bool is_port(struct rdma_ns_netdev *const *netdevs, const struct rdma_ns_netdev *netdev)
{
	for (; netdev->master && *netdevs; netdevs++) {
		if ((*netdevs)->ifindex == netdev->master)
			return true;
	}
	return false;
}

static int add(struct holders *holders, const struct rdma_ns_netdev *netdev,
	       const struct rdma_ns_address *address, size_t namespace)
{
	if (holders->count == holders->room) {
		size_t room = holders->room ? 2 * holders->room : 64;
		void *list = reallocarray(holders->list, room, sizeof(*holders->list));

		if (!list)
			return -1;
		holders->list = list;
		holders->room = room;
	}
	holders->list[holders->count++] =
		(struct holder){ .netdev = netdev, .address = address, .namespace = namespace };
	return 0;
}

int holders_add(struct holders *holders, struct rdma_ns_netdev *const *netdevs, size_t namespace)
{
	for (size_t i = 0; netdevs[i]; i++) {
		const struct rdma_ns_netdev *netdev = netdevs[i];

		if (netdev->transport != RDMA_NS_TRANSPORT_IB || is_port(netdevs, netdev))
			continue;
		for (size_t j = 0; j < netdev->addresses_count; j++) {
			if (!netdev->addresses[j].unusable &&
			    add(holders, netdev, &netdev->addresses[j], namespace))
				return -1;
		}
	}
	return 0;
}

static int compare_address(const struct holder *one, const struct holder *other)
{
	if (one->address->family != other->address->family)
		return one->address->family - other->address->family;
	return memcmp(one->address->bytes, other->address->bytes, sizeof(one->address->bytes));
}

/* A request looks for its address on one port, which its GID identifies, and under one P_Key. */
static int compare_place(const struct holder *one, const struct holder *other)
{
	const int a = one->netdev->pkey & PKEY_NUMBER, b = other->netdev->pkey & PKEY_NUMBER;
	int result = compare_address(one, other);

	if (!result)
		result = memcmp(one->netdev->gid.raw, other->netdev->gid.raw, 16);
	return result ? result : a - b;
}

static int compare(const void *a, const void *b)
{
	const struct holder *one = a, *other = b;
	int result = compare_place(one, other);

	if (result)
		return result;
	if (one->namespace != other->namespace)
		return one->namespace < other->namespace ? -1 : 1;
	return one->netdev->ifindex < other->netdev->ifindex ?
		       -1 :
		       one->netdev->ifindex > other->netdev->ifindex;
}

void holders_sort(struct holders *holders)
{
	size_t kept = 0;

	if (!holders->count)
		return;
	qsort(holders->list, holders->count, sizeof(*holders->list), compare);
	/* A netdev may have an address twice, with different prefix lengths. */
	for (size_t i = 1; i < holders->count; i++) {
		if (compare(&holders->list[kept], &holders->list[i]))
			holders->list[++kept] = holders->list[i];
	}
	holders->count = kept + 1;
}

static bool is_inherent(const struct holder *holder)
{
	static const uint8_t prefix[8] = { 0xfe, 0x80 };
	uint8_t expected[16];

	memcpy(expected, prefix, sizeof(prefix));
	memcpy(expected + 8, holder->netdev->gid.raw + 8, 8);
	expected[8] |= 2;
	return holder->address->family == AF_INET6 &&
	       !memcmp(holder->address->bytes, expected, sizeof(expected));
}

/* The harm for a holder that is alone in its place, when other places have the address, too. */
static enum harm harm_of_distance(const struct holders *holders, size_t index)
{
	const struct holder *list = holders->list, *holder = &list[index];
	enum harm harm = HARM_NONE;
	size_t first = index;

	while (first && !compare_address(&list[first - 1], holder))
		first--;
	for (size_t i = first; i < holders->count && !compare_address(&list[i], holder); i++) {
		if (list[i].namespace == holder->namespace)
			continue;
		if (!memcmp(list[i].netdev->gid.raw, holder->netdev->gid.raw, 16))
			return HARM_OTHER_PKEY;
		harm = HARM_OTHER_PORT;
	}
	return harm;
}

size_t holders_group(const struct holders *holders, size_t first, enum harm *harm)
{
	const struct holder *list = holders->list;
	bool several = false;
	size_t end = first + 1;

	while (end < holders->count && !compare_place(&list[first], &list[end])) {
		several |= list[end].namespace != list[end - 1].namespace;
		end++;
	}
	if (several)
		*harm = is_inherent(&list[first]) ? HARM_SAME_PORT : HARM_COLLISION;
	else if (end - first > 1)
		*harm = HARM_SAME_NAMESPACE;
	else
		*harm = harm_of_distance(holders, first);
	return end - first;
}

const char *harm_str(enum harm harm)
{
	static const char *const words[] = {
		[HARM_NONE] = "none",
		[HARM_COLLISION] = "collision",
		[HARM_SAME_PORT] = "same port",
		[HARM_SAME_NAMESPACE] = "same namespace",
		[HARM_OTHER_PKEY] = "other P_Key",
		[HARM_OTHER_PORT] = "other port",
	};

	return words[harm];
}

size_t holders_winner(const struct holder *group, size_t count, bool *certain)
{
	size_t winner = 0;

	*certain = true;
	for (size_t i = 0; i < count; i++)
		*certain &= group[i].created != 0;
	for (size_t i = 1; i < count; i++) {
		if (*certain ? group[i].created < group[winner].created :
			       group[i].netdev->qpn < group[winner].netdev->qpn)
			winner = i;
	}
	return winner;
}

void holders_release(struct holders *holders)
{
	free(holders->list);
	memset(holders, 0, sizeof(*holders));
}
