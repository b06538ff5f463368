# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The module is as the headers are: a change of a member, enumerator or function fails here."""
import ctypes
import dataclasses
import enum
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import rdma_ns
from rdma_ns import enums, library, structures

TREE = pathlib.Path(__file__).resolve().parents[3]
HEADER = pathlib.Path(os.environ.get("RDMA_NS_HEADER", TREE / "librdmacm/rdma/rdma_ns.h"))
# Only the first members are described.
PARTIAL = {structures.ibv_context, structures.ibv_qp}
UNIONS = {"ibv_gid": "union ibv_gid", "sockaddr_storage": "struct sockaddr_storage"}
# Members of ours that are there for the alignment or have a union's place.
NOT_IN_C = {("sockaddr_storage", "data"), ("sockaddr_storage", "align"), ("ibv_gid", "align")}
PREFIXES = {
    enums.Policy: "RDMA_NS_POLICY_",
    enums.Transport: "RDMA_NS_TRANSPORT_",
    enums.DecidedBy: "RDMA_NS_BY_",
    enums.Route: "RDMA_NS_ROUTE_",
    enums.Rule: "RDMA_NS_RULE_",
    enums.Verdict: "RDMA_NS_",
    enums.Reason: "RDMA_NS_REASON_",
    enums.Decider: "RDMA_NS_DECIDER_",
    enums.Level: "RDMA_NS_LEVEL_",
    enums.NetnsMode: "RDMA_NS_NETNS_",
    enums.Sent: "RDMA_NS_SENT_",
    enums.Answer: "RDMA_NS_ANSWER_",
    enums.Observed: "RDMA_NS_OBSERVED_",
    enums.EventType: "RDMA_CM_EVENT_",
    enums.PortSpace: "RDMA_PS_",
}
CONSTANTS = {
    "RDMA_NS_DEVICE_NAME_MAX": structures.DEVICE_NAME_MAX,
    "RDMA_NS_NETDEV_NAME_MAX": structures.NETDEV_NAME_MAX,
    "RDMA_NS_REASONS_MAX": structures.REASONS_MAX,
    "RDMA_NS_REQUEST_GID": structures.REQUEST_GID,
    "RDMA_NS_REQUEST_QPN": structures.REQUEST_QPN,
    "RDMA_NS_REQUEST_VLAN": structures.REQUEST_VLAN,
    "RDMA_NS_ID_NETNS_FD": structures.ID_NETNS_FD,
}


def described():
    """The structures that this module describes, by name."""
    return {
        name: value
        for name, value in vars(structures).items()
        if isinstance(value, type)
        and issubclass(value, (ctypes.Structure, ctypes.Union))
        and value.__module__ == structures.__name__
        and name != "rdma_cm_event_param"
    }


def c_name(name):
    return UNIONS.get(name, f"struct {name}")


def enumerator(kind, member):
    return "RDMA_NS_SENT" if member is enums.Sent.SENT else PREFIXES[kind] + member.name


def expressions():
    """What C says of each, and what Python does: (expression, number)."""
    for name, structure in described().items():
        if structure not in PARTIAL:
            yield f"sizeof({c_name(name)})", ctypes.sizeof(structure)
        for field, *_ in structure._fields_:
            if (name, field) in NOT_IN_C:
                continue
            member = getattr(structure, field)
            yield f"offsetof({c_name(name)}, {field})", member.offset
            if (name, field) != ("rdma_addr", "addr"):
                yield f"sizeof((({c_name(name)} *)0)->{field})", member.size
    for kind in PREFIXES:
        for member in kind:
            yield enumerator(kind, member), int(member)
    yield from CONSTANTS.items()


def compiled(names):
    """The numbers that the C compiler has for these."""
    lines = "\n".join(f'\tprintf("%lld\\n", (long long)({name}));' for name in names)
    program = (
        "#include <stddef.h>\n#include <stdio.h>\n"
        "#include <rdma/rdma_cma.h>\n"
        f'#include "{HEADER}"\nint main(void)\n{{\n{lines}\n\treturn 0;\n}}\n'
    )
    with tempfile.TemporaryDirectory() as folder:
        source, binary = f"{folder}/header.c", f"{folder}/header"
        pathlib.Path(source).write_text(program)
        subprocess.run(
            [os.environ.get("CC", "cc"), "-w", "-D_GNU_SOURCE", "-o", binary, source], check=True
        )
        output = subprocess.run([binary], check=True, capture_output=True, text=True).stdout
    return [int(line) for line in output.split()]


