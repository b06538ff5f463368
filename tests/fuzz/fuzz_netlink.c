// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A stream of netlink messages: the table stays whole, whatever they say. */
#include <stdlib.h>
#include <string.h>

#include "netdev_table.h"
#include "route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct netdev_table *table)
{
	struct netdev *netdev = NULL;
	size_t netdevs = 0, addresses = 0, with_qpn = 0;

	while ((netdev = netdev_table_next(table, netdev))) {
		const struct netdev_address *address;

		netdevs++;
		if (netdev_table_by_ifindex(table, netdev->link.ifindex) != netdev ||
		    !netdev_table_by_name(table, netdev->link.name) ||
		    strnlen(netdev->link.kind, sizeof(netdev->link.kind)) ==
			    sizeof(netdev->link.kind))
			abort();
		if (netdev->link.qpn) {
			with_qpn++;
			if (!netdev_table_by_qpn(table, netdev->link.qpn, NULL))
				abort();
		}
		netdev_aggregate(table, netdev);
		netdev_vrf(table, netdev);
		for (address = netdev->addresses; address; address = address->next) {
			addresses++;
			if (address->netdev != netdev ||
			    (address->next && address->next->previous != address) ||
			    !netdev_table_by_ip(table, address->ip.family, address->ip.bytes, NULL))
				abort();
		}
	}
	if (netdevs != table->by_ifindex.count || netdevs != table->by_name.count ||
	    addresses != table->by_ip.count || addresses != table->by_owner.count ||
	    with_qpn != table->by_qpn.count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netdev_table table = { 0 };
	struct route_reply reply;
	struct nlmsghdr *header;

	while (size >= sizeof(*header)) {
		struct nlmsghdr start;

		memcpy(&start, data, sizeof(start));
		if (start.nlmsg_len < sizeof(start) || start.nlmsg_len > size)
			break;
		/* On its own, so that a read past its end is seen. */
		header = malloc(start.nlmsg_len);
		if (!header)
			abort();
		memcpy(header, data, start.nlmsg_len);
		/* A dump begins and ends now and then. */
		if (start.nlmsg_type == NLMSG_DONE) {
			netdev_table_end_dump(&table);
			netdev_table_begin_dump(&table);
		}
		if (netdev_table_apply(&table, header))
			abort();
		route_parse(header, &reply);
		free(header);
		if (NLMSG_ALIGN(start.nlmsg_len) >= size)
			break;
		data += NLMSG_ALIGN(start.nlmsg_len);
		size -= NLMSG_ALIGN(start.nlmsg_len);
	}
	check(&table);
	netdev_table_release(&table);
	return 0;
}
