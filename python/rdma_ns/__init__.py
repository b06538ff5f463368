# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""
librdma-ns for Python: RDMA CM connections resolved as the IP stack resolves packets.

Names, errors and behaviour are those of the C functions, which rdma_ns(7) and its pages describe: a
function that fails raises OSError with its errno, an enumeration is an IntEnum whose str() is the
library's words, and a structure is a frozen dataclass. There is nothing to build.
"""
from .enums import (
    Answer,
    DecidedBy,
    Decider,
    EventType,
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
from .ids import Event, EventChannel, Id
from .queries import features, ifindex_in, netdevs, resolve, set_observer, statistics
from .records import (
    Address,
    Exchange,
    Features,
    IdInfo,
    Ingress,
    Listener,
    Netdev,
    Observation,
    Resolution,
    Statistics,
)

__all__ = [
    "Address",
    "Answer",
    "DecidedBy",
    "Decider",
    "Event",
    "EventChannel",
    "EventType",
    "Exchange",
    "Features",
    "Id",
    "IdInfo",
    "Ingress",
    "Level",
    "Listener",
    "Netdev",
    "NetnsMode",
    "Observation",
    "Observed",
    "Policy",
    "PortSpace",
    "Reason",
    "Resolution",
    "Route",
    "Rule",
    "Sent",
    "Statistics",
    "Transport",
    "Verdict",
    "features",
    "ifindex_in",
    "netdevs",
    "resolve",
    "set_observer",
    "statistics",
]
