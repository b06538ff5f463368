# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The module as a program uses it, on any machine."""
import ctypes
import errno
import ipaddress
import os
import pathlib
import pickle
import socket
import threading
import unittest

import rdma_ns
from rdma_ns import addresses, enums, records, structures

REQUEST = ("no such device", ("10.0.0.9", 40722), ("10.0.0.5", 7471))


class Fails(unittest.TestCase):
    def fails(self, number, function, *arguments, **named):
        with self.assertRaises(OSError) as caught:
            function(*arguments, **named)
        self.assertEqual(errno.errorcode[caught.exception.errno], errno.errorcode[number])
        return caught.exception


class Words(unittest.TestCase):
    subject = "words"

    def test_each_member_has_words(self):
        for kind in enums.Words.__subclasses__():
            for member in kind:
                if member.name != "UNKNOWN":
                    self.assertNotEqual(str(member), "unknown", repr(member))
                self.assertEqual(f"{member}", str(member))
                self.assertEqual(kind(int(member)), member)

    def test_a_number_of_a_later_library_is_no_error(self):
        reason = rdma_ns.Reason(77)
        self.assertEqual((int(reason), reason.name, str(reason)), (77, "UNKNOWN_77", "unknown"))
        self.assertNotIn(reason, list(rdma_ns.Reason))
        self.assertEqual(pickle.loads(pickle.dumps(reason)), reason)
        self.assertEqual({reason: 1}[rdma_ns.Reason(77)], 1)
        self.assertEqual(rdma_ns.PortSpace(0x7777).name, f"UNKNOWN_{0x7777}")

    def test_members_are_formatted_as_words_or_numbers(self):
        policy = rdma_ns.Policy.STRICT
        self.assertEqual(f"{policy} {policy:>8} {policy:d} {policy:#x}", "strict   strict 2 0x2")

    def test_policies_are_parsed(self):
        for policy in rdma_ns.Policy:
            self.assertIs(rdma_ns.Policy.parse(str(policy)), policy)

    def test_repr_names_the_member(self):
        self.assertEqual(repr(rdma_ns.Policy.VERIFY), "<Policy.VERIFY: 1>")


class Errors(Fails):
    subject = "errors"

    def test_an_error_names_the_function(self):
        error = self.fails(errno.EINVAL, rdma_ns.Policy.parse, "lax")
        self.assertEqual(error.filename, "rdma_ns_policy_parse")
        self.assertEqual(error.strerror, os.strerror(errno.EINVAL))

    def test_resolve_on_a_device_that_is_not_there(self):
        self.fails(errno.ENODEV, rdma_ns.resolve, *REQUEST)

    def test_resolve_with_what_is_out_of_range(self):
        for wrong in (
            {"qpn": 1 << 24},
            {"vlan": 4096},
            {"policy": 3},
            {"port_space": 1},
            {"listeners": [rdma_ns.Listener(("10.0.0.5", 7471), policy=9)]},
        ):
            with self.subTest(wrong):
                self.fails(errno.EINVAL, rdma_ns.resolve, *REQUEST, **wrong)

    def test_resolve_from_another_family(self):
        self.fails(errno.EINVAL, rdma_ns.resolve, "sib0", ("fd00::9", 1), ("10.0.0.5", 7471))

    def test_a_namespace_that_is_not_there(self):
        self.fails(errno.ENOENT, rdma_ns.netdevs, "no such namespace")
        self.fails(errno.EBADF, rdma_ns.netdevs, -1)
        with open("/dev/null", "rb") as null:
            self.fails(errno.EINVAL, rdma_ns.netdevs, null.fileno())

    def test_an_address_that_is_none(self):
        for wrong, kind in (
            (("localhost", 1), ValueError),
            (("10.0.0.5", 65536), OverflowError),
            (("10.0.0.5", -1), OverflowError),
            (("10.0.0.5", "1"), TypeError),
            (("10.0.0.5",), ValueError),
            (("10.0.0.5", 1, 0, 0), ValueError),
            (("10.0.0.5%lo", 1), ValueError),
            (("fe80::1%", 1), OSError),
            (("fe80::1", 1, 1 << 32), OverflowError),
            (("fe80::1", 1, 0, 1 << 32), OverflowError),
            (("fe80::1", 1, 0, 1, 0), ValueError),
            ("10.0.0.5", TypeError),
            (None, TypeError),
        ):
            with self.subTest(wrong), self.assertRaises(kind):
                rdma_ns.resolve("sib0", wrong, ("10.0.0.5", 7471))

    def test_numbers_that_are_too_large_are_not_cut(self):
        for name in ("port", "pkey", "vlan", "qpn", "peer_qpn", "policy", "port_space"):
            with self.subTest(name), self.assertRaises(OverflowError):
                rdma_ns.resolve(*REQUEST, **{name: 1 << 32})
        with self.assertRaises(OverflowError):
            listener = rdma_ns.Listener(("10.0.0.5", 1), ifindex=1 << 32)
            rdma_ns.resolve(*REQUEST, listeners=[listener])
        with self.assertRaises(OverflowError):
            rdma_ns.netdevs(1 << 32)

    def test_texts_that_c_would_take_for_others(self):
        for function in (
            lambda: rdma_ns.Policy.parse("strict\0x"),
            lambda: rdma_ns.ifindex_in("/proc/self/ns/net", "lo\0x"),
            lambda: rdma_ns.netdevs("/proc/self/ns/net\0x"),
            lambda: rdma_ns.resolve("sib0\0x", *REQUEST[1:]),
            lambda: rdma_ns.resolve("s" * 64, *REQUEST[1:]),
        ):
            with self.assertRaises(ValueError):
                function()

    def test_what_is_of_another_type(self):
        for function in (
            lambda: rdma_ns.ifindex_in(None, "lo"),
            lambda: rdma_ns.resolve(*REQUEST, policy="strict"),
            lambda: rdma_ns.resolve(*REQUEST, qpn=1.0),
            lambda: rdma_ns.resolve(*REQUEST, listeners=[("10.0.0.5", 1)]),
            lambda: rdma_ns.set_observer(5),
            lambda: rdma_ns.Id(port_space="tcp"),
            lambda: rdma_ns.Policy.parse(5),
        ):
            with self.assertRaises(TypeError):
                function()

    def test_names_as_bytes_and_paths(self):
        index = socket.if_nametoindex("lo")
        for netns in (b"/proc/self/ns/net", pathlib.Path("/proc/self/ns/net")):
            self.assertEqual(rdma_ns.ifindex_in(netns, b"lo"), index)

    def test_a_structure_has_no_other_members(self):
        with self.assertRaises(TypeError):
            structures.rdma_conn_param(retry_cout=1)


