# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""
Where tests run. A site is a device with two or more places; a place is a netdev with an address in
a network namespace. On InfiniBand the places are IPoIB children in namespaces of their own.
"""
import contextlib
import ctypes
import dataclasses
import functools
import ipaddress
import json
import os
import pathlib
import subprocess
import threading
import time
import typing

import rdma_ns
from rdma_ns import Transport

CLONE_NEWNET = 0x40000000
CARRIER_SECONDS = 20 * int(os.environ.get("RDMA_NS_SLOW", "1"))


class Unusable(Exception):
    """There can be no site here; it says why."""


@dataclasses.dataclass(frozen=True)
class Device:
    name: str
    transport: Transport

    def __str__(self):
        return f"{self.name} ({self.transport.name})"


@dataclasses.dataclass
class Place:
    netns: typing.Optional[str]  # a name below /run/netns; None: the initial one
    netdev: str
    address: str
    address6: typing.Optional[str] = None

    def row(self):
        """Its row in the library's table."""
        return next(row for row in rdma_ns.netdevs(self.netns) if row.name == self.netdev)

    # What does not change is asked once: RoCE's tables of GIDs are long.
    @functools.cached_property
    def entry(self):
        return self.row()

    @functools.cached_property
    def ifindex(self):
        return self.link()["ifindex"]

    @property
    def inode(self):
        path = f"/run/netns/{self.netns}" if self.netns else "/proc/self/ns/net"
        return os.stat(path).st_ino

    def link(self):
        """What ip says of it."""
        return json.loads(ip(self.netns, "-j", "-d", "link", "show", "dev", self.netdev))[0]

    def inside(self, function, *arguments, **named):
        """Call a function in this place's namespace; what it returns or raises."""
        return inside(self.netns, function, *arguments, **named)


@dataclasses.dataclass
class Site:
    device: Device
    server: Place
    client: Place
    second: typing.Optional[Place] = None  # another netdev of the server's namespace
    neighbour: typing.Optional[Place] = None  # another namespace on the same port

    @functools.cached_property
    def kernel(self):
        """True if the kernel itself resolves."""
        return rdma_ns.features().level >= rdma_ns.Level.KERNEL


def inside(netns, function, *arguments, **named):
    """Call a function in a namespace, in a thread; what it returns or raises."""
    if not netns:
        return function(*arguments, **named)
    result = {}

    def call():
        try:
            with open(f"/run/netns/{netns}", "rb") as file:
                if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
            result["value"] = function(*arguments, **named)
        except BaseException as error:  # it goes on in the caller
            result["error"] = error

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    if "error" in result:
        raise result["error"]
    return result["value"]


def ip(netns, *words, lines=None):
    """Run ip, in a namespace; its output. With "-batch", "-" it reads lines."""
    command = ["ip", *(["-n", netns] if netns else []), *words]
    done = subprocess.run(command, capture_output=True, text=True, input=lines)
    if done.returncode:
        raise OSError(done.returncode, f"'{' '.join(command)}': {done.stderr.strip()}")
    return done.stdout


def ip_batch(netns, *lines):
    """Several commands in one process."""
    ip(netns, "-batch", "-", lines="\n".join(lines))


def sysctl(netns, name, value):
    path = pathlib.Path("/proc/sys", *name.split("."))
    inside(netns, path.write_text, str(value), encoding="ascii")


def netnses():
    """The initial namespace, and those with a name."""
    folder = pathlib.Path("/run/netns")
    return [None, *(sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else [])]


def _rows():
    """(netns, row of the table) of all that can be seen, without what tests have made."""
    for netns in netnses():
        if netns and netns.startswith("rns-"):
            continue
        with contextlib.suppress(OSError):
            for row in rdma_ns.netdevs(netns):
                yield netns, row


def devices():
    """All RDMA devices with a netdev, by name; of iWARP, those with one in this namespace."""
    found = {
        Device(row.device, row.transport)
        for netns, row in _rows()
        if row.device and not (netns and row.transport == Transport.IWARP)
    }
    return sorted(found, key=lambda device: device.name)


def site(device):
    """The site of a device, for "with"."""
    if os.geteuid():
        raise Unusable("namespaces and netdevs are created: root is needed")
    return _ib_site(device) if device.transport == Transport.IB else _ethernet_site(device)


# InfiniBand


def _parent(device):
    for netns, row in _rows():
        if netns is None and row.device == device.name and row.kind == "ipoib" and not row.vlan:
            # A child cannot have children.
            if os.path.exists(f"/sys/class/net/{row.name}/create_child"):
                return row.name
    raise Unusable("it has no IPoIB netdev here")


def _child(parent, name, netns):
    return f"link add link {parent} name {name} netns {netns} type ipoib pkey 0xffff"


def _configure(netns, name, *addresses):
    """The place whose address is the first one."""
    lines = ["link set lo up", f"link set {name} up"]
    for address in addresses:
        nodad = " nodad" if ":" in address else ""
        lines.append(f"addr add {address} dev {name}{nodad}")
    ip_batch(netns, *lines)
    own = [address.split("/")[0] for address in addresses]
    return Place(netns, name, own[0], next((address for address in own if ":" in address), None))


