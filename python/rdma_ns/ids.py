# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Ids and their events: librdmacm's, with what librdma-ns adds."""
import contextlib
import ctypes
import errno
import os
import select
import socket
import threading
import time

from . import addresses, checks, library, structures
from .enums import EventType, Policy, PortSpace
from .records import Exchange, IdInfo, Ingress, Resolution

_QPT_RC, _QPT_UD = 2, 4
_MAX_RESOURCES = 0xFF
_RAI_PASSIVE = 1
_POLL_MAX_MS = 0x7FFFFFFF
# Of rdma_conn_param, what a program may say itself.
_PARAM = {
    "responder_resources",
    "initiator_depth",
    "flow_control",
    "retry_count",
    "rnr_retry_count",
    "srq",
    "qp_num",
}

# By the address of the C id. An id lives until destroy(), whoever forgets it.
_known = {}


def known(pointer):
    """The Id at this address, or None."""
    return _known.get(pointer)


@contextlib.contextmanager
def open_netns(netns):
    """A file descriptor of a namespace: a descriptor, a path, or a name below /run/netns."""
    if netns is None or isinstance(netns, int):
        yield netns
        return
    path = os.fsdecode(netns)
    descriptor = os.open(path if "/" in path else f"/run/netns/{path}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _options(netns, netdev, policy):
    """rdma_ns_id_opts, valid inside the "with"."""
    with open_netns(netns) as descriptor:
        options = structures.rdma_ns_id_opts(ctypes.sizeof(structures.rdma_ns_id_opts))
        options.policy = policy
        if descriptor is not None:
            options.flags = structures.ID_NETNS_FD
            options.netns_fd = descriptor
        if isinstance(netdev, int):
            options.ifindex = netdev
        elif netdev is not None:
            options.netdev = netdev
        yield options


def _take_pointer(thing):
    """The address of what thing stands for, for one caller only, whatever other threads do."""
    return vars(thing).pop("_pointer", None)


def _channel_address(channel):
    if channel is None:
        return None
    if not isinstance(channel, EventChannel):
        raise TypeError(f"{channel!r} is no EventChannel")
    return channel._address()


class EventChannel:
    """An event channel. It never blocks: get_event() waits."""

    _pointer = None

    def __init__(self):
        self._ids = set()
        self._closing = threading.Lock()
        self._pointer = library.create_event_channel()
        os.set_blocking(self.fileno(), False)

    def fileno(self):
        """Its file descriptor, for select() and its like."""
        return structures.rdma_event_channel.from_address(self._address()).fd

    def get_event(self, timeout=None):
        """The next event; acknowledge it. After so many seconds TimeoutError; None: never."""
        end = None if timeout is None else time.monotonic() + timeout
        event = ctypes.c_void_p()
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        while True:
            try:
                library.call("rdma_ns_get_cm_event", self._address(), ctypes.byref(event))
                return Event(event.value, self)
            except BlockingIOError:
                pass
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT), "get_event")
            poll.poll(None if left is None else int(min(left * 1000 + 1, _POLL_MAX_MS)))

    def close(self):
        """Destroy the channel, and first the ids whose events come by it."""
        with self._closing:
            for id_ in list(self._ids):
                id_.destroy()
            pointer = _take_pointer(self)
            if pointer:
                library.run("rdma_destroy_event_channel", pointer)

    def _address(self):
        pointer = self._pointer
        if not pointer:
            raise ValueError("this event channel is closed")
        return pointer

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def __del__(self):
        # Ids refer to it and live until they are destroyed: the process ends if there are some.
        if not self._ids:
            self.close()


class Event:
    """
    An event, until ack(), which the end of "with" does, and at the latest the end of its id. What
    it says is a copy, and stays.
    """

    _unacknowledged = {}

    def __init__(self, pointer, channel):
        value = structures.rdma_cm_event.from_address(pointer)
        self.type = EventType(value.event)
        self.status = value.status
        self.listener = known(value.listen_id)
        request = self.type == EventType.CONNECT_REQUEST
        self.id = Id._of_request(value.id, channel) if request else known(value.id)
        # The id that librdmacm destroys only when this is acknowledged.
        holder = self.listener if request else self.id
        self._unacknowledged = holder._unacknowledged if holder else {}
        self._unacknowledged[id(self)] = pointer
        # Another thread may have begun to destroy the id, which then waits for this event.
        port_space = structures.rdma_cm_id.from_address(value.id).ps
        datagram = port_space in (PortSpace.UDP, PortSpace.IPOIB)
        param = value.param.ud if datagram else value.param.conn
        self.private_data = b""
        if param.private_data and param.private_data_len:
            self.private_data = ctypes.string_at(param.private_data, param.private_data_len)

    def ack(self):
        """Acknowledge it, once."""
        pointer = self._unacknowledged.pop(id(self), None)
        if pointer:
            library.call("rdma_ns_ack_cm_event", pointer)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.ack()

    def __del__(self):
        self.ack()

    def __repr__(self):
        return f"<Event {self.type.name} status {self.status}>"


