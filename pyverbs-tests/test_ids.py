# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Ids in namespaces, bound to netdevs."""
import errno
import os

from base import Case, only
from peers import PORT
from rdma_ns import EventChannel, Id, Policy, Transport


class IdCase(Case):
    def setUp(self):
        self.place = self.site.server
        self.channel = EventChannel()
        self.addCleanup(self.channel.close)

    def make(self, **options):
        options.setdefault("netns", self.place.netns)
        new = Id(self.channel, **options)
        self.addCleanup(new.destroy)
        return new


class Ids(IdCase):
    title = "ids"

    def test_one_in_a_namespace_says_so(self):
        info = self.make().info()
        self.assertEqual((info.netns, info.ifindex, info.netdev), (self.place.inode, 0, ""))
        self.assertEqual((info.policy, info.listening), (Policy.REPORT, False))

    def test_a_namespace_by_path_and_by_descriptor(self):
        path = f"/run/netns/{self.place.netns}" if self.place.netns else "/proc/self/ns/net"
        self.assertEqual(self.make(netns=path).info().netns, self.place.inode)
        with open(path, "rb") as netns:
            self.assertEqual(self.make(netns=netns.fileno()).info().netns, self.place.inode)

    def test_without_a_namespace_it_is_the_callers(self):
        self.assertEqual(self.make(netns=None).info().netns, os.stat("/proc/self/ns/net").st_ino)

    def test_the_namespaces_that_are_none(self):
        self.fails(errno.EBADF, self.make, netns=-1)
        self.fails(errno.EINVAL, self.make, netns=os.devnull)
        self.fails(errno.ENOENT, self.make, netns="rns-nobody")

    def test_the_settings_are_as_given(self):
        info = self.make(netdev=self.place.netdev, policy=Policy.STRICT).info()
        self.assertEqual(info.ifindex, self.place.ifindex)
        self.assertEqual((info.netdev, info.policy), (self.place.netdev, Policy.STRICT))

    def test_its_policy_can_be_changed(self):
        id_ = self.make(policy=Policy.STRICT)
        id_.set_policy(Policy.VERIFY)
        self.assertEqual(id_.info().policy, Policy.VERIFY)
        self.fails(errno.EINVAL, id_.set_policy, 9)

    def test_device_and_port_once_it_has_an_address(self):
        id_ = self.make()
        self.assertIsNone(id_.device)
        id_.bind_addr((self.place.address, 0))
        self.assertEqual((id_.device, id_.port), (self.device.name, self.place.entry.port))
        self.assertEqual(id_.local_address[0], self.place.address)

    def test_an_address_of_nobody(self):
        with self.assertRaises(OSError):
            self.make().bind_addr(("192.0.2.1", PORT))

    def test_a_listening_id_says_so_and_stays_as_it_is(self):
        id_ = self.make()
        id_.bind_addr((self.place.address, PORT))
        id_.listen()
        self.assertTrue(id_.info().listening)
        self.fails(errno.EINVAL, id_.bind_netdev, self.place.netdev)
        self.fails(errno.EINVAL, id_.set_policy, Policy.VERIFY)

    def test_the_port_of_another_id_is_in_use(self):
        first, other = self.make(), self.make()
        first.bind_addr((self.place.address, PORT))
        first.listen()
        with self.assertRaises(OSError) as caught:
            other.bind_addr((self.place.address, PORT))
            other.listen()
        self.assertIn(caught.exception.errno, (errno.EADDRINUSE, errno.EADDRNOTAVAIL))

    @only(Transport.IB)
    def test_the_same_address_and_port_in_two_namespaces(self):
        self.make(netns="rns-red").bind_addr(("0.0.0.0", PORT))
        self.make(netns="rns-blue").bind_addr(("0.0.0.0", PORT))

    def test_a_synchronous_id_has_no_channel(self):
        id_ = Id(netns=self.place.netns)
        self.addCleanup(id_.destroy)
        self.assertEqual(id_.info().netns, self.place.inode)

    def test_with_destroys_it(self):
        with Id(self.channel, netns=self.place.netns) as id_:
            self.assertIn("<Id TCP", repr(id_))
        self.assertEqual(repr(id_), "<Id, destroyed>")
        with self.assertRaises(ValueError):
            id_.info()

    def test_no_request_made_it(self):
        id_ = self.make()
        for query in (id_.ingress, id_.resolution, id_.exchange):
            self.fails(errno.ENODATA, query)


class Binding(IdCase):
    title = "bind to a netdev"

    def test_by_name_by_ifindex_and_not_at_all(self):
        id_ = self.make()
        id_.bind_netdev(self.place.netdev)
        self.assertEqual(id_.info().ifindex, self.place.ifindex)
        id_.bind_netdev(None)
        self.assertEqual((id_.info().ifindex, id_.info().netdev), (0, ""))
        id_.bind_netdev(self.place.ifindex)
        self.assertEqual(id_.info().netdev, self.place.netdev)

    def test_a_netdev_that_is_not_there(self):
        self.fails(errno.ENODEV, self.make, netdev="no such netdev")
        self.fails(errno.ENODEV, self.make, netdev=0x7FFFFFFF)
        id_ = self.make()
        self.fails(errno.ENODEV, id_.bind_netdev, "no such netdev")
        self.fails(errno.ENODEV, id_.bind_netdev, 0x7FFFFFFF)

    @only(Transport.IB)
    def test_a_netdev_of_another_namespace_is_not_there(self):
        self.fails(errno.ENODEV, self.make, netdev=self.site.neighbour.netdev)

    def test_a_listener_that_is_bound_takes_what_arrives_there(self):
        server = self.serve(netdev=self.place.netdev)
        self.assertTrue(self.ask().established)
        self.assertEqual(server.request().ingress.name, self.place.netdev)

    @only(Transport.IB)
    def test_a_client_that_is_bound_leaves_by_an_address_of_its_netdev(self):
        server = self.serve()
        self.assertTrue(self.ask(netdev=self.site.client.netdev).established)
        self.assertEqual(server.request().peer[0], self.site.client.address)

    @only(Transport.IB)
    def test_a_source_that_is_not_the_netdevs(self):
        id_ = self.make(netns="rns-red", netdev=self.site.second.netdev)
        target = (self.site.client.address, PORT)
        self.fails(errno.EADDRNOTAVAIL, id_.resolve_addr, target, (self.place.address, 0))

    @only(Transport.IB)
    def test_two_netdevs_may_share_a_port_where_the_kernel_knows_of_them(self):
        self.serve(address="0.0.0.0", netdev=self.place.netdev)
        other = self.make(netdev=self.site.second.netdev)
        if self.site.kernel:
            other.bind_addr(("0.0.0.0", PORT))
            other.listen()
            return
        with self.assertRaises(OSError) as caught:
            other.bind_addr(("0.0.0.0", PORT))
            other.listen()
        self.assertIn(caught.exception.errno, (errno.EADDRINUSE, errno.EADDRNOTAVAIL))

    @only(Transport.IB)
    def test_where_they_share_a_port_each_gets_its_own(self):
        if not self.site.kernel:
            self.skipTest("only the extended kernel lets two netdevs share a port")
        first = self.serve(address="0.0.0.0", netdev=self.place.netdev)
        second = self.serve(address="0.0.0.0", netdev=self.site.second.netdev)
        self.assertTrue(self.ask(self.site.second.address).established)
        self.assertTrue(self.ask(self.place.address).established)
        self.assertEqual(second.request().ingress.name, self.site.second.netdev)
        self.assertEqual(first.request().ingress.name, self.place.netdev)
        self.assertTrue(first.requests.empty() and second.requests.empty())
