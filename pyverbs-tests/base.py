# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The tests' base class, and how they are found and bound to a device."""
import errno
import importlib
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


def _fits(kind, name, device, first):
    for thing in (kind, getattr(kind, name)):
        if getattr(thing, "once", False) and not first:
            return False
        if device.transport not in getattr(thing, "transports", (device.transport,)):
            return False
    return True


def suite(folder, device, wanted, first=True):
    """All tests of a folder that have a meaning on this device, which may not be the first."""
    found = unittest.TestSuite()
    for file in sorted(folder.glob("test_*.py")):
        module = importlib.import_module(file.stem)
        for value in vars(module).values():
            if not (isinstance(value, type) and issubclass(value, Case)):
                continue
            if value.__module__ != module.__name__:
                continue
            members = {"device": device, "__module__": value.__module__}
            bound = type(value.__name__, (value,), members)
            for name in unittest.TestLoader().getTestCaseNames(bound):
                test = bound(name)
                if _fits(bound, name, device, first) and wanted(test):
                    found.addTest(test)
    return found