class Id:
    """
    An rdma_cm_id. It is created in a network namespace (a descriptor, a path, or a name below
    /run/netns; None: the caller's), bound to a netdev (a name or an ifindex, of that namespace)
    and has a policy. Without a channel it is synchronous: its functions wait.
    """

    _pointer = None

    def __init__(
        self,
        channel=None,
        port_space=PortSpace.TCP,
        *,
        netns=None,
        netdev=None,
        policy=Policy.REPORT,
    ):
        pointer = ctypes.c_void_p()
        with _options(netns, netdev, policy) as options:
            library.call(
                "rdma_ns_create_id",
                _channel_address(channel),
                ctypes.byref(pointer),
                None,
                port_space,
                ctypes.byref(options),
            )
        self._adopt(pointer.value, channel)

    @classmethod
    def _of_request(cls, pointer, channel=None):
        new = cls.__new__(cls)
        new._adopt(pointer, channel)
        return new

    @classmethod
    def endpoint(
        cls,
        host,
        port,
        port_space=PortSpace.TCP,
        *,
        passive=False,
        netns=None,
        netdev=None,
        policy=Policy.REPORT,
    ):
        """A synchronous id as rdma_create_ep() makes it: to listen, or with its route resolved."""
        hints = structures.rdma_addrinfo(
            ai_flags=_RAI_PASSIVE if passive else 0, ai_port_space=port_space
        )
        found, pointer = ctypes.c_void_p(), ctypes.c_void_p()
        ctypes.set_errno(0)
        result = library.status(
            "rdma_getaddrinfo", host, str(port), ctypes.byref(hints), ctypes.byref(found)
        )
        if result:
            # It says what getaddrinfo() says, or -1 and errno.
            if ctypes.get_errno():
                raise library.error("rdma_getaddrinfo")
            raise socket.gaierror(result, library.gai_text(result))
        try:
            with _options(netns, netdev, policy) as options:
                library.call(
                    "rdma_ns_create_ep",
                    ctypes.byref(pointer),
                    found,
                    None,
                    None,
                    ctypes.byref(options),
                )
        finally:
            library.run("rdma_freeaddrinfo", found)
        new = cls._of_request(pointer.value)
        new._endpoint = True
        return new

    def _adopt(self, pointer, channel):
        self._pointer = pointer
        self._endpoint = False
        # By the event's id(): its address in C.
        self._unacknowledged = {}
        self._channel = channel
        if channel is not None:
            channel._ids.add(self)
        _known[pointer] = self

    def _address(self):
        pointer = self._pointer
        if not pointer:
            raise ValueError("this id is destroyed")
        return pointer

    @property
    def _c(self):
        return structures.rdma_cm_id.from_address(self._address())

    def _call(self, name, *arguments):
        return library.call(name, self._address(), *arguments)

    def _query(self, name, record, structure):
        value = structure()
        self._call(name, ctypes.byref(value), ctypes.sizeof(value))
        return record.from_c(value)

    # What librdma-ns adds.
    def bind_netdev(self, netdev):
        """Bind to a netdev, by name or ifindex; None removes the binding."""
        if isinstance(netdev, int):
            self._call("rdma_ns_bind_netdev", netdev)
        else:
            self._call("rdma_ns_bind_netdev_name", netdev)

    def set_policy(self, policy):
        self._call("rdma_ns_set_policy", policy)

    def info(self):
        """Its settings, as IdInfo."""
        return self._query("rdma_ns_get_id_info", IdInfo, structures.rdma_ns_id_info)

    def ingress(self):
        """Where the request that created this id arrived, as Ingress."""
        return self._query("rdma_ns_get_ingress", Ingress, structures.rdma_ns_ingress)

    def resolution(self):
        """Everything that was decided about that request, as Resolution."""
        return self._query("rdma_ns_get_resolution", Resolution, structures.rdma_ns_resolution)

    def exchange(self):
        """What the two sides told each other, as Exchange."""
        return self._query("rdma_ns_get_exchange", Exchange, structures.rdma_ns_exchange)

    # What librdmacm has.
    def bind_addr(self, address):
        storage = addresses.to_sockaddr(address)
        self._call("rdma_ns_bind_addr", ctypes.byref(storage))

    def resolve_addr(self, destination, source=None, timeout_ms=2000):
        destination = addresses.to_sockaddr(destination)
        source = None if source is None else ctypes.byref(addresses.to_sockaddr(source))
        self._call("rdma_ns_resolve_addr", source, ctypes.byref(destination), timeout_ms)

    def resolve_route(self, timeout_ms=2000):
        self._need_device("rdma_resolve_route")
        self._call("rdma_resolve_route", timeout_ms)

    def listen(self, backlog=0):
        self._call("rdma_ns_listen", backlog)

    def create_qp(self, max_wr=1):
        """A QP of librdmacm's, in its own protection domain."""
        self._need_device("rdma_create_qp")
        attr = structures.ibv_qp_init_attr(qp_type=self._c.qp_type)
        attr.cap = structures.ibv_qp_cap(max_wr, max_wr, 1, 1, 0)
        self._call("rdma_create_qp", None, ctypes.byref(attr))

    def connect(self, private_data=b"", **param):
        """param: members of rdma_conn_param, such as qp_num of a QP that was made otherwise."""
        self._need_device("rdma_ns_connect")
        with self._param(private_data, param) as value:
            self._call("rdma_ns_connect", value)

    def accept(self, private_data=b"", **param):
        self._need_device("rdma_ns_accept")
        with self._param(private_data, param) as value:
            self._call("rdma_ns_accept", value)

    @contextlib.contextmanager
    def _param(self, private_data, param):
        unknown = sorted(set(param) - _PARAM)
        if unknown:
            raise TypeError(f"rdma_conn_param has no {unknown[0]!r} to set")
        private_data = checks.data(private_data)
        data = ctypes.create_string_buffer(private_data, max(len(private_data), 1))
        members = {
            "private_data": ctypes.addressof(data),
            "private_data_len": len(private_data),
            "responder_resources": 1,
            "initiator_depth": 1,
            "retry_count": 7,
            "rnr_retry_count": 7,
            "qp_num": self.qp_num,
        }
        members.update(param)
        yield ctypes.byref(structures.rdma_conn_param(**members))

    def _need_device(self, function):
        """librdmacm looks at the device without asking whether there is one."""
        if not self._c.verbs:
            raise library.error(function, errno.EINVAL)

    def reject(self, private_data=b""):
        private_data = checks.data(private_data)
        self._call("rdma_ns_reject", private_data, len(private_data))

    def get_request(self):
        """Of a synchronous listener: the id of the next request that its policy does not refuse."""
        pointer = ctypes.c_void_p()
        self._call("rdma_ns_get_request", ctypes.byref(pointer))
        return Id._of_request(pointer.value)

    def migrate(self, channel):
        """Let its events come by another channel; None makes it synchronous."""
        address = _channel_address(channel)
        self._acknowledge()
        self._call("rdma_ns_migrate_id", address)
        if self._channel is not None:
            self._channel._ids.discard(self)
        self._channel = channel
        if channel is not None:
            channel._ids.add(self)

    def disconnect(self):
        self._call("rdma_disconnect")

    def establish(self):
        """Complete a connection that was answered with CONNECT_RESPONSE."""
        self._call("rdma_establish")

    def qp_attr(self, state):
        """The ibv_qp_attr, and its mask, that take a QP made otherwise to this state."""
        attr, mask = structures.ibv_qp_attr(qp_state=state), ctypes.c_int()
        self._call("rdma_init_qp_attr", ctypes.byref(attr), ctypes.byref(mask))
        return attr, mask.value

    def destroy(self):
        """Destroy it and its QP. Its events that are not acknowledged are."""
        pointer = _take_pointer(self)
        if not pointer:
            return
        _known.pop(pointer, None)
        if self._channel is not None:
            self._channel._ids.discard(self)
        self._acknowledge()
        if self._endpoint:
            library.run("rdma_ns_destroy_ep", pointer)
            return
        if structures.rdma_cm_id.from_address(pointer).qp:
            library.run("rdma_destroy_qp", pointer)
        library.call("rdma_ns_destroy_id", pointer)

    def _acknowledge(self):
        """Or librdmacm would wait for it forever."""
        while self._unacknowledged:
            with contextlib.suppress(KeyError):
                _, pointer = self._unacknowledged.popitem()
                library.call("rdma_ns_ack_cm_event", pointer)

    @property
    def device(self):
        """The RDMA device's name; None before the id has one."""
        verbs = self._c.verbs
        return library.device_name(verbs.contents.device) if verbs else None

    @property
    def port(self):
        return self._c.port_num

    @property
    def port_space(self):
        return PortSpace(self._c.ps)

    @property
    def qp_num(self):
        """Of the QP that create_qp() made, or 0."""
        qp = self._c.qp
        return qp.contents.qp_num if qp else 0

    @property
    def local_address(self):
        return addresses.from_sockaddr(self._c.route.addr.src_storage)

    @property
    def peer_address(self):
        return addresses.from_sockaddr(self._c.route.addr.dst_storage)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.destroy()

    def __repr__(self):
        if not self._pointer:
            return "<Id, destroyed>"
        addresses_ = f"{self.local_address} to {self.peer_address}"
        return f"<Id {self.port_space.name} {addresses_} on {self.device}/{self.port}>"
