# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Ids, channels and events, above a librdmacm that is made up: see fake_rdmacm.c."""
import errno
import gc
import os
import sys
import threading
import time
import unittest

import rdma_ns
from rdma_ns import EventChannel, EventType, Id, Observed, Policy, PortSpace, Verdict

PORT = 7471
HERE = ("127.0.0.1", PORT)


class Base(unittest.TestCase):
    def setUp(self):
        self.channel = EventChannel()
        self.addCleanup(self.channel.close)

    def make(self, channel=None, **options):
        new = Id(channel or self.channel, **options)
        self.addCleanup(new.destroy)
        return new

    def listen(self, **options):
        channel = EventChannel()
        self.addCleanup(channel.close)
        listener = self.make(channel, **options)
        listener.bind_addr(("127.0.0.1", PORT))
        listener.listen()
        return channel, listener

    def wait(self, wanted, channel=None):
        with (channel or self.channel).get_event(10) as event:
            self.assertEqual(event.type.name, wanted.name)
            return event

    def connecting(self, private_data=b"", **options):
        client = self.make(**options)
        client.resolve_addr(HERE)
        self.assertIs(self.wait(EventType.ADDR_RESOLVED).id, client)
        client.resolve_route()
        self.wait(EventType.ROUTE_RESOLVED)
        client.connect(private_data)
        return client


class Connections(Base):
    subject = "ids, connections"

    def test_a_request_is_accepted(self):
        arrivals, listener = self.listen(policy=Policy.REPORT)
        client = self.connecting(b"hello")
        event = self.wait(EventType.CONNECT_REQUEST, arrivals)
        request = event.id
        self.addCleanup(request.destroy)
        self.assertIs(event.listener, listener)
        self.assertEqual(event.private_data, b"hello")
        self.assertEqual(request.local_address, HERE)
        self.assertEqual(request.peer_address, client.local_address)
        self.assertEqual(request.port_space, PortSpace.TCP)
        self.assertEqual((request.device, request.qp_num), (None, 0))
        request.accept(b"welcome")
        self.assertEqual(self.wait(EventType.ESTABLISHED).private_data, b"welcome")
        self.assertIs(self.wait(EventType.ESTABLISHED, arrivals).id, request)
        client.disconnect()
        self.wait(EventType.DISCONNECTED)
        self.wait(EventType.DISCONNECTED, arrivals)

    def test_a_request_without_a_device_is_unresolved_and_says_so(self):
        arrivals, _ = self.listen(policy=Policy.REPORT)
        self.connecting()
        request = self.wait(EventType.CONNECT_REQUEST, arrivals).id
        self.addCleanup(request.destroy)
        resolution = request.resolution()
        self.assertEqual(resolution.ingress, request.ingress())
        self.assertIn(resolution.verdict, list(Verdict))
        self.assertEqual(resolution.ingress.device, "")

    def test_a_request_is_rejected_with_data(self):
        arrivals, _ = self.listen()
        self.connecting()
        request = self.wait(EventType.CONNECT_REQUEST, arrivals).id
        self.addCleanup(request.destroy)
        request.reject(b"not today")
        event = self.wait(EventType.REJECTED)
        self.assertEqual((event.private_data, event.status), (b"not today", 28))

    def test_nobody_listens(self):
        client = self.connecting()
        self.assertEqual(self.wait(EventType.REJECTED).private_data, b"")
        self.assertEqual(client.exchange().refusal, rdma_ns.Reason.NONE)

    def test_a_refused_request_is_never_seen_and_the_observer_is_told(self):
        seen = []
        rdma_ns.set_observer(seen.append)
        self.addCleanup(rdma_ns.set_observer, None)
        arrivals, listener = self.listen(policy=Policy.STRICT)
        self.connecting()
        with self.assertRaises(TimeoutError):
            arrivals.get_event(0.1)
        self.wait(EventType.REJECTED)
        request = next(one for one in seen if one.what == Observed.REQUEST)
        self.assertEqual(request.resolution.verdict, Verdict.REJECT)
        self.assertIs(request.listener, listener)
        self.assertIsNone(request.id)
        self.assertEqual((request.local, request.exchange.received), (HERE, False))

    def test_what_an_observer_raises_changes_nothing(self):
        def observe(observation):
            raise RuntimeError

        said = []
        self.addCleanup(setattr, sys, "unraisablehook", sys.unraisablehook)
        sys.unraisablehook = lambda wrong: said.append(wrong.exc_type)
        rdma_ns.set_observer(observe)
        self.addCleanup(rdma_ns.set_observer, None)
        arrivals, _ = self.listen()
        self.connecting()
        self.addCleanup(self.wait(EventType.CONNECT_REQUEST, arrivals).id.destroy)
        self.assertIn(RuntimeError, said)


