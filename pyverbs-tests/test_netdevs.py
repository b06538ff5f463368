# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The table of netdevs, against ip and pyverbs."""
import contextlib
import errno
import ipaddress
import json
import os

import pyverbs.device as d
from pyverbs.pyverbs_error import PyverbsError

import places
import rdma_ns
from base import Case, once, only
from rdma_ns import Transport


class Netdevs(Case):
    title = "netdevs"

    @classmethod
    def setUpClass(cls):
        cls.place = cls.site.server
        cls.entry = cls.place.row()

    def test_device_port_and_transport(self):
        entry = self.entry
        self.assertEqual((entry.device, entry.transport), (self.device.name, self.device.transport))
        with d.Context(name=entry.device) as context:
            self.assertIn(entry.port, range(1, context.query_device().phys_port_cnt + 1))

    def test_name_and_ifindex_are_as_ip_says(self):
        link = self.place.link()
        self.assertEqual((self.entry.name, self.entry.ifindex), (link["ifname"], link["ifindex"]))
        self.assertEqual(self.entry.up, "UP" in link["flags"])
        self.assertEqual(self.entry.kind, link.get("linkinfo", {}).get("info_kind", ""))

    def test_addresses_are_as_ip_says(self):
        words = ("-j", "addr", "show", "dev", self.place.netdev)
        said = json.loads(places.ip(self.place.netns, *words))
        # An iproute2 of Debian 12 has empty objects in its lists.
        known = next(row for row in said if row)["addr_info"]
        wanted = {ipaddress.ip_interface(f"{a['local']}/{a['prefixlen']}") for a in known if a}
        self.assertEqual({address.interface for address in self.entry.addresses}, wanted)
        self.assertIn(self.place.address, {str(a.interface.ip) for a in self.entry.addresses})

    def test_the_namespace_is_the_files_inode(self):
        self.assertEqual(self.entry.netns, self.place.inode)

    @only(Transport.IB)
    def test_qpn_and_p_key_are_in_the_link_layer_addresses(self):
        link = self.place.link()
        self.assertEqual(self.entry.qpn, int(link["address"].replace(":", "")[2:8], 16))
        self.assertEqual(self.entry.pkey, int(link["broadcast"].replace(":", "")[16:20], 16))

    @only(Transport.ROCE, Transport.IWARP)
    def test_there_is_no_qpn_and_no_p_key(self):
        self.assertEqual((self.entry.qpn, self.entry.pkey), (0, 0))

    @only(Transport.IB, Transport.ROCE)
    def test_the_gid_is_in_the_ports_table(self):
        with d.Context(name=self.entry.device) as context:
            gids = set()
            for i in range(min(context.query_port(self.entry.port).gid_tbl_len, 64)):
                # An empty entry of RoCE's table is an error.
                with contextlib.suppress(PyverbsError):
                    gids.add(ipaddress.IPv6Address(str(context.query_gid(self.entry.port, i))))
        self.assertIn(self.entry.gid, gids)

    @once
    def test_a_namespace_by_name_path_descriptor_and_from_inside(self):
        path = f"/run/netns/{self.place.netns}" if self.place.netns else "/proc/self/ns/net"
        by_path = rdma_ns.netdevs(path)
        self.assertEqual(by_path, self.place.inside(rdma_ns.netdevs))
        self.assertEqual(by_path, rdma_ns.netdevs(self.place.netns))
        with open(path, "rb") as netns:
            self.assertEqual(by_path, rdma_ns.netdevs(netns.fileno()))

    @once
    def test_the_list_is_sorted(self):
        rows = self.place.inside(rdma_ns.netdevs)
        keys = [(row.device, row.port, row.ifindex) for row in rows]
        self.assertEqual(keys, sorted(keys))

    @once
    def test_ifindex_of_any_netdev(self):
        path = f"/run/netns/{self.place.netns}" if self.place.netns else "/proc/self/ns/net"
        self.assertEqual(rdma_ns.ifindex_in(path, self.place.netdev), self.place.ifindex)
        self.assertEqual(rdma_ns.ifindex_in(path, "lo"), 1)
        self.fails(errno.ENODEV, rdma_ns.ifindex_in, path, "no such netdev")

    @only(Transport.IB)
    def test_siblings_differ_in_qpn_alone(self):
        red, blue = self.site.server.entry, self.site.neighbour.entry
        for name in ("device", "port", "pkey", "gid"):
            self.assertEqual(getattr(red, name), getattr(blue, name), name)
        self.assertNotEqual(red.qpn, blue.qpn)

    @only(Transport.IB)
    def test_a_netdev_that_is_down_is_listed_as_such(self):
        place = self.site.second
        places.ip(place.netns, "link", "set", place.netdev, "down")
        try:
            self.assertFalse(place.row().up)
        finally:
            places.ip(place.netns, "link", "set", place.netdev, "up")
            places.wait_for_carrier([place])
        self.assertTrue(place.row().up)

    @only(Transport.ROCE, Transport.IWARP)
    def test_a_vlan_is_listed_with_its_id(self):
        name = "rns.7"
        netns, netdev = self.place.netns, self.place.netdev
        try:
            places.ip(netns, "link", "add", "link", netdev, "name", name, "type", "vlan", "id", "7")
        except OSError as error:
            self.skipTest(f"no VLAN can be made: {error.strerror}")
        self.addCleanup(places.ip, netns, "link", "del", name)
        places.ip(netns, "link", "set", name, "up")
        row = next(row for row in rdma_ns.netdevs(netns) if row.name == name)
        self.assertEqual((row.vlan, row.device, row.kind), (7, self.device.name, "vlan"))

    @once
    def test_str_names_netdev_and_device(self):
        self.assertIn(f"{self.place.netdev} on {self.device.name}/", str(self.entry))

    @once
    def test_what_is_no_namespace(self):
        self.fails(errno.ENOENT, rdma_ns.netdevs, "rns-nobody")
        self.fails(errno.EBADF, rdma_ns.netdevs, -1)
        self.fails(errno.EINVAL, rdma_ns.netdevs, os.devnull)
