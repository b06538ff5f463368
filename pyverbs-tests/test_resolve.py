# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""resolve(): what would become of a request, and what did become of it."""
import errno

import rdma_ns
from base import Case, once, only
from peers import PORT
from rdma_ns import DecidedBy, Listener, Policy, Reason, Route, Rule, Transport, Verdict


class Resolve(Case):
    title = "resolve"

    def setUp(self):
        self.entry = self.site.server.entry
        self.local = (self.site.server.address, PORT)
        self.peer = (self.site.client.address, 40000)

    def resolve(self, **options):
        for name, value in {
            "device": self.device.name,
            "source": self.peer,
            "destination": self.local,
            "port": self.entry.port,
            "pkey": self.entry.pkey,
            "gid": self.entry.gid if self.device.transport == Transport.ROCE else None,
        }.items():
            options.setdefault(name, value)
        arguments = [options.pop(name) for name in ("device", "source", "destination")]
        return self.site.server.inside(rdma_ns.resolve, *arguments, **options)

    def test_it_says_what_happens(self):
        server = self.serve(policy=Policy.VERIFY)
        self.assertTrue(self.ask().established)
        happened = server.request()
        ingress = happened.ingress
        would = self.resolve(
            source=happened.peer,
            qpn=ingress.wanted_qpn or None,
            peer_qpn=ingress.peer_qpn,
            policy=Policy.VERIFY,
            listeners=[Listener(self.local, policy=Policy.VERIFY)],
        )
        self.assertEqual((would.verdict, would.reason), (happened.resolution.verdict, Reason.NONE))
        for name in ("name", "ifindex", "handling_name", "netns", "route", "rule", "transport"):
            self.assertEqual(getattr(would.ingress, name), getattr(ingress, name), name)
        self.assertEqual(would.listener, 0)

    @once
    def test_nothing_is_asked_of_listeners_if_none_are_given(self):
        found = self.resolve()
        self.assertEqual((found.ingress.rule, found.listener), (Rule.NOT_ASKED, -1))
        self.assertEqual(found.verdict, Verdict.ACCEPT)

    @once
    def test_without_a_listener_nobody_gets_it(self):
        found = self.resolve(listeners=[])
        self.assertEqual((found.verdict, found.reason), (Verdict.REJECT, Reason.NO_LISTENER))

    @once
    def test_the_listener_that_fits_best(self):
        index = self.site.server.ifindex
        listeners = [
            Listener(("0.0.0.0", PORT)),
            Listener(("0.0.0.0", PORT), ifindex=index),
            Listener(self.local),
            Listener(self.local, ifindex=index),
        ]
        for i, rule in enumerate(
            (Rule.WILDCARD, Rule.WILDCARD_NETDEV, Rule.ADDRESS, Rule.ADDRESS_NETDEV)
        ):
            found = self.resolve(listeners=listeners[: i + 1])
            self.assertEqual((found.listener, found.ingress.rule), (i, rule))

    @once
    def test_a_listener_on_ipv6s_wildcard_takes_ipv4_unless_it_must_not(self):
        wildcard = Listener(("::", PORT))
        self.assertEqual(self.resolve(listeners=[wildcard]).ingress.rule, Rule.WILDCARD)
        only6 = Listener(("::", PORT), afonly=True)
        self.assertEqual(self.resolve(listeners=[only6]).reason, Reason.NO_LISTENER)

    @once
    def test_a_listener_on_another_port_or_netdev(self):
        other = Listener((self.site.server.address, PORT + 1))
        self.assertEqual(self.resolve(listeners=[other]).reason, Reason.NO_LISTENER)
        bound = Listener(self.local, ifindex=1)
        found = self.resolve(listeners=[bound])
        self.assertEqual((found.verdict, found.reason), (Verdict.REJECT, Reason.BOUND_ELSEWHERE))

    @once
    def test_the_stricter_policy_holds(self):
        listeners = [Listener(self.local, policy=Policy.VERIFY)]
        found = self.resolve(policy=Policy.REPORT, listeners=listeners)
        self.assertEqual(found.policy, Policy.VERIFY)

    @only(Transport.IB)
    def test_the_default_partition_unless_another_is_named(self):
        self.assertEqual(self.entry.pkey, 0xFFFF)
        found = self.site.server.inside(
            rdma_ns.resolve, self.device.name, self.peer, self.local, port=self.entry.port
        )
        self.assertEqual(found.ingress.ifindex, self.entry.ifindex)

    @only(Transport.IB)
    def test_a_qpn_that_is_known(self):
        found = self.resolve(qpn=self.entry.qpn, policy=Policy.STRICT)
        self.assertEqual((found.verdict, found.ingress.decided_by), (Verdict.ACCEPT, DecidedBy.QPN))
        self.assertEqual(found.ingress.local_qpn, self.entry.qpn)

    @only(Transport.IB)
    def test_the_neighbours_qpn_is_unknown_here(self):
        for policy, verdict in (
            (Policy.REPORT, Verdict.ACCEPT_FLAGGED),
            (Policy.VERIFY, Verdict.REJECT),
            (Policy.STRICT, Verdict.REJECT),
        ):
            found = self.resolve(qpn=self.site.neighbour.entry.qpn, policy=policy)
            self.assertEqual((found.verdict, found.reason), (verdict, Reason.QPN_UNKNOWN))

    @only(Transport.IB)
    def test_no_qpn_is_refused_by_strict_alone(self):
        self.assertEqual(self.resolve(policy=Policy.VERIFY).verdict, Verdict.ACCEPT)
        found = self.resolve(policy=Policy.STRICT)
        self.assertEqual((found.verdict, found.reason), (Verdict.REJECT, Reason.NO_QPN))
        self.assertEqual(found.ingress.decided_by, DecidedBy.ADDRESS)

    @only(Transport.IB)
    def test_an_address_that_is_on_another_netdev(self):
        second = self.site.second
        found = self.resolve(destination=(second.address, PORT), qpn=self.entry.qpn)
        self.assertEqual((found.verdict, found.ingress.name), (Verdict.ACCEPT, self.entry.name))
        self.assertEqual(found.ingress.handling_name, second.netdev)
        found = self.resolve(
            destination=(second.address, PORT), qpn=self.entry.qpn, policy=Policy.STRICT
        )
        self.assertEqual((found.verdict, found.reason), (Verdict.REJECT, Reason.HANDLING_DIFFERS))

    @only(Transport.IB)
    def test_an_address_of_nobody_here(self):
        found = self.resolve(
            destination=("10.0.0.77", PORT), qpn=self.entry.qpn, policy=Policy.VERIFY
        )
        self.assertEqual((found.verdict, found.reason), (Verdict.REJECT, Reason.ROUTE))
        self.assertIn(found.ingress.route, (Route.NOT_LOCAL, Route.NONE))

    @once
    def test_multicast_is_not_for_anybody(self):
        found = self.resolve(
            destination=("224.0.0.5", PORT), qpn=self.entry.qpn or None, policy=Policy.VERIFY
        )
        self.assertEqual(found.verdict, Verdict.REJECT)

    @once
    def test_what_is_not_valid(self):
        self.fails(errno.ENODEV, self.resolve, device="nodevice")
        self.fails(errno.ENODEV, self.resolve, port=99)
        self.fails(errno.EINVAL, self.resolve, qpn=1 << 24)
        self.fails(errno.EINVAL, self.resolve, vlan=4096)
        self.fails(errno.EINVAL, self.resolve, policy=9)
        self.fails(errno.EINVAL, self.resolve, source=("fd00::9", 1))
