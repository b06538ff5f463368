# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""What ctypes does not check: it cuts numbers, C ends a text at its first NUL, any name is set."""
import ctypes
import operator
import os


def number(kind, value):
    """A value that this C integer can hold, as int; or OverflowError."""
    value = operator.index(value)
    if kind(value).value != value:
        bits = 8 * ctypes.sizeof(kind)
        raise OverflowError(f"{value} is out of range: {bits} bits, from {_lowest(kind)}")
    return value


def _lowest(kind):
    return 0 if kind(-1).value > 0 else -(1 << (8 * ctypes.sizeof(kind) - 1))


def text(value):
    """The bytes of a text for C; or ValueError."""
    encoded = os.fsencode(value)
    if b"\0" in encoded:
        raise ValueError(f"{value!r} has a NUL in it")
    return encoded


def data(value):
    """Private data: bytes or their like, whose length fits a uint8_t; or ValueError."""
    copy = memoryview(value).tobytes()
    if len(copy) > 255:
        raise ValueError(f"private data have 255 bytes at most, not {len(copy)}")
    return copy


def is_integer(kind):
    return isinstance(kind, type) and getattr(kind, "_type_", None) in tuple("bBhHiIlLqQ")


def checked(kind, value):
    """value as an argument, or a member, of this C type."""
    if is_integer(kind):
        return number(kind, value)
    if kind is ctypes.c_char_p and value is not None:
        return text(value)
    return value


class Structure(ctypes.Structure):
    """A structure whose members are checked as they are set."""

    def __setattr__(self, name, value):
        kind = dict(self._fields_).get(name)
        if kind is None:
            raise TypeError(f"{type(self).__name__} has no member {name!r}")
        value = checked(kind, value)
        if getattr(kind, "_type_", None) is ctypes.c_char:
            value = text(value)
            if len(value) >= kind._length_:
                raise ValueError(f"{os.fsdecode(value)!r} has more than {kind._length_ - 1} bytes")
        super().__setattr__(name, value)
