# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Queries about this host, and the observer."""
import ctypes

from . import addresses, checks, library, structures
from .enums import Policy, PortSpace
from .ids import known, open_netns
from .records import Features, Listener, Netdev, Observation, Resolution, Statistics


def netdevs(netns=None):
    """The netdevs of RDMA devices in a namespace (None: the caller's), as a list of Netdev."""
    pointers = ctypes.POINTER(ctypes.POINTER(structures.rdma_ns_netdev))()
    size = ctypes.sizeof(structures.rdma_ns_netdev)
    with open_netns(netns) as descriptor:
        if descriptor is None:
            count = library.call("rdma_ns_get_netdevs", ctypes.byref(pointers), size)
        else:
            count = library.call("rdma_ns_get_netdevs_in", descriptor, ctypes.byref(pointers), size)
    try:
        return [Netdev.from_c(pointers[i].contents) for i in range(count)]
    finally:
        library.run("rdma_ns_free_netdevs", pointers)


def ifindex_in(netns, netdev):
    """The ifindex of a netdev in a namespace, which is not None."""
    ifindex = ctypes.c_uint32()
    with open_netns(netns) as descriptor:
        library.call(
            "rdma_ns_get_ifindex_in", descriptor, checks.text(netdev), ctypes.byref(ifindex)
        )
    return ifindex.value


def features():
    """What this host can do, as Features."""
    value = structures.rdma_ns_features()
    library.call("rdma_ns_query_features", ctypes.byref(value), ctypes.sizeof(value))
    return Features.from_c(value)


def statistics():
    """The requests of this process so far, as Statistics."""
    value = structures.rdma_ns_statistics()
    library.call("rdma_ns_get_statistics", ctypes.byref(value), ctypes.sizeof(value))
    return Statistics.from_c(value)


def resolve(
    device,
    source,
    destination,
    *,
    port=1,
    pkey=0xFFFF,
    vlan=None,
    qpn=None,
    gid=None,
    peer_qpn=0,
    port_space=PortSpace.TCP,
    policy=Policy.REPORT,
    listeners=None,
):
    """
    What would become of this request in the caller's namespace, as Resolution; nothing is sent.
    None for vlan, qpn and gid: not known. None for listeners leaves out step 3.
    """
    request = structures.rdma_ns_request(ctypes.sizeof(structures.rdma_ns_request))
    request.device = device
    request.port = port
    request.pkey = pkey
    request.peer_qpn = peer_qpn
    request.source = addresses.to_sockaddr(source)
    request.destination = addresses.to_sockaddr(destination)
    request.port_space = port_space
    request.policy = policy
    if vlan is not None:
        request.vlan = vlan
        request.flags |= structures.REQUEST_VLAN
    if qpn is not None:
        request.qpn = qpn
        request.flags |= structures.REQUEST_QPN
    if gid is not None:
        request.gid = addresses.to_gid(gid)
        request.flags |= structures.REQUEST_GID
    if listeners is not None:
        # Never NULL, which would leave out step 3.
        array = (structures.rdma_ns_listener * max(len(listeners), 1))()
        for i, listener in enumerate(listeners):
            if not isinstance(listener, Listener):
                raise TypeError(f"{listener!r} is no Listener")
            array[i] = listener.to_c()
        request.listeners = array
        request.listeners_count = len(listeners)
        request.listener_size = ctypes.sizeof(structures.rdma_ns_listener)
    value = structures.rdma_ns_resolution()
    library.call(
        "rdma_ns_resolve", ctypes.byref(request), ctypes.byref(value), ctypes.sizeof(value)
    )
    return Resolution.from_c(value)


_observer = None


# One C function for all: it may not go while a thread is inside.
@structures.observer_t
def _observe(observation, context):
    function = _observer
    if function:
        function(Observation.from_c(observation.contents, known))


def set_observer(function):
    """
    Call function(observation) for each request that is judged, and for the end of each attempt to
    connect, in the thread that takes the event. None removes it. What it raises is printed and
    changes nothing.
    """
    global _observer
    if function is not None and not callable(function):
        raise TypeError(f"an observer is a function, not {function!r}")
    _observer = function
    # When this returns, so has the previous one.
    library.call("rdma_ns_set_observer", ctypes.cast(_observe, ctypes.c_void_p), None)