class Header(unittest.TestCase):
    subject = "headers"

    @classmethod
    def setUpClass(cls):
        cls.text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)

    def test_numbers_are_the_compilers(self):
        ours = list(expressions())
        theirs = compiled([name for name, number in ours])
        self.assertEqual(
            [], [(name, n, c) for (name, n), c in zip(ours, theirs) if n != c], "ours, C's"
        )

    def test_each_structure_is_described_whole(self):
        pattern = r"^struct (rdma_ns_\w+) \{(.*?)^\};"
        found = re.findall(pattern, self.text, re.MULTILINE | re.DOTALL)
        self.assertGreater(len(found), 8)
        for name, body in found:
            with self.subTest(name):
                declared = []
                for declaration in re.findall(r"([^;]+);", body):
                    declared += [
                        re.search(r"(\w+)\s*(\[\w+\])?$", part.strip()).group(1)
                        for part in declaration.split(",")
                    ]
                self.assertEqual(declared, [field for field, *_ in described()[name]._fields_])

    def test_each_enumerator_has_a_member(self):
        names = {
            enumerator(kind, member): kind for kind in PREFIXES for member in kind
        }
        found = re.findall(r"^enum rdma_ns_\w+ \{(.*?)^\};", self.text, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(found), 13)
        declared = {
            word for body in found for word in re.findall(r"\bRDMA_NS_\w+(?=\s*(?:,|=|$))", body)
        }
        self.assertEqual({n for n in declared if not n.endswith("_LAST")} - set(names), set())

    def test_each_constant_is_there(self):
        defined = set(re.findall(r"^#define (RDMA_NS_\w+) ", self.text, re.MULTILINE))
        self.assertEqual(defined, set(CONSTANTS))

    def test_each_function_is_declared(self):
        declared = set(re.findall(r"\b(rdma_ns_\w+)\(", self.text)) - {"rdma_ns_observer"}
        ours = {*library.ARGUMENTS, *library.WITHOUT_RESULT, *library.WORDS}
        self.assertEqual(declared, {name for name in ours if name.startswith("rdma_ns_")})

    def test_each_function_takes_as_many_arguments_as_in_c(self):
        for name, arguments in {**library.ARGUMENTS, **library.WITHOUT_RESULT}.items():
            found = re.search(rf"\b{name}\(([^()]*)\);", self.text)
            if found:
                self.assertEqual(len(found.group(1).split(",")), len(arguments), name)

    def test_records_have_the_structures_members(self):
        unsaid = {
            "size",
            "reserved",
            "addresses_count",
            "resolution_size",
            "exchange_size",
        }
        for record in (
            rdma_ns.Netdev,
            rdma_ns.Ingress,
            rdma_ns.Resolution,
            rdma_ns.Features,
            rdma_ns.Exchange,
            rdma_ns.Statistics,
            rdma_ns.Observation,
            rdma_ns.Listener,
            rdma_ns.IdInfo,
        ):
            name = re.sub(r"(?<!^)([A-Z])", r"_\1", record.__name__).lower()
            with self.subTest(name):
                members = [field for field, *_ in described()[f"rdma_ns_{name}"]._fields_]
                self.assertEqual(
                    [field.name for field in dataclasses.fields(record)],
                    [member for member in members if member not in unsaid],
                )

    def test_records_of_enumerations_are_enumerations(self):
        for record in (rdma_ns.Netdev, rdma_ns.Ingress, rdma_ns.Resolution, rdma_ns.Exchange):
            name = f"rdma_ns_{record.__name__.lower()}"
            body = re.search(rf"^struct {name} \{{(.*?)^\}};", self.text, re.MULTILINE | re.DOTALL)
            for field in re.findall(r"enum rdma_ns_\w+ (\w+);", body.group(1)):
                kind = record.__annotations__[field]
                self.assertTrue(issubclass(kind, enum.IntEnum), f"{name}.{field}")


if __name__ == "__main__":
    unittest.main()
