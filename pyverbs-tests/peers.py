# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""A listener in a thread, a client, and a stock peer in another process, which is pyverbs' own."""
import contextlib
import dataclasses
import json
import pathlib
import queue
import socket
import subprocess
import sys
import threading
import typing

import rdma_ns
from rdma_ns import EventChannel, EventType, Id, Policy, PortSpace

PORT = 7471
SECONDS = 20
TIMEOUT_MS = 10000


@dataclasses.dataclass
class Request:
    """What the listener's application saw of one."""

    id: Id
    listener: Id
    private_data: bytes
    resolution: rdma_ns.Resolution
    ingress: rdma_ns.Ingress
    local: tuple
    peer: tuple
    exchange: typing.Optional[rdma_ns.Exchange] = None
    error: typing.Optional[OSError] = None


class Server:
    """
    Listens from the start; requests come to the queue "requests", other events' types to "events".
    prepare(id) may create a QP and returns further parameters for accept().
    """

    def __init__(
        self,
        place,
        address=None,
        *,
        port=PORT,
        port_space=PortSpace.TCP,
        netdev=None,
        policy=Policy.REPORT,
        private_data=b"",
        reject=False,
        prepare=None,
    ):
        self.requests, self.events = queue.Queue(), queue.Queue()
        self._private_data, self._reject, self._prepare = private_data, reject, prepare
        self._ended = False
        self._ids = []
        self.channel = EventChannel()
        try:
            self.id = Id(self.channel, port_space, netns=place.netns, netdev=netdev, policy=policy)
            self._ids.append(self.id)
            self.id.bind_addr((address or place.address, port))
            self.id.listen(16)
        except BaseException:
            self._destroy()
            raise
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def request(self):
        """The next one that the application got."""
        return self.requests.get(timeout=SECONDS)

    def event(self):
        return self.events.get(timeout=SECONDS)

    def close(self):
        self._ended = True
        self._thread.join()
        self._destroy()

    def _destroy(self):
        for id_ in reversed(self._ids):
            id_.destroy()
        self._ids = []
        self.channel.close()

    def _serve(self):
        while not self._ended:
            try:
                event = self.channel.get_event(0.05)
            except TimeoutError:
                continue
            with event:
                if event.type == EventType.CONNECT_REQUEST:
                    request = self._look(event)
                else:
                    request = None
                    if event.type == EventType.DISCONNECTED:
                        # Or the other end would wait for the answer; it may have had one.
                        with contextlib.suppress(OSError):
                            event.id.disconnect()
                    self.events.put(event.type)
            if request:
                self._answer(request)
                self.requests.put(request)

    def _look(self, event):
        self._ids.append(event.id)
        return Request(
            event.id,
            event.listener,
            event.private_data,
            event.id.resolution(),
            event.id.ingress(),
            event.id.local_address,
            event.id.peer_address,
        )

    def _answer(self, request):
        try:
            if self._reject:
                request.id.reject(self._private_data)
                return
            more = self._prepare(request.id) if self._prepare else request.id.create_qp() or {}
            request.id.accept(self._private_data, **more)
            request.exchange = request.id.exchange()
        except OSError as error:
            request.error = error

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class Client:
    """An id that has connected, or has tried to; the outcome is that of the last event."""

    def __init__(
        self,
        place,
        address,
        *,
        port=PORT,
        port_space=PortSpace.TCP,
        netdev="",
        policy=Policy.REPORT,
        private_data=b"",
        source=None,
        prepare=None,
    ):
        # Places on one host need their netdev's name.
        netdev = place.netdev if netdev == "" else netdev
        self.channel = EventChannel()
        self.id = None
        self.seen = []
        try:
            self.id = Id(self.channel, port_space, netns=place.netns, netdev=netdev, policy=policy)
            self._connect(address, port, private_data, source, prepare)
        except BaseException:
            self.close()
            raise

    def _connect(self, address, port, private_data, source, prepare):
        self.id.resolve_addr((address, port), source and (source, 0), TIMEOUT_MS)
        if self.next() != EventType.ADDR_RESOLVED:
            return
        self.id.resolve_route(TIMEOUT_MS)
        if self.next() != EventType.ROUTE_RESOLVED:
            return
        more = prepare(self.id) if prepare else self.id.create_qp() or {}
        self.id.connect(private_data, **more)
        self.next()

    def next(self):
        """Wait for the next event; its type. It is acknowledged."""
        with self.channel.get_event(SECONDS) as event:
            self.event, self.status = event.type, event.status
            self.private_data = event.private_data
        self.seen.append(self.event)
        return self.event

    @property
    def established(self):
        return self.event == EventType.ESTABLISHED

    @property
    def refused(self):
        """Datagrams' refusals look otherwise."""
        return self.event in (EventType.REJECTED, EventType.UNREACHABLE)

    def close(self):
        if self.id:
            self.id.destroy()
            self.id = None
        self.channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class Stock:
    """The process that starts pyverbs' own peers, one for all tests, inside "with"."""

    _orders = None

    def __enter__(self):
        # It needs a while, in which tests can run.
        Stock._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = str(pathlib.Path(__file__).parent / "stock.py")
        with theirs:
            self._process = subprocess.Popen([sys.executable, "-B", program], stdin=theirs)

    def __exit__(self, *unused):
        self._orders.close()
        self._process.wait()

    @staticmethod
    def order(*words):
        """What answers, as a text stream."""
        ours, theirs = socket.socketpair()
        ours.settimeout(2 * SECONDS)
        with theirs, ours:
            socket.send_fds(Stock._orders, [json.dumps(words).encode()], [theirs.fileno()])
            return ours.makefile("r")


class StockPeer:
    """A process of pyverbs' own, as stock.py has them."""

    def __init__(self, place, *words):
        path = place.netns and f"/run/netns/{place.netns}"
        self._stream = Stock.order(path, *words)
        self._process = int(self.said())

    def said(self):
        """The next thing that it says."""
        return self._stream.readline().strip()

    def close(self):
        Stock.order("end", self._process).read()
        self._stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def stock_connect(site, address, port=PORT):
    """pyverbs' client: "answered", or the name of its error."""
    # On one host it leaves from where the client is.
    source = None if site.client.netns else site.client.address
    with StockPeer(site.client, "connect", address, str(port), source) as client:
        return client._stream.read().strip()


class StockServer(StockPeer):
    """pyverbs' listener, for one request."""

    def __init__(self, place, port=PORT):
        super().__init__(place, "listen", place.address, str(port))
        said = self.said()
        if said != "listening":
            said += self._stream.read()
            self.close()
            raise AssertionError(f"pyverbs' listener does not listen: {said}")
