# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The tests' base class."""
import errno
import unittest

from peers import Client, Server
from rdma_ns import Transport


def only(*transports):
    """Decorate a test, or a class, that has a meaning on these alone: elsewhere there is none."""

    def decorate(test):
        test.transports = transports
        return test

    return decorate


def once(test):
    """Decorate a test, or a class, that is the same on all devices."""
    test.once = True
    return test


class Case(unittest.TestCase):
    """site is set before the tests run; device when they are found."""

    site = None
    device = None
    title = ""

    @property
    def subject(self):
        return f"{self.device.name}: {self.title}"

    @property
    def ib(self):
        return self.device.transport == Transport.IB

    def serve(self, place=None, address=None, **options):
        """A listener for as long as the test."""
        server = Server(place or self.site.server, address, **options)
        self.addCleanup(server.close)
        return server

    def ask(self, address=None, place=None, **options):
        """A client for as long as the test, which has connected or was refused."""
        client = Client(place or self.site.client, address or self.site.server.address, **options)
        self.addCleanup(client.close)
        return client

    def fails(self, number, function, *arguments, **named):
        """function fails with this errno."""
        with self.assertRaises(OSError) as caught:
            function(*arguments, **named)
        self.assertEqual(errno.errorcode.get(caught.exception.errno), errno.errorcode[number])