class Events(Base):
    subject = "ids, events"

    def test_waiting_ends_in_time(self):
        began = time.monotonic()
        with self.assertRaises(TimeoutError) as caught:
            self.channel.get_event(0.05)
        self.assertGreaterEqual(time.monotonic() - began, 0.05)
        self.assertEqual(caught.exception.errno, errno.ETIMEDOUT)

    def test_waiting_does_not_stop_other_threads(self):
        client = self.make()
        thread = threading.Timer(0.1, client.resolve_addr, (HERE,))
        thread.start()
        self.wait(EventType.ADDR_RESOLVED)
        thread.join()

    def test_an_event_is_acknowledged_once(self):
        client = self.make()
        client.resolve_addr(HERE)
        event = self.channel.get_event(10)
        event.ack()
        event.ack()
        self.assertEqual(repr(event), "<Event ADDR_RESOLVED status 0>")

    def test_an_id_moves_to_another_channel(self):
        client = self.make()
        with EventChannel() as other:
            client.migrate(other)
            client.resolve_addr(HERE)
            self.wait(EventType.ADDR_RESOLVED, other)
            client.migrate(self.channel)

    def test_a_closed_channel(self):
        channel = EventChannel()
        channel.close()
        channel.close()
        with self.assertRaises(ValueError):
            channel.fileno()


class Ids(Base):
    subject = "ids, settings"

    def test_info(self):
        info = self.make(policy=Policy.VERIFY, netdev="lo").info()
        self.assertEqual((info.netns, info.ifindex), (os.stat("/proc/self/ns/net").st_ino, 1))
        self.assertEqual((info.netdev, info.policy, info.listening), ("lo", Policy.VERIFY, False))

    def test_bind_and_policy(self):
        id_ = self.make(netdev=1)
        id_.bind_netdev(None)
        self.assertEqual(id_.info().netdev, "")
        id_.bind_netdev("lo")
        id_.bind_netdev(1)
        id_.set_policy(Policy.STRICT)
        self.assertEqual((id_.info().netdev, id_.info().policy), ("lo", Policy.STRICT))

    def test_an_id_that_listens_stays_as_it_is(self):
        _, listener = self.listen()
        self.assertTrue(listener.info().listening)
        for change in (lambda: listener.bind_netdev("lo"), lambda: listener.set_policy(0)):
            with self.assertRaises(OSError) as caught:
                change()
            self.assertEqual(caught.exception.errno, errno.EINVAL)

    def test_no_request_made_it(self):
        id_ = self.make()
        for query in (id_.ingress, id_.resolution, id_.exchange):
            with self.assertRaises(OSError) as caught:
                query()
            self.assertEqual(caught.exception.errno, errno.ENODATA)

    def test_it_lives_until_it_is_destroyed(self):
        pointer = self.make()._pointer
        gc.collect()
        found = rdma_ns.ids.known(pointer)
        found.destroy()
        found.destroy()
        self.assertIsNone(rdma_ns.ids.known(pointer))
        self.assertEqual(repr(found), "<Id, destroyed>")
        with self.assertRaises(ValueError):
            found.info()

    def test_repr_has_the_addresses(self):
        id_ = self.make()
        id_.bind_addr(HERE)
        self.assertEqual(repr(id_), f"<Id TCP {HERE} to None on None/0>")


if __name__ == "__main__":
    unittest.main()
