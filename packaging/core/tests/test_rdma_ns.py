# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""
librdmans, on the device --dev or the first one that has a netdev. Namespaces and netdevs are created, so root is
needed; they are called rns-something and are removed at the end.
"""
import contextlib
import importlib
import unittest

from args_parser import parser

# rdma_ns_*.py, each with its classes.
NAMES = (
    "errors",
    "events",
    "exchange",
    "features",
    "ids",
    "ingress",
    "netdevs",
    "policies",
    "refusals",
    "resolve",
    "traffic",
)


class _Bound(unittest.TestCase):
    """Before a test's own: what has no meaning on this device is skipped."""

    def setUp(self):
        transport = self.device.transport
        for thing in (type(self), getattr(self, self._testMethodName)):
            if transport not in getattr(thing, "transports", (transport,)):
                self.skipTest(f"this has no meaning on {transport.name}")
        super().setUp()


def bind(module):
    """A module's classes, as classes of this one."""
    for name, value in vars(module).items():
        if isinstance(value, type) and issubclass(value, base.Case) and value is not base.Case:
            globals()[name] = type(name, (_Bound, value), {"__module__": __name__})


def find_device():
    name = parser.args and parser.args["dev"]
    for device in places.devices():
        if name in (None, device.name):
            return device
    raise places.Unusable(f"no RDMA device{f' called {name}' if name else ''} has a netdev")


def set_up():
    """The device, the places on it, and the process of the peers that do not know the library."""
    with contextlib.ExitStack() as stack:
        try:
            base.Case.device = find_device()
            base.Case.site = stack.enter_context(places.site(base.Case.device))
        except places.Unusable as reason:
            raise unittest.SkipTest(str(reason)) from reason
        stack.enter_context(peers.Stock())
        unittest.addModuleCleanup(stack.pop_all().close)


try:
    from tests import rdma_ns_base as base
    from tests import rdma_ns_peers as peers
    from tests import rdma_ns_places as places

    # All or none.
    for _module in [importlib.import_module(f"tests.rdma_ns_{_name}") for _name in NAMES]:
        bind(_module)
    setUpModule = set_up
except ImportError as missing:
    _REASON = str(missing)

    class RdmaNs(unittest.TestCase):
        def test_the_library_is_there(self):
            self.skipTest(_REASON)


# It has no tests of its own.
del _Bound