class Queries(unittest.TestCase):
    subject = "queries"

    def test_netdevs(self):
        self.assertIsInstance(rdma_ns.netdevs(), list)

    def test_features(self):
        features = rdma_ns.features()
        self.assertIn(features.level, (rdma_ns.Level.EXCHANGE, rdma_ns.Level.KERNEL))
        usable = os.access("/dev/infiniband/rdma_cm", os.W_OK)
        self.assertEqual(bool(features.rdma_cm_errno), not usable)

    def test_statistics_are_those_of_no_request(self):
        self.assertEqual(rdma_ns.statistics(), rdma_ns.Statistics(0, 0, 0, {}))

    def test_an_observer_is_set_and_removed_by_many_threads(self):
        def change():
            for _ in range(100):
                rdma_ns.set_observer(lambda observation: None)
                rdma_ns.set_observer(None)

        threads = [threading.Thread(target=change) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


class Conversion(unittest.TestCase):
    subject = "conversion"

    def test_addresses_there_and_back(self):
        for address in (
            ("10.0.0.5", 7471),
            ("::", 0, 0, 0),
            ("fd00::5", 65535, 0, 0),
            ("fe80::1", 7471, 5, 3),
        ):
            self.assertEqual(addresses.from_sockaddr(addresses.to_sockaddr(address)), address)
        self.assertEqual(addresses.from_sockaddr(addresses.to_sockaddr(("fe80::1%lo", 1)))[3], 1)

    def test_an_address_is_as_the_kernel_has_it(self):
        with socket.socket() as listener:
            storage = addresses.to_sockaddr(("127.0.0.1", 0))
            libc = ctypes.CDLL(None, use_errno=True)
            self.assertEqual(libc.bind(listener.fileno(), ctypes.byref(storage), 16), 0)
            self.assertEqual(listener.getsockname()[0], "127.0.0.1")

    def test_an_address_of_another_family_is_none(self):
        self.assertIsNone(addresses.from_sockaddr(structures.sockaddr_storage()))

    def test_gids_there_and_back(self):
        gid = ipaddress.IPv6Address("fe80::2:c903:0:1")
        self.assertEqual(addresses.from_gid(addresses.to_gid(gid)), gid)

    def test_a_netdev_with_addresses(self):
        array = (structures.rdma_ns_address * 2)()
        array[0].family, array[0].prefix_length = socket.AF_INET, 24
        array[0].bytes[:4] = (10, 0, 0, 5)
        array[1].family, array[1].prefix_length, array[1].unusable = socket.AF_INET6, 64, 1
        array[1].bytes[:] = ipaddress.IPv6Address("fd00::5").packed
        c = structures.rdma_ns_netdev(device=b"sib0", name=b"ib0\xff", transport=1, qpn=5, up=1)
        c.addresses, c.addresses_count = array, 2
        netdev = records.Netdev.from_c(c)
        self.assertEqual(list(map(str, netdev.addresses)), ["10.0.0.5/24", "fd00::5/64"])
        self.assertEqual([address.unusable for address in netdev.addresses], [False, True])
        self.assertEqual(os.fsencode(netdev.name), b"ib0\xff")
        self.assertEqual((netdev.transport, netdev.up), (rdma_ns.Transport.IB, True))

    def test_str_of_a_resolution(self):
        c = structures.rdma_ns_resolution(verdict=2, reason=4)
        c.ingress.name, c.ingress.decided_by, c.ingress.route = b"ib0", 6, 1
        self.assertEqual(
            str(records.Resolution.from_c(c)),
            "reject (several netdevs fit): ib0 by ambiguous, delivered",
        )


class Ids(Fails):
    subject = "ids"

    def test_an_id_needs_a_device(self):
        if os.path.exists("/dev/infiniband/rdma_cm"):
            self.skipTest("this machine has /dev/infiniband/rdma_cm")
        with self.assertRaises(OSError):
            rdma_ns.EventChannel()
        with self.assertRaises(OSError):
            rdma_ns.Id()

    def test_a_netdev_that_is_not_there(self):
        self.fails(errno.ENODEV, rdma_ns.Id, netdev="no such netdev")

    def test_private_data_of_more_than_a_byte_can_count(self):
        with self.assertRaises(ValueError):
            with rdma_ns.Id._param(object(), bytes(256), {}):
                pass


if __name__ == "__main__":
    unittest.main()
