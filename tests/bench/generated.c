// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "generated.h"

#define FIRST_IFINDEX 1000000

const uint8_t generated_gid[16] = { 0xfe, 0x80, [8] = 2, [15] = 1 };

double processor_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void message_of(uint32_t i, struct ns_message *link, struct ns_message *ip)
{
	char name[16], address[32];
	const struct ns_link child = {
		.ifindex = FIRST_IFINDEX + i,
		.name = name,
		.kind = "ipoib",
		.qpn = GENERATED_FIRST_QPN + i,
		.pkey = 0xffff,
		.gid = generated_gid,
	};

	snprintf(name, sizeof(name), "c%u", i);
	snprintf(address, sizeof(address), "10.%u.%u.%u", 1 + (i >> 16), i >> 8 & 0xff, i & 0xff);
	ns_message_link(link, RTM_NEWLINK, &child);
	ns_message_ip(ip, RTM_NEWADDR, child.ifindex, address, 24, 0);
}

double generated_fill(struct netdev_table *table, uint32_t count)
{
	double spent = 0;

	netdev_table_begin_dump(table);
	for (uint32_t i = 0; i < count; i++) {
		struct ns_message link, ip;
		double start;

		message_of(i, &link, &ip);
		start = processor_us();
		if (netdev_table_apply(table, &link.header) ||
		    netdev_table_apply(table, &ip.header))
			exit(1);
		spent += processor_us() - start;
	}
	return spent;
}

struct port generated_port(void)
{
	struct port_gid *entry = calloc(1, sizeof(*entry));
	struct port port = { .device = "bench",
			     .number = 1,
			     .transport = RDMA_NS_TRANSPORT_IB,
			     .gids = entry,
			     .gids_count = 1 };

	if (!entry)
		exit(1);
	memcpy(entry->gid, generated_gid, sizeof(generated_gid));
	return port;
}
