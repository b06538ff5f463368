# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Addresses: C's, and the socket module's tuples (host, port) or (host, port, flow, scope)."""
import ctypes
import ipaddress
import socket
import struct

from . import checks, structures


def to_sockaddr(address):
    """The sockaddr_storage of a tuple as the socket module has it. The host is numeric."""
    if not isinstance(address, (tuple, list)):
        raise TypeError(f"an address is a tuple (host, port), not {address!r}")
    if not 2 <= len(address) <= 4:
        raise ValueError(f"(host, port), IPv6's (host, port, flow, scope), not {address!r}")
    host, port, flow, scope = (*address, 0, 0)[:4]
    host, sign, zone = str(host).partition("%")
    parsed = ipaddress.ip_address(host)
    port = checks.number(ctypes.c_uint16, port)
    if parsed.version == 4:
        if sign or len(address) > 2:
            raise ValueError(f"IPv4 has no scope and no flow: {address!r}")
        raw = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + parsed.packed
    else:
        if sign:
            scope = int(zone) if zone.isdigit() else socket.if_nametoindex(zone)
        flow, scope = (checks.number(ctypes.c_uint32, value) for value in (flow, scope))
        raw = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, flow) + parsed.packed
        raw += struct.pack("=I", scope)
    storage = structures.sockaddr_storage()
    ctypes.memmove(ctypes.byref(storage), raw, len(raw))
    return storage


def from_sockaddr(storage):
    """The tuple of a sockaddr_storage, or None if its family is not IP's."""
    raw = bytes(storage)
    family = storage.ss_family
    if family == socket.AF_INET:
        return str(ipaddress.IPv4Address(raw[4:8])), struct.unpack("!H", raw[2:4])[0]
    if family == socket.AF_INET6:
        port, flow = struct.unpack("!HI", raw[2:8])
        scope = struct.unpack("=I", raw[24:28])[0]
        return str(ipaddress.IPv6Address(raw[8:24])), port, flow, scope
    return None


def to_gid(gid):
    """The ibv_gid of an ipaddress.IPv6Address, or of its text."""
    value = structures.ibv_gid()
    value.raw[:] = ipaddress.IPv6Address(str(gid)).packed
    return value


def from_gid(gid):
    return ipaddress.IPv6Address(bytes(gid.raw))
