# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""
What the library tells: one frozen class for each structure of <rdma/rdma_ns.h>, with the names of
its members. Numbers of an enumeration are members of it, texts are str, GIDs and addresses those of
the module ipaddress.
"""
import ctypes
import dataclasses
import functools
import ipaddress
import os
import socket
import typing

from . import addresses, structures
from .enums import (
    Answer,
    DecidedBy,
    Decider,
    Level,
    NetnsMode,
    Observed,
    Policy,
    PortSpace,
    Reason,
    Route,
    Rule,
    Sent,
    Transport,
    Verdict,
)

Gid = ipaddress.IPv6Address


_kinds = functools.lru_cache(maxsize=None)(typing.get_type_hints)


def _convert(kind, value):
    if kind is str:
        return os.fsdecode(value)
    if kind is Gid:
        return addresses.from_gid(value)
    if hasattr(kind, "from_c"):
        return kind.from_c(value)
    return kind(value)


class Record:
    """The base of all; from_c() copies the C structure, so that it may go."""

    @classmethod
    def from_c(cls, value):
        kinds = _kinds(cls)
        return cls(**{name: _convert(kind, getattr(value, name)) for name, kind in kinds.items()})


@dataclasses.dataclass(frozen=True)
class Address(Record):
    """An address of a netdev, with its prefix."""

    interface: typing.Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]
    unusable: bool  # duplicate detection failed or has not ended

    @classmethod
    def from_c(cls, value):
        raw = bytes(value.bytes)
        kind = ipaddress.IPv6Interface
        if value.family == socket.AF_INET:
            raw, kind = raw[:4], ipaddress.IPv4Interface
        return cls(kind((raw, value.prefix_length)), bool(value.unusable))

    def __str__(self):
        return str(self.interface)


@dataclasses.dataclass(frozen=True)
class Netdev(Record):
    """A netdev that step 1 may find."""

    device: str  # "" if no visible RDMA device has its GID
    port: int
    transport: Transport
    ifindex: int
    name: str
    kind: str
    netns: int
    master: int
    qpn: int
    pkey: int
    vlan: int
    gid: Gid
    up: bool
    addresses: typing.Tuple[Address, ...]

    @classmethod
    def from_c(cls, value):
        kinds = _kinds(cls)
        members = {
            name: _convert(kind, getattr(value, name))
            for name, kind in kinds.items()
            if name != "addresses"
        }
        addresses_ = value.addresses[: value.addresses_count] if value.addresses_count else ()
        return cls(addresses=tuple(Address.from_c(address) for address in addresses_), **members)

    def __str__(self):
        identity = f" P_Key {self.pkey:#06x} QPN {self.qpn:#08x}" if self.qpn else ""
        return f"{self.name} on {self.device or 'no device'}/{self.port}{identity}"


@dataclasses.dataclass(frozen=True)
class Ingress(Record):
    """Where a request arrived, and how this was determined."""

    ifindex: int  # 0: unresolved
    name: str
    port_ifindex: int
    vrf_ifindex: int
    netns: int
    handling_ifindex: int
    handling_name: str
    device: str
    port: int
    transport: Transport
    pkey: int
    vlan: int
    local_qpn: int
    peer_qpn: int
    wanted_qpn: int
    candidates: int
    decided_by: DecidedBy
    route: Route
    route_errno: int
    rule: Rule
    decider: Decider

    def __str__(self):
        return f"{self.name or 'no netdev'} by {self.decided_by}, {self.route}"


@dataclasses.dataclass(frozen=True)
class Resolution(Record):
    """Everything that was determined about a request."""

    ingress: Ingress
    verdict: Verdict
    reason: Reason
    policy: Policy
    listener: int  # index into the listeners, or -1

    def __str__(self):
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.verdict}{reason}: {self.ingress}"


@dataclasses.dataclass(frozen=True)
class Features(Record):
    """What this host can do."""

    level: Level
    netns_mode: NetnsMode
    devices: int
    ports: int
    rdma_cm_errno: int
    ipoib: bool


@dataclasses.dataclass(frozen=True)
class IdInfo(Record):
    """The settings of an id."""

    netns: int
    ifindex: int
    netdev: str
    policy: Policy
    listening: bool


@dataclasses.dataclass(frozen=True)
class Exchange(Record):
    """What two peers told each other. QPNs that are not known are 0."""

    sent: Sent
    received: bool
    local_qpn: int
    wanted_qpn: int
    peer_qpn: int
    answer: Answer
    refusal: Reason


@dataclasses.dataclass(frozen=True)
class Statistics(Record):
    """Requests that this process has received since its start."""

    accepted: int
    flagged: int
    refused: int
    reasons: typing.Dict[Reason, int]  # of the flagged and the refused ones; those with a count

    @classmethod
    def from_c(cls, value):
        reasons = {Reason(i): count for i, count in enumerate(value.reasons) if count}
        return cls(value.accepted, value.flagged, value.refused, reasons)


@dataclasses.dataclass(frozen=True)
class Listener:
    """A listener, for step 3 of resolve(). A netdev is given by its ifindex."""

    address: tuple
    port_space: PortSpace = PortSpace.TCP
    ifindex: int = 0
    policy: Policy = Policy.REPORT
    afonly: bool = False

    def to_c(self):
        return structures.rdma_ns_listener(
            addresses.to_sockaddr(self.address),
            self.port_space,
            self.ifindex,
            self.policy,
            self.afonly,
        )


@dataclasses.dataclass(frozen=True)
class Observation:
    """What an observer is told. It is a copy, and stays."""

    what: Observed
    port_space: PortSpace
    id: object  # an Id if this module knows it, or None: a request's that is not yet returned
    listener: object
    local: tuple
    peer: tuple
    resolution: typing.Optional[Resolution]
    exchange: typing.Optional[Exchange]
    ignored: typing.Optional[str]
    status: int

    @classmethod
    def from_c(cls, value, id_of):
        # An older library has shorter ones.
        def copied(kind, pointer, size):
            if not pointer:
                return None
            whole = type(pointer.contents)()
            ctypes.memmove(ctypes.byref(whole), pointer, min(size, ctypes.sizeof(whole)))
            return kind.from_c(whole)

        return cls(
            Observed(value.what),
            PortSpace(value.port_space),
            id_of(value.id),
            id_of(value.listener),
            addresses.from_sockaddr(value.local),
            addresses.from_sockaddr(value.peer),
            copied(Resolution, value.resolution, value.resolution_size),
            copied(Exchange, value.exchange, value.exchange_size),
            os.fsdecode(value.ignored) if value.ignored is not None else None,
            value.status,
        )
