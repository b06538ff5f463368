// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What the extended ib_uverbs says of the netdevs of a device's ports in this namespace, one a
 * line: DEVICE PORT IFINDEX QPN P_KEY VLAN. With --errors instead: what it answers to bad requests.
 * Exit status: 0, 1 failed (2: this kernel has no such method).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uverbs_netdevs.h"

#define ROOM 4096

struct longer_request {
	struct rdma_ns_query_netdevs known;
	uint64_t later;
};

struct longer_entry {
	struct rdma_ns_netdev_entry known;
	uint32_t later[2];
};

static int list(const struct uverbs *uverbs, const char *device)
{
	static struct rdma_ns_netdev_entry entries[ROOM];
	struct rdma_ns_query_netdevs request = {
		.entries = (uintptr_t)entries,
		.entry_size = sizeof(entries[0]),
		.room = ROOM,
		.port = 1,
	};
	uint32_t total;

	for (; !uverbs_query_netdevs(uverbs, &request, sizeof(request), &total); request.port++) {
		for (uint32_t i = 0; i < total && i < ROOM; i++)
			printf("%s %u %u 0x%06x 0x%04x %u\n", device, request.port,
			       entries[i].ifindex, entries[i].qpn, entries[i].pkey,
			       entries[i].vlan);
	}
	/* Behind the last port. */
	if (errno == EINVAL)
		return 0;
	fprintf(stderr, "ns-uverbs: %s port %u: %s\n", device, request.port, strerror(errno));
	return errno == EPROTONOSUPPORT ? 2 : 1;
}

static int failed;

static void check(const char *name, int expected, int actual)
{
	failed |= expected != actual;
	printf("%s - %s\n", expected == actual ? "ok" : "not ok", name);
	if (expected != actual)
		printf("# expected %d (%s), not %d (%s)\n", expected, strerror(expected), actual,
		       strerror(actual));
}

static int outcome(const struct uverbs *uverbs, const void *request, size_t size, uint32_t *total)
{
	return uverbs_query_netdevs(uverbs, request, size, total) ? errno : 0;
}

static int errors(const struct uverbs *uverbs)
{
	struct rdma_ns_netdev_entry entry;
	const struct rdma_ns_query_netdevs good = {
		.entries = (uintptr_t)&entry,
		.entry_size = sizeof(entry),
		.room = 1,
		.port = 1,
	};
	struct rdma_ns_query_netdevs request;
	struct longer_request longer = { .known = good };
	struct longer_entry entries[2];
	uint32_t total = 0, again = 0;

	check("a good request", 0, outcome(uverbs, &good, sizeof(good), &total));
	check("there are several netdevs", 1, total > 1);
	request = good;
	request.room = 0;
	request.entries = 0;
	check("no room, no array", 0, outcome(uverbs, &request, sizeof(request), &again));
	check("the same number", (int)total, (int)again);
	request = good;
	request.port = 0;
	check("port 0", EINVAL, outcome(uverbs, &request, sizeof(request), &again));
	request.port = 200;
	check("port 200", EINVAL, outcome(uverbs, &request, sizeof(request), &again));
	request.port = UINT32_MAX;
	check("port 4294967295", EINVAL, outcome(uverbs, &request, sizeof(request), &again));
	request = good;
	request.entry_size = 8;
	check("small entries", EINVAL, outcome(uverbs, &request, sizeof(request), &again));
	request.entry_size = UINT32_MAX;
	check("huge entries", EINVAL, outcome(uverbs, &request, sizeof(request), &again));
	request = good;
	request.reserved = 1;
	check("reserved, not zero", EINVAL, outcome(uverbs, &request, sizeof(request), &again));
	request = good;
	request.entries = 8;
	check("no memory there", EFAULT, outcome(uverbs, &request, sizeof(request), &again));
	request.entries = UINT64_MAX - 8;
	check("nor there", EFAULT, outcome(uverbs, &request, sizeof(request), &again));
	check("no memory for the number", EFAULT, outcome(uverbs, &good, sizeof(good), (void *)8));
	check("a request cut short", EINVAL, outcome(uverbs, &good, sizeof(good) - 4, &again));
	check("a longer request with zeros", 0, outcome(uverbs, &longer, sizeof(longer), &again));
	longer.later = 1;
	check("a longer request with more in it", EOPNOTSUPP,
	      outcome(uverbs, &longer, sizeof(longer), &again));

	memset(entries, 0xff, sizeof(entries));
	request = good;
	request.entries = (uintptr_t)entries;
	request.entry_size = sizeof(entries[0]);
	check("longer entries", 0, outcome(uverbs, &request, sizeof(request), &again));
	check("what the kernel does not know is zero", 0,
	      (int)(entries[0].later[0] | entries[0].later[1]));
	check("what there was no room for is untouched", 1,
	      entries[1].known.ifindex == UINT32_MAX && entries[1].later[1] == UINT32_MAX);
	return failed;
}

int main(int argc, char **argv)
{
	struct uverbs uverbs;
	int result;

	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "--errors"))) {
		fprintf(stderr, "usage: ns-uverbs DEVICE [--errors]\n");
		return 1;
	}
	if (uverbs_open(&uverbs, argv[1])) {
		fprintf(stderr, "ns-uverbs: cannot open %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	result = argc == 3 ? errors(&uverbs) : list(&uverbs, argv[1]);
	uverbs_close(&uverbs);
	return result;
}
