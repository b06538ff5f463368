# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Where a request arrived, member by member, against ip."""
import places
from base import Case, only
from rdma_ns import (
    DecidedBy,
    Decider,
    Policy,
    PortSpace,
    Reason,
    Route,
    Rule,
    Transport,
    Verdict,
)

BY = {
    Transport.IB: DecidedBy.QPN,
    Transport.ROCE: DecidedBy.GID,
    Transport.IWARP: DecidedBy.TCP,
}


class Ingress(Case):
    title = "ingress"

    def arrive(self, address=None, serve=None, **options):
        """The request that the listener's application gets."""
        server = self.serve(**(serve or {}))
        client = self.ask(address, **options)
        self.assertTrue(client.established, client.event)
        return server.request()

    def test_netdev_device_port_and_namespace(self):
        ingress = self.arrive().ingress
        place, entry = self.site.server, self.site.server.entry
        self.assertEqual((ingress.name, ingress.ifindex), (place.netdev, place.ifindex))
        self.assertEqual((ingress.device, ingress.port), (self.device.name, entry.port))
        self.assertEqual((ingress.netns, ingress.transport), (place.inode, self.device.transport))
        self.assertEqual((ingress.pkey, ingress.vlan), (entry.pkey, entry.vlan))
        self.assertEqual((ingress.port_ifindex, ingress.vrf_ifindex), (0, 0))

    def test_the_handling_netdev_has_the_address(self):
        ingress = self.arrive().ingress
        place = self.site.server
        handling = (ingress.handling_name, ingress.handling_ifindex)
        self.assertEqual(handling, (place.netdev, place.ifindex))

    def test_what_decided(self):
        ingress = self.arrive().ingress
        self.assertEqual(ingress.decided_by, BY[self.device.transport])
        self.assertEqual(ingress.candidates, 1)
        self.assertEqual(ingress.decider, Decider.KERNEL if self.site.kernel else Decider.LIBRARY)

    @only(Transport.IB)
    def test_the_qpns_of_both_sides(self):
        ingress = self.arrive().ingress
        qpn = self.site.server.entry.qpn
        self.assertEqual((ingress.local_qpn, ingress.wanted_qpn), (qpn, qpn))
        self.assertEqual(ingress.peer_qpn, self.site.client.entry.qpn)

    @only(Transport.ROCE, Transport.IWARP)
    def test_there_are_no_qpns(self):
        ingress = self.arrive().ingress
        self.assertEqual((ingress.local_qpn, ingress.wanted_qpn, ingress.peer_qpn), (0, 0, 0))

    def test_the_route(self):
        ingress = self.arrive().ingress
        here = self.site.client.netns == self.site.server.netns
        self.assertEqual(ingress.route, Route.SELF if here else Route.DELIVERED)
        self.assertEqual(ingress.route_errno, 0)

    @only(Transport.IB, Transport.ROCE)
    def test_the_rule_of_a_wildcard(self):
        self.assertEqual(self.arrive(serve={"address": "0.0.0.0"}).ingress.rule, Rule.WILDCARD)

    @only(Transport.IB, Transport.ROCE)
    def test_the_rule_of_a_wildcard_that_is_bound(self):
        options = {"address": "0.0.0.0", "netdev": self.site.server.netdev}
        self.assertEqual(self.arrive(serve=options).ingress.rule, Rule.WILDCARD_NETDEV)

    def test_the_rule_of_an_address(self):
        self.assertEqual(self.arrive().ingress.rule, Rule.ADDRESS)

    def test_the_rule_of_an_address_that_is_bound(self):
        options = {"netdev": self.site.server.netdev}
        self.assertEqual(self.arrive(serve=options).ingress.rule, Rule.ADDRESS_NETDEV)

    def test_the_addresses_and_the_listener(self):
        server = self.serve()
        client = self.ask()
        request = server.request()
        self.assertEqual(request.local, client.id.peer_address)
        self.assertEqual(request.peer, client.id.local_address)
        self.assertIs(request.listener, server.id)

    def test_the_verdict(self):
        resolution = self.arrive(serve={"policy": Policy.STRICT}).resolution
        self.assertEqual((resolution.verdict, resolution.reason), (Verdict.ACCEPT, Reason.NONE))
        self.assertEqual(resolution.policy, Policy.STRICT)
        self.assertEqual(resolution.ingress.name, self.site.server.netdev)
        self.assertTrue(str(resolution).startswith(f"accept: {self.site.server.netdev} by "))

    @only(Transport.IB)
    def test_ipv6(self):
        address = self.site.server.address6
        ingress = self.arrive(address, {"address": address}).ingress
        found = (ingress.name, ingress.decided_by)
        self.assertEqual(found, (self.site.server.netdev, DecidedBy.QPN))

    @only(Transport.IB)
    def test_another_netdev_of_the_namespace(self):
        ingress = self.arrive(self.site.second.address, {"address": "0.0.0.0"}).ingress
        self.assertEqual(ingress.name, self.site.second.netdev)
        self.assertEqual(ingress.local_qpn, self.site.second.entry.qpn)

    @only(Transport.IB, Transport.ROCE)
    def test_a_datagram_service(self):
        request = self.arrive(serve={"port_space": PortSpace.UDP}, port_space=PortSpace.UDP)
        self.assertEqual(request.id.port_space, PortSpace.UDP)
        self.assertEqual(request.ingress.name, self.site.server.netdev)
        self.assertEqual(request.ingress.decided_by, BY[self.device.transport])

    @only(Transport.ROCE)
    def test_a_vlan(self):
        netns, below = self.site.server.netns, self.site.server.netdev
        try:
            where = ("link", "add", "link", below, "name", "rns.7")
            places.ip(netns, *where, "type", "vlan", "id", "7")
        except OSError as error:
            self.skipTest(f"no VLAN can be made: {error.strerror}")
        self.addCleanup(places.ip, netns, "link", "del", "rns.7")
        places.ip(netns, "link", "set", "rns.7", "up")
        places.ip(netns, "addr", "add", "10.213.7.1/24", "dev", "rns.7")
        places.wait_for_gid(self.device, "10.213.7.1")
        vlan = places.Place(netns, "rns.7", "10.213.7.1")
        server = self.serve(vlan)
        # A connection to oneself arrives by the GID of the address.
        client = self.ask(vlan.address, vlan)
        self.assertTrue(client.established, client.event)
        ingress = server.request().ingress
        self.assertEqual((ingress.name, ingress.vlan), ("rns.7", 7))
        self.assertEqual(ingress.decided_by, DecidedBy.VLAN)
