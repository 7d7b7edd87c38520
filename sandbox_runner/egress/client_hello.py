"""Reads the name out of a TLS client's first message, without taking part in the handshake."""

from __future__ import annotations

from collections.abc import Iterator

_HANDSHAKE, _CLIENT_HELLO = 22, 1
_SERVER_NAME, _ENCRYPTED_HELLO = 0, 0xFE0D
LONGEST_HELLO = 1 << 16


class NotTls(Exception):
    """The bytes are not the beginning of a TLS handshake."""


class HiddenName(Exception):
    """The client encrypts the name that it asks for (ECH), so that nobody can check it."""


def handshake_in(data: bytes) -> bytes | None:
    """Return the whole ClientHello from TLS records, None while some is missing; raises NotTls."""
    message = b""
    place = 0
    while place < len(data):
        if data[place] != _HANDSHAKE or data[place + 1 : place + 2] not in (b"", b"\3"):
            raise NotTls
        if len(data) < place + 5:
            return None
        length = int.from_bytes(data[place + 3 : place + 5], "big")
        message += data[place + 5 : place + 5 + length]
        place += 5 + length
        if len(message) >= 4:
            if message[0] != _CLIENT_HELLO:
                raise NotTls
            whole = 4 + int.from_bytes(message[1:4], "big")
            if whole > LONGEST_HELLO:
                raise NotTls
            if len(message) >= whole:
                return message[:whole]
    return None


def server_name(hello: bytes) -> str | None:
    """Return the name that a ClientHello asks for, None if it asks for none.

    Raises NotTls for one that cannot be read, HiddenName for one that hides the name.
    """
    try:
        found = None
        for kind, body in _extensions(hello):
            if kind == _ENCRYPTED_HELLO:
                raise HiddenName
            if kind == _SERVER_NAME:
                if found is not None:
                    raise NotTls
                found = _host_name(body)
        return found
    except (IndexError, ValueError) as error:
        raise NotTls from error


def _extensions(hello: bytes) -> Iterator[tuple[int, bytes]]:
    place = 4 + 2 + 32
    place += 1 + hello[place]
    place += 2 + int.from_bytes(hello[place : place + 2], "big")
    place += 1 + hello[place]
    place += 2
    while place < len(hello):
        kind = int.from_bytes(hello[place : place + 2], "big")
        length = int.from_bytes(hello[place + 2 : place + 4], "big")
        body = hello[place + 4 : place + 4 + length]
        if len(body) != length:
            raise NotTls
        yield kind, body
        place += 4 + length


def _host_name(body: bytes) -> str:
    # One entry: list length, the kind 0 (a host name), the name's length, the name.
    length = int.from_bytes(body[3:5], "big")
    if body[2] != 0 or len(body) != 5 + length:
        raise NotTls
    return body[5:].decode("ascii").lower().removesuffix(".")
