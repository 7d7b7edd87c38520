"""Frames between the zygote, the runner outside and the job processes inside."""

from __future__ import annotations

import os
import struct

_size = len  # Bound here, so that a job that patches the builtin harms nothing but its own code.
_LENGTH = struct.Struct("<I")
_LENGTHS = struct.Struct("<II")


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte, however small the pipe's appetite."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def read_order(descriptor: int) -> tuple[bytes, bytes] | None:
    """Read one order, a header by the runner and a body by the caller; None if nobody is there.

    It reads ahead, as no order follows another before that one was answered.
    """
    data = bytearray()
    header, wanted = 0, _LENGTHS.size
    while _size(data) < wanted:
        part = os.read(descriptor, 1 << 18)
        if not part:
            return None
        data += part
        if _size(data) >= _LENGTHS.size:
            header, body = _LENGTHS.unpack_from(data)
            wanted = _LENGTHS.size + header + body
    start = _LENGTHS.size
    return bytes(data[start : start + header]), bytes(data[start + header : wanted])


def order(header: bytes, body: bytes) -> bytes:
    """Pack an order for a job process."""
    return _LENGTHS.pack(_size(header), _size(body)) + header + body


def event(tag: bytes, payload: bytes) -> bytes:
    """Pack an event for the runner: one letter, a length, the payload."""
    return tag + _LENGTH.pack(_size(payload)) + payload


def packed(payload: bytes) -> bytes:
    """Pack a job's answer for the zygote: a length and the payload."""
    return _LENGTH.pack(_size(payload)) + payload


def unpacked_length(head: bytes | bytearray) -> int:
    """Return the length that an answer announces in its first four bytes."""
    return int(_LENGTH.unpack_from(head)[0])
