# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Errors as they come, and who may do what."""
import errno
import os
import threading

import places
import rdma_ns
from base import Case, once
from peers import PORT, SECONDS, TIMEOUT_MS
from rdma_ns import EventChannel, Id

NOBODY = 65534


@once
class Errors(Case):
    title = "errors"

    def test_they_name_the_function(self):
        with self.assertRaises(OSError) as caught:
            Id(netdev="no such netdev")
        self.assertEqual(caught.exception.filename, "rdma_ns_create_id")
        self.assertEqual(caught.exception.strerror, os.strerror(errno.ENODEV))

    def test_an_address_twice(self):
        with EventChannel() as channel, Id(channel, netns=self.site.server.netns) as id_:
            id_.bind_addr((self.site.server.address, PORT))
            self.fails(errno.EINVAL, id_.bind_addr, (self.site.server.address, PORT))

    def test_connecting_twice(self):
        self.serve()
        client = self.ask()
        with self.assertRaises(OSError):
            client.id.connect()

    def test_private_data_that_are_too_long(self):
        if self.device.transport == rdma_ns.Transport.IWARP:
            self.skipTest("iWARP takes as many as can be counted")
        server = self.serve()
        self.fails(errno.EINVAL, self.ask, private_data=bytes(57))
        self.assertTrue(server.requests.empty())

    def test_what_librdmacm_needs_a_device_for_fails_without_one(self):
        with EventChannel() as channel, Id(channel, netns=self.site.server.netns) as id_:
            for function in (id_.resolve_route, id_.connect, id_.accept, id_.create_qp):
                self.fails(errno.EINVAL, function)
            for function in (id_.disconnect, id_.establish, id_.reject):
                self.fails(errno.EINVAL, function)

    def test_a_channel_takes_its_ids_and_their_events_with_it(self):
        with EventChannel() as channel:
            id_ = Id(channel, netns=self.site.client.netns, netdev=self.site.client.netdev)
            id_.resolve_addr((self.site.server.address, PORT), None, TIMEOUT_MS)
            event = channel.get_event(SECONDS)
        self.assertEqual(repr(id_), "<Id, destroyed>")
        self.assertIs(event.id, id_)

    def test_a_destroyed_id_and_a_closed_channel(self):
        channel = EventChannel()
        id_ = Id(channel, netns=self.site.server.netns)
        id_.destroy()
        id_.destroy()
        channel.close()
        channel.close()
        for function in (id_.info, id_.listen, channel.fileno):
            with self.assertRaises(ValueError):
                function()

    def test_only_who_has_power_over_a_namespace_may_enter_it(self):
        self.assertEqual(self._as_nobody(lambda: rdma_ns.netdevs("/proc/1/ns/net")), "EACCES")
        places.ip(None, "netns", "add", "rns-other")
        self.addCleanup(places.ip, None, "netns", "del", "rns-other")
        with open("/run/netns/rns-other", "rb") as netns:
            self.assertEqual(self._as_nobody(lambda: rdma_ns.netdevs(netns.fileno())), "EPERM")
            self.assertEqual(self._as_nobody(lambda: Id(netns=netns.fileno())), "EPERM")

    def test_anybody_may_ask_about_his_own(self):
        self.assertEqual(self._as_nobody(rdma_ns.netdevs), "")
        self.assertEqual(self._as_nobody(rdma_ns.features), "")

    def _as_nobody(self, function):
        """The name of the error with which it fails in a child without privileges, or nothing."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            said = b""
            try:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
                function()
            except OSError as error:
                said = errno.errorcode[error.errno].encode()
            except BaseException as error:
                said = repr(error).encode()
            os.write(writing, said)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            said = answer.read()
        os.waitpid(child, 0)
        return said


class Endpoints(Case):
    title = "synchronous ids"

    def test_an_endpoint_listens_and_another_connects(self):
        place, client = self.site.server, self.site.client
        listener = place.inside(Id.endpoint, place.address, PORT, passive=True)
        self.addCleanup(listener.destroy)
        listener.listen(4)
        server = self.serve_one(listener)
        try:
            # On one host, the route is from where the client is.
            active = client.inside(Id.endpoint, place.address, PORT, netdev=client.netdev)
            self.addCleanup(active.destroy)
            active.create_qp()
            active.connect(b"hello")
        finally:
            server.join(SECONDS)
        self.assertEqual(self.request.ingress().name, place.netdev)
        self.addCleanup(self.request.destroy)
        self.assertEqual(active.info().netdev, client.netdev)

    def serve_one(self, listener):
        def serve():
            self.request = listener.get_request()
            self.request.create_qp()
            self.request.accept()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        return thread
