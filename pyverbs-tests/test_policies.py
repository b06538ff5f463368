# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Policies and their verdicts: peers with the library, stock peers (level 0), ambiguity, theft."""
import errno

import places
from base import Case, once, only
from peers import PORT, StockServer, stock_connect
from rdma_ns import (
    Answer,
    DecidedBy,
    EventType,
    Policy,
    Reason,
    Transport,
    Verdict,
)


class Honest(Case):
    title = "policies, the library at both ends"

    def test_report_accepts(self):
        self._accepts(Policy.REPORT)

    def test_verify_accepts(self):
        self._accepts(Policy.VERIFY)

    def test_strict_accepts(self):
        self._accepts(Policy.STRICT)

    def _accepts(self, policy):
        server = self.serve(policy=policy)
        self.assertTrue(self.ask(policy=policy).established)
        resolution = server.request().resolution
        self.assertEqual((resolution.verdict, resolution.reason), (Verdict.ACCEPT, Reason.NONE))
        self.assertEqual(resolution.policy, policy)


class Stock(Case):
    title = "policies, a stock peer"

    def _answer(self, policy, address=None):
        server = self.serve(policy=policy, address=address)
        return server, stock_connect(self.site, self.site.server.address)

    @once
    def test_report_accepts_what_fits_one_netdev(self):
        server, said = self._answer(Policy.REPORT)
        self.assertEqual((said, server.request().resolution.verdict), ("answered", Verdict.ACCEPT))

    @once
    def test_verify_accepts_what_fits_one_netdev(self):
        server, said = self._answer(Policy.VERIFY)
        self.assertEqual((said, server.request().resolution.reason), ("answered", Reason.NONE))

    @only(Transport.IB)
    def test_it_is_found_by_its_address_or_by_the_kernels_qpn(self):
        server, _ = self._answer(Policy.REPORT)
        wanted = DecidedBy.QPN if self.site.kernel else DecidedBy.ADDRESS
        self.assertEqual(server.request().ingress.decided_by, wanted)

    @only(Transport.IB)
    def test_strict_refuses_it_unless_the_kernel_sends_qpns(self):
        server, said = self._answer(Policy.STRICT)
        if self.site.kernel:
            self.assertEqual(said, "answered")
            self.assertEqual(server.request().ingress.decided_by, DecidedBy.QPN)
        else:
            self.assertEqual((said, server.requests.empty()), ("ECONNREFUSED", True))

    @only(Transport.ROCE, Transport.IWARP)
    def test_strict_accepts_it_where_there_are_no_qpns(self):
        server, said = self._answer(Policy.STRICT)
        self.assertEqual((said, server.request().resolution.verdict), ("answered", Verdict.ACCEPT))

    def test_a_stock_listener_answers_the_librarys_client(self):
        with StockServer(self.site.server) as server:
            client = self.ask(policy=Policy.STRICT)
            self.assertTrue(client.established, client.event)
            self.assertEqual(server.said(), "accepted")

    @once
    def test_a_stock_listener_says_nothing_of_who_it_is(self):
        with StockServer(self.site.server):
            exchange = self.ask().id.exchange()
        # Its kernel does, if it is an extended one.
        self.assertIn(exchange.answer, (Answer.UNKNOWN, Answer.AS_AIMED))
        self.assertTrue(self.site.kernel or exchange.answer == Answer.UNKNOWN)


@only(Transport.IB)
class Ambiguous(Case):
    """Two netdevs of the namespace have the address."""

    title = "policies, an address of two netdevs"

    def setUp(self):
        second = self.site.second
        address = (f"{self.site.server.address}/32", "dev", second.netdev)
        places.ip(second.netns, "addr", "add", *address)
        self.addCleanup(places.ip, second.netns, "addr", "del", *address)

    def test_the_librarys_peer_is_not_ambiguous(self):
        server = self.serve(policy=Policy.VERIFY)
        self.assertTrue(self.ask().established)
        self.assertEqual(server.request().ingress.name, self.site.server.netdev)

    def test_report_flags_a_stock_peer(self):
        server = self.serve(policy=Policy.REPORT)
        self.assertEqual(stock_connect(self.site, self.site.server.address), "answered")
        resolution = server.request().resolution
        if self.site.kernel:
            self.assertEqual(resolution.verdict, Verdict.ACCEPT)
            return
        self.assertEqual(
            (resolution.verdict, resolution.reason), (Verdict.ACCEPT_FLAGGED, Reason.AMBIGUOUS)
        )
        self.assertEqual(resolution.ingress.candidates, 2)
        self.assertEqual(resolution.ingress.decided_by, DecidedBy.AMBIGUOUS)

    def test_verify_refuses_a_stock_peer_without_a_qpn(self):
        server = self.serve(policy=Policy.VERIFY)
        said = stock_connect(self.site, self.site.server.address)
        self.assertEqual(said, "answered" if self.site.kernel else "ECONNREFUSED")
        self.assertEqual(server.requests.empty(), not self.site.kernel)


