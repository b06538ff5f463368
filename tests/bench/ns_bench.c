// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Figures of librdma-ns alone, one JSON object a line; tests/bench/native gives it a namespace to
 * run in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <endian.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "generated.h"
#include "ingress.h"
#include "resolver.h"

#define ROUNDS 5 /* the best one counts: the machine does other things as well */
#define LOOKUPS 100000
#define RESOLVES 5000

static struct rdma_ns_request request_of(const char *destination)
{
	struct rdma_ns_request request = {
		.size = sizeof(request),
		.flags = RDMA_NS_REQUEST_GID,
		.device = "bench",
		.port = 1,
		.pkey = 0xffff,
		.port_space = RDMA_PS_TCP,
		.source = ns_sockaddr("10.0.0.9", 40722),
		.destination = ns_sockaddr(destination, 7471),
	};

	memcpy(request.gid.raw, generated_gid, sizeof(generated_gid));
	return request;
}

/* Step 1 alone, each time for another netdev; nanoseconds. */
static double lookup(const struct netdev_table *table, uint32_t count, bool by_qpn)
{
	struct rdma_ns_request request = request_of("10.0.0.5");
	const struct port port = generated_port();
	double best = 0;

	if (by_qpn)
		request.flags |= RDMA_NS_REQUEST_QPN;
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t at = 12345;
		double start = processor_us(), spent;

		for (int i = 0; i < LOOKUPS; i++) {
			struct ingress found = { 0 };
			uint32_t which, ip;

			at = at * 1664525 + 1013904223;
			which = (at >> 8) % count;
			request.qpn = GENERATED_FIRST_QPN + which;
			ip = htobe32(0x0a000000 + ((1 + (which >> 16)) << 16) + (which & 0xffff));
			memcpy(&((struct sockaddr_in *)&request.destination)->sin_addr, &ip,
			       sizeof(ip));
			ingress_find(table, &port, &request, &found);
			if (!found.netdev || found.netdev->link.qpn != request.qpn) {
				fprintf(stderr, "ns-bench: a lookup found the wrong netdev\n");
				exit(1);
			}
		}
		spent = (processor_us() - start) * 1e3 / LOOKUPS;
		if (!round || spent < best)
			best = spent;
	}
	free(port.gids);
	return best;
}

static void print_lookup(uint32_t count)
{
	struct netdev_table table = { 0 };
	double spent = generated_fill(&table, count);

	printf("{\"bench\":\"list netdevs, generated\",\"netdevs\":%u,\"unit\":\"s\",\"value\":%.4f}\n", count,
	       spent / 1e6);
	printf("{\"bench\":\"lookup by QPN\",\"netdevs\":%u,\"unit\":\"ns\",\"value\":%.0f}\n", count,
	       lookup(&table, count, true));
	printf("{\"bench\":\"lookup by address\",\"netdevs\":%u,\"unit\":\"ns\",\"value\":%.0f}\n", count,
	       lookup(&table, count, false));
	netdev_table_release(&table);
}

static void open_or_exit(struct resolver *resolver)
{
	if (!resolver_open(resolver, -1) && !resolver_update(resolver))
		return;
	perror("ns-bench: the namespace's netdevs");
	exit(1);
}

/*
 * All of a resolution, with the kernel's route query: what arrives on lo, taken for an IPoIB
 * netdev.
 */
static void print_resolve(uint32_t count)
{
	const struct ns_link lo = { .ifindex = 1, .name = "lo", .kind = "ipoib", .qpn = 2,
				    .pkey = 0xffff, .gid = generated_gid };
	struct rdma_ns_request request = request_of("10.0.0.5");
	struct rdma_ns_resolution resolution;
	struct resolver resolver;
	double best = 0;

	open_or_exit(&resolver);
	generated_fill(&resolver.follow.table, count);
	ns_add_link(&resolver.follow.table, &lo);
	resolver.ports.list = calloc(1, sizeof(*resolver.ports.list));
	if (!resolver.ports.list)
		exit(1);
	resolver.ports.list[0] = generated_port();
	resolver.ports.count = 1;
	request.flags |= RDMA_NS_REQUEST_QPN;
	request.qpn = 2;
	for (int round = 0; round < ROUNDS; round++) {
		double start = processor_us(), spent;

		for (int i = 0; i < RESOLVES; i++) {
			if (resolver_resolve(&resolver, &request, &resolution)) {
				perror("ns-bench: resolve");
				exit(1);
			}
		}
		spent = (processor_us() - start) / RESOLVES;
		if (!round || spent < best)
			best = spent;
	}
	printf("{\"bench\":\"resolve\",\"netdevs\":%u,\"unit\":\"us\",\"value\":%.2f,\"route\":\"%s\"}\n", count, best,
	       rdma_ns_route_str(resolution.ingress.route));
	resolver_close(&resolver);
}

/* What the first request of a process costs more: the namespace's netdevs are listed. */
static void print_first_use(void)
{
	struct resolver resolver;
	double best = 0;
	size_t count = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double start = processor_us(), spent;

		open_or_exit(&resolver);
		spent = processor_us() - start;
		if (!round || spent < best)
			best = spent;
		count = resolver.follow.table.by_ifindex.count;
		resolver_close(&resolver);
	}
	printf("{\"bench\":\"first use\",\"netdevs\":%zu,\"unit\":\"s\",\"value\":%.4f}\n", count, best / 1e6);
}

static int usage(FILE *out)
{
	fputs("usage: ns-bench lookup|resolve NETDEVS\n"
	      "       ns-bench first-use\n",
	      out);
	return out == stderr ? 2 : 0;
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout);
	if (argc == 2 && !strcmp(argv[1], "first-use")) {
		print_first_use();
		return 0;
	}
	if (!count || count > 1000000)
		return usage(stderr);
	if (!strcmp(argv[1], "lookup"))
		print_lookup((uint32_t)count);
	else if (!strcmp(argv[1], "resolve"))
		print_resolve((uint32_t)count);
	else
		return usage(stderr);
	return 0;
}