def wait_for_carrier(places):
    end = time.monotonic() + CARRIER_SECONDS
    for place in places:
        while "LOWER_UP" not in place.link()["flags"]:
            if time.monotonic() > end:
                raise Unusable(f"{place.netdev} has no carrier: is there a subnet manager?")
            time.sleep(0.05)


def wait_for_gid(device, address):
    """The device has a GID for each IPv4 address, but the kernel adds it after ip has returned."""
    gid = ipaddress.ip_address(f"::ffff:{address}").exploded
    end = time.monotonic() + CARRIER_SECONDS
    table = pathlib.Path("/sys/class/infiniband", device.name, "ports/1/gids")
    while True:
        # The table is long, but the kernel takes the first entry that is free.
        for index in range(64):
            # One that is not used cannot be read on all devices.
            with contextlib.suppress(OSError):
                if (table / str(index)).read_text(encoding="ascii").strip() == gid:
                    return
        if time.monotonic() > end:
            raise Unusable(f"{device.name} has no GID for {address}")
        time.sleep(0.05)


CHILDREN = {
    # The neighbour is the older one: a stock kernel finds it first.
    "rns-blue": ("rns.blue",),
    "rns-red": ("rns.red", "rns.second"),
    "rns-client": ("rns.client",),
}


def _remove():
    for netns in CHILDREN.keys() & netnses():
        # A child does not go with its namespace.
        names = [row["ifname"] for row in json.loads(ip(netns, "-j", "link") or "[]") if row]
        ip_batch(netns, *(f"link del {name}" for name in names if name in CHILDREN[netns]))
        ip(None, "netns", "del", netns)


@contextlib.contextmanager
def _ib_site(device):
    parent = _parent(device)
    others = [other for other in devices() if other.transport == Transport.IB and other != device]
    client_parent = _parent(others[0]) if others else parent
    ip_batch(None, *(f"netns add {netns}" for netns in CHILDREN))
    try:
        for netns in CHILDREN:
            # Children share their EUI-64.
            sysctl(netns, "net.ipv6.conf.all.accept_dad", 0)
            sysctl(netns, "net.ipv6.conf.default.accept_dad", 0)
        ip_batch(
            None,
            *(
                _child(client_parent if netns == "rns-client" else parent, name, netns)
                for netns, names in CHILDREN.items()
                for name in names
            ),
        )
        blue = _configure("rns-blue", "rns.blue", "10.0.0.6/24", "fd00::6/64")
        red = _configure("rns-red", "rns.red", "10.0.0.5/24", "fd00::5/64")
        second = _configure("rns-red", "rns.second", "10.0.2.5/24")
        client = _configure("rns-client", "rns.client", "10.0.0.9/24", "fd00::9/64", "10.0.2.9/24")
        sysctl("rns-red", "net.ipv4.conf.all.arp_ignore", 1)
        sysctl("rns-blue", "net.ipv4.conf.all.arp_ignore", 8)
        wait_for_carrier((blue, red, second, client))
        neighbours = []
        for place, addresses in ((red, (red.address, red.address6)), (second, (second.address,))):
            lladdr = place.link()["address"]
            for address in addresses:
                neighbours.append(f"neigh replace {address} lladdr {lladdr} dev rns.client")
        ip_batch("rns-client", *neighbours)
        yield Site(device, red, client, second, blue)
    finally:
        _remove()


# RoCE and iWARP


def _ethernet_places(transport):
    """(device, place, interface) of each netdev with an IPv4 address, VLANs last."""
    found = []
    for netns, row in _rows():
        # siw's TCP connections are in the caller's namespace, whatever the id's is.
        if transport == Transport.IWARP and netns:
            continue
        for address in row.addresses:
            interface = address.interface
            if row.transport == transport and row.device and row.up and interface.version == 4:
                place = Place(netns, row.name, str(interface.ip))
                found.append((row.vlan != 0, row.device, place, interface))
    return [entry[1:] for entry in sorted(found, key=lambda entry: entry[0])]


@contextlib.contextmanager
def _ethernet_site(device):
    places = _ethernet_places(device.transport)
    own = [(place, interface) for name, place, interface in places if name == device.name]
    if not own:
        raise Unusable("no netdev of it is up and has an IPv4 address")
    server, interface = own[0]
    client = server
    for name, place, other in places:
        if name != device.name and ipaddress.ip_address(place.address) in interface.network:
            client = place
            break
    if client is not server:
        # A neighbour of the same host answers before the kernel has begun to wait for it.
        inside = ["ip", "netns", "exec", client.netns] if client.netns else []
        ping = [*inside, "ping", "-c", "1", "-W", "5", "-I", client.netdev, server.address]
        subprocess.run(ping, stdout=subprocess.DEVNULL, check=False)
    yield Site(device, server, client)
