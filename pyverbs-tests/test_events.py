# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Events, the observer and the counts."""
import threading
import time

import rdma_ns
from base import Case, once, only
from peers import PORT, TIMEOUT_MS, Client, Server
from rdma_ns import EventChannel, EventType, Id, Observed, Policy, Reason, Transport, Verdict


class Events(Case):
    title = "events"

    def test_they_come_in_their_order(self):
        self.serve()
        client = self.ask()
        self.assertEqual(
            client.seen, [EventType.ADDR_RESOLVED, EventType.ROUTE_RESOLVED, EventType.ESTABLISHED]
        )
        self.assertEqual(client.status, 0)

    def test_the_listener_hears_of_the_connection_and_of_its_end(self):
        server = self.serve()
        client = self.ask()
        self.assertEqual(server.event(), EventType.ESTABLISHED)
        client.id.disconnect()
        self.assertEqual(server.event(), EventType.DISCONNECTED)
        self.assertEqual(client.next(), EventType.DISCONNECTED)

    def test_the_client_hears_of_the_end(self):
        server = self.serve()
        client = self.ask()
        server.event()
        server.request().id.disconnect()
        self.assertEqual(client.next(), EventType.DISCONNECTED)

    @once
    def test_waiting_ends_in_time(self):
        with EventChannel() as channel:
            began = time.monotonic()
            with self.assertRaises(TimeoutError):
                channel.get_event(0.05)
            self.assertGreaterEqual(time.monotonic() - began, 0.05)
            with self.assertRaises(TimeoutError):
                channel.get_event(0)

    def test_acknowledging_twice_does_nothing(self):
        with EventChannel() as channel:
            id_ = Id(channel, netns=self.site.client.netns, netdev=self.site.client.netdev)
            id_.resolve_addr((self.site.server.address, PORT), None, TIMEOUT_MS)
            event = channel.get_event(20)
            event.ack()
            event.ack()
            self.assertIs(event.id, id_)
            self.assertEqual(repr(event), "<Event ADDR_RESOLVED status 0>")
            id_.destroy()

    def test_an_id_takes_its_events_to_another_channel(self):
        with EventChannel() as first, EventChannel() as second:
            id_ = Id(first, netns=self.site.client.netns, netdev=self.site.client.netdev)
            id_.resolve_addr((self.site.server.address, PORT), None, TIMEOUT_MS)
            first.get_event(20).ack()
            id_.migrate(second)
            id_.resolve_route(TIMEOUT_MS)
            with second.get_event(20) as event:
                self.assertEqual(event.type, EventType.ROUTE_RESOLVED)
            with self.assertRaises(TimeoutError):
                first.get_event(0)
            id_.destroy()

    @once
    def test_several_clients_at_once(self):
        server = self.serve()
        clients, wrong = [], []

        def connect():
            try:
                clients.append(Client(self.site.client, self.site.server.address))
            except Exception as error:
                wrong.append(error)

        threads = [threading.Thread(target=connect) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.addCleanup(lambda: [client.close() for client in clients])
        self.assertEqual(wrong, [])
        self.assertTrue(all(client.established for client in clients))
        peers = {server.request().peer for _ in clients}
        self.assertEqual(peers, {client.id.local_address for client in clients})


class Observer(Case):
    title = "observer"

    def setUp(self):
        self.seen = []
        rdma_ns.set_observer(self.seen.append)
        self.addCleanup(rdma_ns.set_observer, None)

    def _of(self, what):
        return [observation for observation in self.seen if observation.what == what]

    def test_a_request_and_the_connection(self):
        server = self.serve()
        client = self.ask()
        (request,), (established,) = self._of(Observed.REQUEST), self._of(Observed.ESTABLISHED)
        self.assertIs(request.listener, server.id)
        self.assertEqual(request.local, client.id.peer_address)
        self.assertEqual(request.resolution, server.request().resolution)
        self.assertIs(established.id, client.id)
        self.assertEqual(established.local, client.id.local_address)
        self.assertIsNone(established.resolution)
        self.assertIsNone(established.listener)
        self.assertEqual(established.exchange, client.id.exchange())
        self.assertEqual((established.status, established.ignored), (0, None))

    @only(Transport.IB)
    def test_a_request_that_is_refused(self):
        if self.site.kernel:
            self.skipTest("the extended kernel refuses it itself, and no process hears of it")
        self.serve(address="0.0.0.0", netdev=self.site.second.netdev)
        self.assertEqual(self.ask().event, EventType.REJECTED)
        (request,), (refused,) = self._of(Observed.REQUEST), self._of(Observed.REFUSED)
        self.assertEqual(request.resolution.verdict, Verdict.REJECT)
        self.assertEqual(refused.exchange.refusal, Reason.BOUND_ELSEWHERE)

    @only(Transport.IB, Transport.ROCE)
    def test_an_attempt_that_fails(self):
        client = self.ask(port=PORT + 1)
        self.assertTrue(client.refused)
        (failed,) = self._of(Observed.FAILED) + self._of(Observed.REFUSED)
        self.assertEqual((failed.peer, failed.status), (client.id.peer_address, client.status))

    @once
    def test_one_that_is_removed_hears_nothing(self):
        rdma_ns.set_observer(None)
        self.serve()
        self.ask()
        self.assertEqual(self.seen, [])

    @once
    def test_one_that_takes_its_place_hears_all(self):
        others = []
        rdma_ns.set_observer(others.append)
        self.serve()
        self.ask()
        self.assertEqual((self.seen, len(others)), ([], 2))

    @once
    def test_one_may_ask_the_library(self):
        def ask(observation):
            self.seen.append(rdma_ns.netdevs(self.site.server.netns))

        rdma_ns.set_observer(ask)
        self.serve()
        self.assertTrue(self.ask().established)
        self.assertIn(self.site.server.netdev, {row.name for row in self.seen[0]})


@once
class Statistics(Case):
    title = "statistics"

    def test_an_accepted_request_counts(self):
        before = rdma_ns.statistics()
        server = self.serve()
        self.ask()
        server.request()
        after = rdma_ns.statistics()
        self.assertEqual((after.accepted, after.flagged), (before.accepted + 1, before.flagged))
        self.assertEqual(after.refused, before.refused)

    @only(Transport.IB)
    def test_a_refused_request_counts_by_its_reason(self):
        if self.site.kernel:
            self.skipTest("the extended kernel refuses it itself, and no process hears of it")
        before = rdma_ns.statistics()
        with Server(self.site.server, "0.0.0.0", netdev=self.site.second.netdev):
            self.ask()
        after = rdma_ns.statistics()
        self.assertEqual((after.refused, after.accepted), (before.refused + 1, before.accepted))
        reason = Reason.BOUND_ELSEWHERE
        self.assertEqual(after.reasons[reason], before.reasons.get(reason, 0) + 1)

    def test_words_say_what_the_members_are(self):
        self.assertEqual([str(policy) for policy in Policy], ["report", "verify", "strict"])
