// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Ports and GIDs from a folder like sysfs; and the list of netdevs made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "netdevs.h"
#include "ns_folder.h"
#include "ns_messages.h"

static void fill(void)
{
	ns_folder_put("sib0/node_type", "1: CA\n");
	ns_folder_put("sib0/ports/2/link_layer", "InfiniBand\n");
	ns_folder_put("sib0/ports/2/gids/0", "fe80:0000:0000:0000:0200:0000:0000:0002\n");
	ns_folder_put("sib0/ports/1/link_layer", "InfiniBand\n");
	ns_folder_put("sib0/ports/1/gids/0", "fe80:0000:0000:0000:0200:0000:0000:0001\n");
	ns_folder_put("sib0/ports/1/gids/1", "fe80:0000:0000:0000:0000:0000:0000:0000\n");
	ns_folder_put("sib0/ports/1/gids/notes", "nothing\n");
	ns_folder_put("sib0/ports/readme", "no port\n");
	ns_folder_put("rxe0/node_type", "1: CA\n");
	ns_folder_put("rxe0/ports/1/link_layer", "Ethernet\n");
	ns_folder_put("rxe0/ports/1/gids/10", "0000:0000:0000:0000:0000:ffff:c0a8:0701\n");
	ns_folder_put("rxe0/ports/1/gid_attrs/ndevs/10", "eth.7\n");
	ns_folder_put("rxe0/ports/1/gids/2", "0000:0000:0000:0000:0000:ffff:c0a8:0001\n");
	ns_folder_put("rxe0/ports/1/gid_attrs/ndevs/2", "eth\n");
	ns_folder_put("rxe0/ports/1/gids/0", "0000:0000:0000:0000:0000:0000:0000:0000\n");
	ns_folder_put("rxe0/ports/1/gids/3", "garbage\n");
	ns_folder_put("rxe0/ports/1/gids/4", "0000:0000:0000:0000:0000:ffff:c0a8:0909\n");
	ns_folder_put("rxe0/ports/1/gid_attrs/ndevs/4", "a name too long for any netdev\n");
	ns_folder_put("siw0/node_type", "4: RNIC\n");
	ns_folder_put("siw0/ports/1/link_layer", "Ethernet\n");
	ns_folder_put("siw0/ports/1/gids/0", "0200:0000:0001:0000:0000:0000:0000:0000\n");
	ns_folder_put("odd", "no folder\n");
}

static void test_read(void **state)
{
	static const uint8_t gid[16] = { 0xfe, 0x80, [8] = 2, [15] = 1 };
	struct ports ports = { 0 };
	const struct port *port;

	(void)state;
	fill();
	assert_int_equal(ports_read(&ports, ns_folder), 0);
	assert_int_equal(ports.count, 4);
	port = ports_find(&ports, "sib0", 1);
	assert_non_null(port);
	assert_int_equal(port->transport, RDMA_NS_TRANSPORT_IB);
	assert_int_equal(port->gids_count, 1);
	assert_true(port_has_gid(port, gid));
	assert_false(port_has_gid(ports_find(&ports, "sib0", 2), gid));
	assert_null(ports_find(&ports, "sib0", 3));
	assert_null(ports_find(&ports, "sib", 1));
	port = ports_find(&ports, "rxe0", 1);
	assert_int_equal(port->transport, RDMA_NS_TRANSPORT_ROCE);
	assert_int_equal(port->gids_count, 3);
	assert_int_equal(port->gids[0].index, 2);
	assert_string_equal(port->gids[0].netdev, "eth");
	assert_int_equal(port->gids[2].index, 10);
	assert_string_equal(port->gids[2].netdev, "eth.7");
	assert_true(strlen(port->gids[1].netdev) < sizeof(port->gids[1].netdev));
	assert_int_equal(ports_find(&ports, "siw0", 1)->transport, RDMA_NS_TRANSPORT_IWARP);
	/* Again, into the same list. */
	assert_int_equal(ports_read(&ports, ns_folder), 0);
	assert_int_equal(ports.count, 4);
	ports_release(&ports);
	assert_int_equal(ports_read(&ports, "/nowhere/at/all"), 0);
	assert_int_equal(ports.count, 0);
}

