"""Tunnels: bytes both ways, after a look at whether TLS asks for the host that was allowed."""

from __future__ import annotations

import asyncio

from layers.outbound.addresses import literal
from sandbox_runner.egress.client_hello import (
    LONGEST_HELLO,
    HiddenName,
    NotTls,
    handshake_in,
    server_name,
)
from sandbox_runner.egress.destinations import usual_host
from sandbox_runner.egress.dialling import Dialler
from sandbox_runner.egress.heads import BadHead, Head
from sandbox_runner.egress.network_sessions import CapReached, Contact, NetworkSession
from sandbox_runner.egress.relaying import pump, within

_TLS_PORT = 443
_HANDSHAKE_BYTE = 22
_HELLO_S = 15.0


class Fronted(Exception):
    """A tunnel to one host in which another is asked for; the text says what was seen."""


def destination(head: Head) -> tuple[str, int]:
    """Return the host and port of a CONNECT request; raises BadHead."""
    host, _, port = head.request()[1].rpartition(":")
    try:
        usual = usual_host(host)
    except ValueError as error:
        raise BadHead(f"the destination cannot be read: {error}") from error
    if not port.isdecimal() or len(port) > 5 or not 0 < int(port) < 65536:
        raise BadHead("the destination has no port")
    return usual, int(port)


async def tunnel(
    dialler: Dialler,
    session: NetworkSession,
    head: Head,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Connect and carry bytes both ways until both sides have ended; raises Denied."""
    host, port = destination(head)
    session.check(host, port)
    (there, back), contact = await session.reach(dialler, host, port)
    try:
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await writer.drain()
        async with asyncio.TaskGroup() as both:
            both.create_task(_outward(session, contact, reader, back))
            both.create_task(
                pump(there, writer, lambda n: session.received(contact, n), session.caps.idle_s)
            )
    except* Fronted as errors:
        session.contact(host, port, str(errors.exceptions[0]))
    except* (OSError, EOFError, TimeoutError, CapReached):
        pass  # One side went away or the run has had its share: so ends the tunnel.
    finally:
        back.close()


async def _outward(
    session: NetworkSession,
    contact: Contact,
    reader: asyncio.StreamReader,
    back: asyncio.StreamWriter,
) -> None:
    first = await _first_bytes(reader, contact)
    session.sent(contact, len(first))
    back.write(first)
    await within(session.caps.idle_s, back.drain())
    await pump(reader, back, lambda n: session.sent(contact, n), session.caps.idle_s)


async def _first_bytes(reader: asyncio.StreamReader, contact: Contact) -> bytes:
    """Read what the sandbox says first, and all of it if it is a TLS greeting; raises Fronted."""
    first = await reader.read(1)
    if first[:1] != bytes([_HANDSHAKE_BYTE]):
        if first and contact.port == _TLS_PORT:
            raise Fronted("what is sent to port 443 is not TLS")
        return first
    try:
        async with asyncio.timeout(_HELLO_S):
            while (hello := handshake_in(first)) is None:
                piece = await reader.read(1 << 14)
                if not piece or len(first) > LONGEST_HELLO:
                    raise NotTls
                first += piece
        _check_name(server_name(hello), contact)
    except NotTls:
        raise Fronted("its TLS greeting cannot be read") from None
    except HiddenName:
        raise Fronted("its TLS greeting hides the name that it asks for") from None
    return first


def _check_name(asked: str | None, contact: Contact) -> None:
    if asked is None:
        if contact.port == _TLS_PORT and literal(contact.host) is None:
            raise Fronted("its TLS greeting names no host")
    elif asked != contact.host:
        raise Fronted(f"TLS asks for '{asked[:100]}' in a tunnel to '{contact.host}'")
