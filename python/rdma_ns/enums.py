# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The enumerations of <rdma/rdma_ns.h>, and two of librdmacm's. str() gives the library's words."""
import ctypes
import enum

from . import checks, library


class Number(enum.IntEnum):
    """One that this module does not know becomes a member called UNKNOWN_n."""

    @classmethod
    def _missing_(cls, value):
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member

    def __reduce_ex__(self, protocol):
        return type(self), (int(self),)


class Words(Number):
    """A number with words."""

    def __str__(self):
        # An older library does not know all.
        return library.words(self._function(), self) or self.name.lower()

    def __format__(self, spec):
        return format(int(self) if spec[-1:] in tuple("bcdoxX") else str(self), spec)

    @classmethod
    def _function(cls):
        raise NotImplementedError


def _words(function):
    """Decorate an enumeration with the C function that has its words."""

    def decorate(cls):
        cls._function = classmethod(lambda cls: function)
        return cls

    return decorate


@_words("rdma_ns_policy_str")
class Policy(Words):
    REPORT = 0
    VERIFY = 1
    STRICT = 2

    @classmethod
    def parse(cls, word):
        """The policy of this word, as str() gives it. Raises OSError (EINVAL) if there is none."""
        policy = ctypes.c_int()
        library.call("rdma_ns_policy_parse", checks.text(word), ctypes.byref(policy))
        return cls(policy.value)


@_words("rdma_ns_transport_str")
class Transport(Words):
    UNKNOWN = 0
    IB = 1
    ROCE = 2
    IWARP = 3


@_words("rdma_ns_decided_by_str")
class DecidedBy(Words):
    NOTHING = 0
    QPN = 1
    GID = 2
    VLAN = 3
    TCP = 4
    ADDRESS = 5
    AMBIGUOUS = 6


@_words("rdma_ns_route_str")
class Route(Words):
    NOT_ASKED = 0
    DELIVERED = 1
    SELF = 2
    INGRESS_DOWN = 3
    OWNER_DOWN = 4
    NONE = 5
    NOT_LOCAL = 6
    NOT_UNICAST = 7
    RP_FILTER = 8
    MARTIAN = 9
    UNREACHABLE = 10
    BACKUP_PORT = 11
    FAILED = 12


@_words("rdma_ns_rule_str")
class Rule(Words):
    NOT_ASKED = 0
    NONE = 1
    BOUND_ELSEWHERE = 2
    WILDCARD = 3
    WILDCARD_NETDEV = 4
    ADDRESS = 5
    ADDRESS_NETDEV = 6


@_words("rdma_ns_verdict_str")
class Verdict(Words):
    ACCEPT = 0
    ACCEPT_FLAGGED = 1
    REJECT = 2


@_words("rdma_ns_reason_str")
class Reason(Words):
    NONE = 0
    AF_IB = 1
    QPN_UNKNOWN = 2
    UNRESOLVED = 3
    AMBIGUOUS = 4
    NO_QPN = 5
    ROUTE = 6
    HANDLING_DIFFERS = 7
    NO_LISTENER = 8
    BOUND_ELSEWHERE = 9
    PKEY_DIFFERS = 10
    NOT_DELIVERED = 11


@_words("rdma_ns_decider_str")
class Decider(Words):
    LIBRARY = 0
    KERNEL = 1


@_words("rdma_ns_level_str")
class Level(Words):
    REPORT = 0
    EXCHANGE = 1
    KERNEL = 2


@_words("rdma_ns_netns_mode_str")
class NetnsMode(Words):
    UNKNOWN = 0
    SHARED = 1
    EXCLUSIVE = 2


@_words("rdma_ns_sent_str")
class Sent(Words):
    NOT_ASKED = 0
    SENT = 1
    NOT_IB = 2
    NO_ROOM = 3
    NO_NETDEV = 4
    AHEAD = 5


@_words("rdma_ns_answer_str")
class Answer(Words):
    UNKNOWN = 0
    AS_AIMED = 1
    ELSEWHERE = 2


@_words("rdma_ns_observed_str")
class Observed(Words):
    REQUEST = 0
    ESTABLISHED = 1
    MISDELIVERED = 2
    REFUSED = 3
    FAILED = 4


@_words("rdma_event_str")
class EventType(Words):
    """librdmacm's events."""

    ADDR_RESOLVED = 0
    ADDR_ERROR = 1
    ROUTE_RESOLVED = 2
    ROUTE_ERROR = 3
    CONNECT_REQUEST = 4
    CONNECT_RESPONSE = 5
    CONNECT_ERROR = 6
    UNREACHABLE = 7
    REJECTED = 8
    ESTABLISHED = 9
    DISCONNECTED = 10
    DEVICE_REMOVAL = 11
    MULTICAST_JOIN = 12
    MULTICAST_ERROR = 13
    ADDR_CHANGE = 14
    TIMEWAIT_EXIT = 15


class PortSpace(Number):
    """librdmacm's port spaces."""

    IPOIB = 0x0002
    TCP = 0x0106
    UDP = 0x0111
    IB = 0x013F
