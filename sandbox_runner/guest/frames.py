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


def read_exactly(descriptor: int, count: int) -> bytes | None:
    """Read that many bytes, or None where the other side has gone."""
    parts = []
    while count:
        part = os.read(descriptor, min(count, 1 << 18))
        if not part:
            return None
        parts.append(part)
        count -= _size(part)
    return b"".join(parts)


def read_order(descriptor: int) -> tuple[bytes, bytes] | None:
    """Read one order, which is a header written by the runner and a body written by the caller."""
    lengths = read_exactly(descriptor, _LENGTHS.size)
    if lengths is None:
        return None
    header_length, body_length = _LENGTHS.unpack(lengths)
    data = read_exactly(descriptor, header_length + body_length)
    if data is None:
        return None
    return data[:header_length], data[header_length:]


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
