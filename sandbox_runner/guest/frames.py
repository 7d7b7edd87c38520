"""Frames between the zygote, the runner outside and the job processes inside."""

import os
import struct

_size = len  # Bound here, so that a job that patches the builtin harms nothing but its own code.
_LENGTH = struct.Struct("<I")
_LENGTHS = struct.Struct("<III")
# Memory for more than the first is mapped anew for each piece, which costs more than the reading.
_FIRST, _LARGEST = 1 << 14, 1 << 18


def write_all(descriptor: int, data: bytes | bytearray) -> None:
    """Write every byte, however small the pipe's appetite."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class Order:
    """What a job is to do: a header by the runner, a body by the caller, the bytes of its files."""

    def __init__(self, data: bytearray) -> None:
        self.data = data
        header, body, _ = _LENGTHS.unpack_from(data)
        self._header = _LENGTHS.size, _LENGTHS.size + header
        self._body = self._header[1], self._header[1] + body

    @property
    def header(self) -> bytes:
        """Limits and grants, as JSON."""
        return bytes(self.data[slice(*self._header)])

    @property
    def body(self) -> bytes:
        """Code, items and context, as JSON."""
        return bytes(self.data[slice(*self._body)])

    @property
    def files(self) -> memoryview:
        """The files' bytes, one after the other."""
        return memoryview(self.data)[self._body[1] :]


def read_order(descriptor: int) -> Order | None:
    """Read one order; None if nobody is there to give any.

    It reads ahead, as no order follows another before that one was answered.
    """
    data = bytearray()
    wanted = _LENGTHS.size
    most = _FIRST
    while _size(data) < wanted:
        part = os.read(descriptor, most)
        if not part:
            return None
        data += part
        if wanted == _LENGTHS.size and _size(data) >= wanted:
            wanted += sum(_LENGTHS.unpack_from(data))
        most = min(max(wanted - _size(data), 1), _LARGEST)
    return Order(data)


def packed_order(header: bytes, body: bytes) -> bytes:
    """Pack an order without files."""
    return _LENGTHS.pack(_size(header), _size(body), 0) + header + body


def event(tag: bytes, payload: bytes) -> bytes:
    """Pack an event for the runner: one letter, a length, the payload."""
    return tag + _LENGTH.pack(_size(payload)) + payload


def packed(payload: bytes) -> bytes:
    """Pack a job's answer for the zygote: a length and the payload."""
    return _LENGTH.pack(_size(payload)) + payload


def packed_length(length: int) -> bytes:
    """Pack a length, where the payload follows piece by piece."""
    return _LENGTH.pack(length)


def unpacked_length(head: bytes | bytearray) -> int:
    """Return the length that an answer announces in its first four bytes."""
    return int(_LENGTH.unpack_from(head)[0])
