// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Lists the netdevs that belong to RDMA devices, in this network namespace or in the one of a file.
 *
 *     ns-list-netdevs [/run/netns/NAME | /proc/PID/ns/net]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rdma/rdma_ns.h>

static void print_addresses(const struct rdma_ns_netdev *netdev)
{
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < netdev->addresses_count; i++) {
		const struct rdma_ns_address *address = &netdev->addresses[i];

		if (inet_ntop(address->family, address->bytes, text, sizeof(text)))
			printf(" %s/%u", text, address->prefix_length);
	}
}

int main(int argc, char **argv)
{
	struct rdma_ns_netdev **list;
	int count, fd;

	if (argc > 2) {
		fprintf(stderr, "Usage: %s [FILE of a network namespace]\n", argv[0]);
		return 2;
	}
	if (argc == 2) {
		fd = open(argv[1], O_RDONLY | O_CLOEXEC);
		/* A descriptor that is not open is an error of its own, never "this namespace". */
		count = rdma_ns_get_netdevs_in(fd, &list, sizeof(**list));
		if (fd >= 0)
			close(fd);
	} else {
		count = rdma_ns_get_netdevs(&list, sizeof(**list));
	}
	if (count < 0) {
		fprintf(stderr, "%s: cannot list the netdevs of %s: %s\n", argv[0],
			argc == 2 ? argv[1] : "this namespace", strerror(errno));
		return 1;
	}
	for (struct rdma_ns_netdev **entry = list; *entry; entry++) {
		const struct rdma_ns_netdev *netdev = *entry;

		/*
		 * A tenant chooses the name. A program for people would escape what is not
		 * printable.
		 */
		printf("%s/%u %s %s", netdev->device, netdev->port,
		       rdma_ns_transport_str(netdev->transport), netdev->name);
		/* Siblings on one port and P_Key differ in the QPN alone. */
		if (netdev->transport == RDMA_NS_TRANSPORT_IB)
			printf(" P_Key 0x%04x QPN 0x%06x", netdev->pkey, netdev->qpn);
		printf(" %s", netdev->up ? "up" : "down");
		print_addresses(netdev);
		putchar('\n');
	}
	rdma_ns_free_netdevs(list);
	return 0;
}