@only(Transport.IB)
class Theft(Case):
    """The neighbour takes the server's address; the client's packets still go to the server."""

    title = "policies, an address that is stolen"

    def setUp(self):
        thief = self.site.neighbour
        stolen = f"{self.site.server.address}/24"
        places.ip(thief.netns, "addr", "add", stolen, "dev", thief.netdev)
        self.addCleanup(places.ip, thief.netns, "addr", "del", stolen, "dev", thief.netdev)

    def _thief(self, policy):
        return self.serve(self.site.neighbour, self.site.server.address, policy=policy)

    def test_a_thief_that_verifies_refuses(self):
        thief = self._thief(Policy.VERIFY)
        client = self.ask()
        self.assertEqual(client.event, EventType.REJECTED)
        self.assertTrue(thief.requests.empty())
        if not self.site.kernel:
            self.assertEqual(client.id.exchange().refusal, Reason.QPN_UNKNOWN)

    def test_a_thief_that_reports_is_told_and_so_is_the_client(self):
        thief = self._thief(Policy.REPORT)
        client = self.ask()
        if self.site.kernel:
            # The owner, who does not listen, got it.
            self.assertEqual((client.event, thief.requests.empty()), (EventType.REJECTED, True))
            return
        self.assertTrue(client.established, client.event)
        resolution = thief.request().resolution
        self.assertEqual(
            (resolution.verdict, resolution.reason), (Verdict.ACCEPT_FLAGGED, Reason.QPN_UNKNOWN)
        )
        self.assertEqual(client.id.exchange().answer, Answer.ELSEWHERE)
        self.assertEqual(client.id.exchange().peer_qpn, self.site.neighbour.entry.qpn)

    def test_a_strict_client_does_not_take_the_thiefs_answer(self):
        self._thief(Policy.REPORT)
        client = self.ask(policy=Policy.STRICT)
        if self.site.kernel:
            self.assertEqual(client.event, EventType.REJECTED)
        else:
            self.assertEqual(
                (client.event, client.status), (EventType.CONNECT_ERROR, -errno.EREMCHG)
            )

    def test_the_owner_gets_its_own_or_nobody_does(self):
        owner = self.serve(address="0.0.0.0", policy=Policy.VERIFY)
        thief = self._thief(Policy.VERIFY)
        client = self.ask()
        self.assertEqual(client.established, self.site.kernel)
        if self.site.kernel:
            # The client may hear of it first.
            owner.request()
        self.assertTrue(owner.requests.empty())
        self.assertTrue(thief.requests.empty())

    def test_a_stock_client_reaches_the_thief_on_a_stock_kernel(self):
        thief = self._thief(Policy.REPORT)
        said = stock_connect(self.site, self.site.server.address)
        self.assertEqual(said == "answered", not self.site.kernel)
        self.assertEqual(thief.requests.empty(), self.site.kernel)


@only(Transport.IB)
class Elsewhere(Case):
    title = "policies, bound elsewhere"

    def test_each_policy_refuses_what_arrives_by_another_netdev(self):
        for port, policy in enumerate(Policy, PORT):
            with self.subTest(policy.name):
                options = {"netdev": self.site.second.netdev, "policy": policy, "port": port}
                server = self.serve(address="0.0.0.0", **options)
                client = self.ask(port=port)
                self.assertEqual(client.event, EventType.REJECTED)
                self.assertTrue(server.requests.empty())
                wanted = Reason.NONE if self.site.kernel else Reason.BOUND_ELSEWHERE
                self.assertEqual(client.id.exchange().refusal, wanted)
