# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Refusals: by the application, by nobody, and by a policy."""
import errno

import places
from base import Case, only
from peers import PORT
from rdma_ns import EventType, Policy, PortSpace, Reason, Transport

REJ, IB_CONSUMER = 148, 28


class Refusals(Case):
    title = "refusals"

    def _status(self, client):
        iwarp = self.device.transport == Transport.IWARP
        self.assertEqual(client.status, -errno.ECONNRESET if iwarp else IB_CONSUMER)

    def test_the_application_refuses_with_its_data(self):
        server = self.serve(reject=True, private_data=b"not today")
        client = self.ask()
        self.assertEqual(client.event, EventType.REJECTED)
        self.assertEqual(client.private_data.rstrip(b"\0"), b"not today")
        self._status(client)
        self.assertIsNone(server.request().error)

    def test_that_is_no_refusal_of_the_library(self):
        self.serve(reject=True)
        self.assertEqual(self.ask().id.exchange().refusal, Reason.NONE)

    @only(Transport.IWARP)
    def test_nobody_listens_which_connect_itself_says(self):
        self.fails(errno.ECONNREFUSED, self.ask, port=PORT + 1)

    @only(Transport.IB, Transport.ROCE)
    def test_nobody_listens(self):
        client = self.ask(port=PORT + 1)
        self.assertEqual(client.event, EventType.REJECTED)
        self.assertEqual(client.id.exchange().refusal, Reason.NONE)

    @only(Transport.IB, Transport.ROCE)
    def test_nobody_listens_for_datagrams(self):
        client = self.ask(port=PORT + 1, port_space=PortSpace.UDP)
        self.assertEqual(client.event, EventType.UNREACHABLE)

    def test_a_stream_does_not_reach_a_datagram_service(self):
        if self.device.transport == Transport.IWARP:
            self.skipTest("iWARP has no datagrams")
        server = self.serve(port_space=PortSpace.UDP)
        self.assertEqual(self.ask().event, EventType.REJECTED)
        self.assertTrue(server.requests.empty())

    def test_a_connection_after_a_refusal(self):
        self.serve(reject=True, port=PORT + 1)
        self.serve()
        self.assertTrue(self.ask(port=PORT + 1).refused)
        self.assertTrue(self.ask().established)


@only(Transport.IB)
class ByPolicy(Case):
    """The listener is bound to a netdev by which the client does not come."""

    title = "refusals, by policy"

    def setUp(self):
        self.server = self.serve(
            address="0.0.0.0", netdev=self.site.second.netdev, policy=Policy.VERIFY
        )

    def test_the_client_is_told_why_by_a_library(self):
        client = self.ask()
        wanted = Reason.NONE if self.site.kernel else Reason.BOUND_ELSEWHERE
        self.assertEqual((client.event, client.id.exchange().refusal), (EventType.REJECTED, wanted))

    def test_the_words_of_the_reason_can_be_printed(self):
        refusal = self.ask().id.exchange().refusal
        self.assertEqual(
            str(refusal), "none" if self.site.kernel else "the listener is bound to another netdev"
        )

    def test_the_application_never_sees_it(self):
        self.ask()
        self.assertTrue(self.server.requests.empty() and self.server.events.empty())

    def test_the_next_one_that_fits_is_answered(self):
        self.assertTrue(self.ask().refused)
        client = self.ask(self.site.second.address)
        self.assertTrue(client.established, client.event)
        self.assertEqual(self.server.request().ingress.name, self.site.second.netdev)

    def test_many_in_a_row(self):
        for _ in range(10):
            self.assertTrue(self.ask().refused)
        self.assertTrue(self.ask(self.site.second.address).established)
        self.server.request()
        self.assertTrue(self.server.requests.empty())


@only(Transport.IB)
class NotDelivered(Case):
    title = "refusals, a packet would not be delivered"

    def setUp(self):
        # The way back is by another netdev, which rp_filter does not allow.
        netns = self.site.server.netns
        route = (f"{self.site.client.address}/32", "dev", self.site.second.netdev)
        places.ip(netns, "route", "add", *route)
        self.addCleanup(places.ip, netns, "route", "del", *route)
        places.sysctl(netns, "net.ipv4.conf.all.rp_filter", 1)
        self.addCleanup(places.sysctl, netns, "net.ipv4.conf.all.rp_filter", 0)

    def test_verify_refuses_it(self):
        server = self.serve(policy=Policy.VERIFY)
        client = self.ask()
        self.assertEqual((client.event, server.requests.empty()), (EventType.REJECTED, True))
        wanted = Reason.NOT_DELIVERED if self.site.kernel else Reason.ROUTE
        self.assertEqual(client.id.exchange().refusal, wanted)

    def test_report_accepts_it_on_a_stock_kernel_only(self):
        server = self.serve(policy=Policy.REPORT)
        client = self.ask()
        self.assertEqual(client.established, not self.site.kernel)
        if not self.site.kernel:
            self.assertEqual(server.request().resolution.reason, Reason.ROUTE)