/* With any number of free descriptors the list is either read or left as it was. */
static void test_few_descriptors(void **state)
{
	int first = dup(STDERR_FILENO), failures = 0, free_ones, status = -1;
	struct ports ports = { 0 };
	struct rlimit before, few;

	(void)state;
	fill();
	assert_int_equal(ports_read(&ports, ns_folder), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	close(first);
	for (free_ones = 0; status && free_ones < 20; free_ones++) {
		int error;

		few.rlim_cur = (rlim_t)(first + free_ones);
		setrlimit(RLIMIT_NOFILE, &few);
		status = ports_read(&ports, ns_folder);
		error = errno;
		setrlimit(RLIMIT_NOFILE, &before);
		failures += status != 0;
		if (status)
			assert_int_equal(error, EMFILE);
		assert_int_equal(ports.count, 4);
		assert_int_equal(ports_find(&ports, "rxe0", 1)->gids_count, 3);
		assert_int_equal(ports_find(&ports, "siw0", 1)->transport, RDMA_NS_TRANSPORT_IWARP);
	}
	assert_int_equal(status, 0);
	assert_true(failures > 2);
	ports_release(&ports);
}

static void test_list(void **state)
{
	static const uint8_t gid[16] = { 0xfe, 0x80, [8] = 2, [15] = 2 };
	static const uint8_t elsewhere[16] = { 0xfe, 0x80, [8] = 3, [15] = 9 };
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	static const struct {
		const char *device, *name;
		uint32_t port, ifindex, qpn;
		uint16_t pkey, vlan;
		enum rdma_ns_transport transport;
		size_t addresses;
	} expected[] = {
		{ "", "ib9", 0, 9, 99, 0xffff, 0, RDMA_NS_TRANSPORT_IB, 0 },
		{ "rxe0", "eth", 1, 20, 0, 0, 0, RDMA_NS_TRANSPORT_ROCE, 1 },
		{ "rxe0", "eth.7", 1, 21, 0, 0, 7, RDMA_NS_TRANSPORT_ROCE, 2 },
		{ "sib0", "ib1", 2, 3, 5, 0x8001, 0, RDMA_NS_TRANSPORT_IB, 1 },
		{ "siw0", "iw", 1, 30, 0, 0, 0, RDMA_NS_TRANSPORT_IWARP, 0 },
	};
	struct netdev_table table = { 0 };
	struct rdma_ns_netdev **list;
	struct ports ports = { 0 };
	/* A caller who knows of a longer structure. */
	struct {
		struct rdma_ns_netdev netdev;
		char more[40];
	} longer;

	(void)state;
	fill();
	ns_add_link(&table,
		    &(struct ns_link){ 3, "ib1", "ipoib", .qpn = 5, .pkey = 0x8001, .gid = gid });
	ns_add_link(&table, &(struct ns_link){ 9, "ib9", "ipoib", .qpn = 99, .pkey = 0xffff,
					       .gid = elsewhere });
	ns_add_link(&table, &(struct ns_link){ 20, "eth", NULL, .mac = mac });
	ns_add_link(&table,
		    &(struct ns_link){ 21, "eth.7", "vlan", .mac = mac, .vlan = 7, .lower = 20 });
	ns_add_link(&table, &(struct ns_link){ 22, "other", NULL, .mac = mac });
	ns_add_link(&table, &(struct ns_link){ 30, "iw", NULL, .mac = mac });
	ns_add_ip(&table, 3, "10.0.0.5");
	ns_add_ip(&table, 20, "192.168.0.1");
	ns_add_ip(&table, 21, "192.168.7.1");
	ns_add_ip(&table, 21, "fd00::1");
	assert_int_equal(ports_read(&ports, ns_folder), 0);
	ports.list[3].netdev = 30;
	assert_int_equal(netdevs_list(&table, &ports, 4026531840, &list, sizeof(longer)), 5);
	for (size_t i = 0; i < 5; i++) {
		memcpy(&longer, list[i], sizeof(longer));
		assert_string_equal(list[i]->device, expected[i].device);
		assert_string_equal(list[i]->name, expected[i].name);
		assert_int_equal(list[i]->port, expected[i].port);
		assert_int_equal(list[i]->ifindex, expected[i].ifindex);
		assert_int_equal(list[i]->qpn, expected[i].qpn);
		assert_int_equal(list[i]->pkey, expected[i].pkey);
		assert_int_equal(list[i]->vlan, expected[i].vlan);
		assert_int_equal(list[i]->transport, expected[i].transport);
		assert_int_equal(list[i]->netns, 4026531840);
		assert_int_equal(list[i]->up, 1);
		assert_int_equal(list[i]->addresses_count, expected[i].addresses);
		for (size_t j = 0; j < sizeof(longer.more); j++)
			assert_int_equal(longer.more[j], 0);
	}
	assert_null(list[5]);
	assert_memory_equal(list[3]->gid.raw, gid, 16);
	assert_int_equal(list[3]->addresses[0].family, 2);
	assert_int_equal(list[3]->addresses[0].prefix_length, 24);
	assert_memory_equal(list[3]->addresses[0].bytes, "\x0a\0\0\5", 4);
	rdma_ns_free_netdevs(list);
	ports_release(&ports);
	netdev_table_release(&table);
	/* Nothing at all is a list too. */
	assert_int_equal(netdevs_list(&table, &ports, 1, &list, sizeof(**list)), 0);
	assert_null(list[0]);
	rdma_ns_free_netdevs(list);
	rdma_ns_free_netdevs(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read, ns_folder_create, ns_folder_destroy),
		cmocka_unit_test_setup_teardown(test_few_descriptors, ns_folder_create,
						ns_folder_destroy),
		cmocka_unit_test_setup_teardown(test_list, ns_folder_create, ns_folder_destroy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
