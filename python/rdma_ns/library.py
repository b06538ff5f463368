# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""librdma-ns and librdmacm as ctypes sees them: what is called, and errors as OSError."""
import ctypes
import errno
import os

from .checks import checked

# A call that blocks must not stop Python's other threads: CDLL releases the interpreter's lock.
try:
    rdma_ns = ctypes.CDLL("librdma-ns.so.1", use_errno=True)
    rdmacm = ctypes.CDLL("librdmacm.so.1", use_errno=True)
    _verbs = ctypes.CDLL("libibverbs.so.1", use_errno=True)
except OSError as missing:
    raise ImportError(str(missing)) from missing

_pointer, _int, _size, _text = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t, ctypes.c_char_p

# Name: arguments, for all that return 0 (or a count), or -1 and errno.
ARGUMENTS = {
    "rdma_ns_get_netdevs": (_pointer, _size),
    "rdma_ns_get_netdevs_in": (_int, _pointer, _size),
    "rdma_ns_get_ifindex_in": (_int, _text, _pointer),
    "rdma_ns_resolve": (_pointer, _pointer, _size),
    "rdma_ns_query_features": (_pointer, _size),
    "rdma_ns_create_id": (_pointer, _pointer, _pointer, _int, _pointer),
    "rdma_ns_create_ep": (_pointer, _pointer, _pointer, _pointer, _pointer),
    "rdma_ns_bind_netdev": (_pointer, ctypes.c_uint),
    "rdma_ns_bind_netdev_name": (_pointer, _text),
    "rdma_ns_set_policy": (_pointer, _int),
    "rdma_ns_bind_addr": (_pointer, _pointer),
    "rdma_ns_resolve_addr": (_pointer, _pointer, _pointer, _int),
    "rdma_ns_listen": (_pointer, _int),
    "rdma_ns_connect": (_pointer, _pointer),
    "rdma_ns_accept": (_pointer, _pointer),
    "rdma_ns_reject": (_pointer, _pointer, ctypes.c_uint8),
    "rdma_ns_get_cm_event": (_pointer, _pointer),
    "rdma_ns_get_request": (_pointer, _pointer),
    "rdma_ns_ack_cm_event": (_pointer,),
    "rdma_ns_migrate_id": (_pointer, _pointer),
    "rdma_ns_destroy_id": (_pointer,),
    "rdma_ns_get_ingress": (_pointer, _pointer, _size),
    "rdma_ns_get_resolution": (_pointer, _pointer, _size),
    "rdma_ns_get_exchange": (_pointer, _pointer, _size),
    "rdma_ns_get_id_info": (_pointer, _pointer, _size),
    "rdma_ns_set_observer": (_pointer, _pointer),
    "rdma_ns_get_statistics": (_pointer, _size),
    "rdma_ns_policy_parse": (_text, _pointer),
    "rdma_resolve_route": (_pointer, _int),
    "rdma_create_qp": (_pointer, _pointer, _pointer),
    "rdma_disconnect": (_pointer,),
    "rdma_establish": (_pointer,),
    "rdma_init_qp_attr": (_pointer, _pointer, _pointer),
    "rdma_getaddrinfo": (_text, _text, _pointer, _pointer),
}
WORDS = tuple(
    f"rdma_ns_{name}_str"
    for name in (
        "policy",
        "transport",
        "decided_by",
        "route",
        "rule",
        "verdict",
        "reason",
        "sent",
        "answer",
        "decider",
        "level",
        "netns_mode",
        "observed",
    )
) + ("rdma_event_str",)
# Name: what it takes; these cannot fail.
WITHOUT_RESULT = {
    "rdma_ns_free_netdevs": (_pointer,),
    "rdma_ns_destroy_ep": (_pointer,),
    "rdma_destroy_qp": (_pointer,),
    "rdma_destroy_event_channel": (_pointer,),
    "rdma_freeaddrinfo": (_pointer,),
}


def _function(name, arguments, result):
    """A function, or None: an older library has not all of them."""
    function = getattr(rdma_ns if name.startswith("rdma_ns_") else rdmacm, name, None)
    if not function:
        return None
    function.argtypes = arguments
    function.restype = result
    return function


_functions = {name: _function(name, arguments, _int) for name, arguments in ARGUMENTS.items()}
_words = {name: _function(name, (_int,), _text) for name in WORDS}
_without_result = {
    name: _function(name, arguments, None) for name, arguments in WITHOUT_RESULT.items()
}
_create_event_channel = _function("rdma_create_event_channel", (), _pointer)
_get_device_name = _verbs.ibv_get_device_name
_get_device_name.argtypes = (_pointer,)
_get_device_name.restype = _text

_gai_strerror = ctypes.CDLL(None).gai_strerror
_gai_strerror.argtypes = (_int,)
_gai_strerror.restype = _text


def device_name(device):
    """The name of the ibv_device at this address."""
    return os.fsdecode(_get_device_name(device))


def error(name, number=None):
    """The OSError of this errno, or of the last call's, which names the function."""
    number = ctypes.get_errno() if number is None else number
    return OSError(number, os.strerror(number), name)


def _known(functions, name):
    if not functions[name]:
        raise error(name, errno.ENOSYS)
    return functions[name]


def status(name, *arguments):
    """Call a function; what it returns."""
    return _known(_functions, name)(*map(checked, ARGUMENTS[name], arguments))


def call(name, *arguments):
    """Call a function; what it returns, or OSError."""
    result = status(name, *arguments)
    if result < 0:
        raise error(name)
    return result


def gai_text(number):
    """What getaddrinfo()'s number says."""
    return _gai_strerror(number).decode()


def run(name, *arguments):
    """Call a function that returns nothing."""
    _known(_without_result, name)(*arguments)


def words(name, value):
    """What a function says in words of a value; None if the library has no such function."""
    return _words[name] and _words[name](int(value)).decode()


def create_event_channel():
    """The address of a new rdma_event_channel, or OSError."""
    channel = _create_event_channel()
    if not channel:
        raise error("rdma_create_event_channel")
    return channel
