# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Ids, channels and events, above a librdmacm that is made up: see fake_rdmacm.c."""
import errno
import gc
import os
import socket
import subprocess
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
        self.assertEqual((request.device, request.qp_num), ("fake0", 0))
        request.accept(b"welcome")
        self.assertEqual(self.wait(EventType.ESTABLISHED).private_data, b"welcome")
        self.assertIs(self.wait(EventType.ESTABLISHED, arrivals).id, request)
        client.disconnect()
        self.wait(EventType.DISCONNECTED)
        self.wait(EventType.DISCONNECTED, arrivals)

    def test_a_request_of_an_unknown_device_is_unresolved_and_says_so(self):
        arrivals, _ = self.listen(policy=Policy.REPORT)
        self.connecting()
        request = self.wait(EventType.CONNECT_REQUEST, arrivals).id
        self.addCleanup(request.destroy)
        resolution = request.resolution()
        self.assertEqual(resolution.ingress, request.ingress())
        self.assertIn(resolution.verdict, list(Verdict))
        self.assertEqual((resolution.ingress.device, resolution.ingress.ifindex), ("fake0", 0))

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

    def test_an_event_that_is_forgotten_does_not_hold_its_id(self):
        client = self.make()
        client.resolve_addr(HERE)
        self.channel.get_event(10)
        gc.collect()
        self.assertEqual(client._unacknowledged, {})
        client.destroy()

    def test_an_id_may_go_before_its_events_are_acknowledged(self):
        client = self.make()
        client.resolve_addr(HERE)
        with self.channel.get_event(10) as event:
            event.id.destroy()
            self.assertEqual((event.type, event.id), (EventType.ADDR_RESOLVED, client))

    def test_a_listener_may_go_before_its_request_is_acknowledged(self):
        arrivals, listener = self.listen()
        self.connecting(b"hello")
        with arrivals.get_event(10) as event:
            listener.destroy()
            self.assertEqual(event.private_data, b"hello")
            event.id.destroy()

    def test_an_id_goes_with_events_that_nobody_has_taken(self):
        client = self.make()
        client.resolve_addr(HERE)
        client.destroy()

    def test_an_id_moves_before_its_events_are_acknowledged(self):
        client = self.make()
        client.resolve_addr(HERE)
        event = self.channel.get_event(10)
        with EventChannel() as other:
            client.migrate(other)
            event.ack()
            client.destroy()

    def test_threads_that_acknowledge_the_same_event(self):
        client = self.make()
        for _ in range(200):
            client.resolve_addr(HERE)
            self.all_at_once(self.channel.get_event(10).ack)

    def test_threads_that_destroy_the_same_id_and_close_the_same_channel(self):
        for _ in range(50):
            channel = EventChannel()
            self.all_at_once(Id(channel).destroy)
            for _ in range(4):
                Id(channel)
            self.all_at_once(channel.close)
            self.assertEqual(channel._ids, set())

    def all_at_once(self, function):
        threads = [threading.Thread(target=function) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def test_a_channel_takes_its_ids_with_it(self):
        channel = EventChannel()
        first, second = Id(channel), Id(channel)
        with EventChannel() as other:
            second.migrate(other)
            channel.close()
            self.assertEqual(repr(first), "<Id, destroyed>")
            self.assertEqual(second.info().netdev, "")
        self.assertEqual(repr(second), "<Id, destroyed>")

    def test_a_request_goes_with_its_channel(self):
        arrivals, _ = self.listen()
        self.connecting()
        request = self.wait(EventType.CONNECT_REQUEST, arrivals).id
        arrivals.close()
        self.assertEqual(repr(request), "<Id, destroyed>")

    def test_a_channel_that_is_forgotten_is_closed_unless_an_id_needs_it(self):
        channel = EventChannel()
        descriptor = channel.fileno()
        id_ = Id(channel)
        del channel
        gc.collect()
        id_.resolve_addr(HERE)
        os.fstat(descriptor)
        id_.destroy()
        del id_
        gc.collect()
        with self.assertRaises(OSError):
            os.fstat(descriptor)

    def test_a_process_may_end_with_all_open(self):
        program = (
            "import rdma_ns\nchannel = rdma_ns.EventChannel()\nid_ = rdma_ns.Id(channel)\n"
            "id_.resolve_addr(('127.0.0.1', 1))\nevent = channel.get_event(10)\nprint(event)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        said = ("<Event ADDR_RESOLVED status 0>\n", "", 0)
        self.assertEqual((done.stdout, done.stderr, done.returncode), said)

    def test_a_wait_that_is_longer_than_poll_can_wait(self):
        client = self.make()
        thread = threading.Timer(0.05, client.resolve_addr, (HERE,))
        thread.start()
        self.channel.get_event(1e9).ack()
        thread.join()

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

    def test_what_needs_a_device_fails_without_one(self):
        id_ = self.make()
        for function in (id_.resolve_route, id_.connect, id_.accept, id_.create_qp):
            with self.assertRaises(OSError) as caught:
                function()
            self.assertEqual(caught.exception.errno, errno.EINVAL)

    def test_a_thing_that_is_no_channel(self):
        id_ = self.make()
        for wrong in (id_, 5, "channel"):
            for function in (Id, id_.migrate):
                with self.assertRaises(TypeError):
                    function(wrong)

    def test_what_has_a_nul_is_not_what_precedes_it(self):
        id_ = self.make()
        for function in (
            lambda: Id(self.channel, netdev="lo\0x"),
            lambda: id_.bind_netdev("lo\0x"),
            lambda: Id(self.channel, netns="lo\0x"),
            lambda: Id.endpoint("127.0.0.1\0x", PORT),
            lambda: Id.endpoint("127.0.0.1", f"{PORT}\0"),
        ):
            with self.assertRaises(ValueError):
                function()

    def test_numbers_that_are_too_large_are_not_cut(self):
        id_ = self.make()
        for function in (
            lambda: Id(self.channel, policy=1 << 32),
            lambda: Id(self.channel, netdev=(1 << 32) + 1),
            lambda: Id(self.channel, netdev=-1),
            lambda: Id(self.channel, netns=1 << 32),
            lambda: Id(self.channel, (1 << 32) + PortSpace.TCP),
            lambda: id_.bind_netdev((1 << 32) + 1),
            lambda: id_.set_policy(1 << 32),
            lambda: id_.listen(1 << 31),
            lambda: id_.bind_addr(("127.0.0.1", 1 << 16)),
            lambda: id_.resolve_addr(HERE, None, 1 << 31),
        ):
            with self.assertRaises(OverflowError):
                function()
        self.assertEqual((id_.info().policy, id_.info().ifindex), (Policy.REPORT, 0))

    def test_parameters_of_a_connection_that_are_wrong(self):
        client = self.make()
        client.resolve_addr(HERE)
        self.wait(EventType.ADDR_RESOLVED)
        for function in (client.connect, client.accept):
            for wrong, kind in (
                ({"retry_cout": 1}, TypeError),
                ({"private_data_len": 200}, TypeError),
                ({"qp_num": 1 << 32}, OverflowError),
                ({"retry_count": 256}, OverflowError),
                ({"private_data": "text"}, TypeError),
                ({"private_data": 5}, TypeError),
                ({"private_data": bytes(256)}, ValueError),
            ):
                with self.subTest(wrong), self.assertRaises(kind):
                    function(**wrong)
        for wrong, kind in (("text", TypeError), (bytes(256), ValueError), (5, TypeError)):
            with self.subTest(wrong), self.assertRaises(kind):
                client.reject(wrong)

    def test_private_data_may_be_like_bytes(self):
        arrivals, _ = self.listen()
        self.connecting(bytearray(b"hello"))
        event = self.wait(EventType.CONNECT_REQUEST, arrivals)
        self.addCleanup(event.id.destroy)
        self.assertEqual(event.private_data, b"hello")

    def test_an_endpoint_of_nobody(self):
        with self.assertRaises(socket.gaierror) as caught:
            Id.endpoint("nobody", PORT)
        self.assertEqual(caught.exception.errno, socket.EAI_NONAME)
        with self.assertRaises(OSError) as caught:
            Id.endpoint("127.0.0.1", PORT)
        self.assertEqual(caught.exception.errno, errno.ENODEV)

    def test_repr_has_the_addresses(self):
        id_ = self.make()
        id_.bind_addr(HERE)
        self.assertEqual(repr(id_), f"<Id TCP {HERE} to None on None/0>")


if __name__ == "__main__":
    unittest.main()
