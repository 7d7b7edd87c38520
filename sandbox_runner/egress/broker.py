"""Answers a sandbox's requests for the network: who asks, where to, is that allowed; then relays.

Each sandbox with a network policy has a door of its own: a unix socket that only it can see. Two
things may be said there: ``CONNECT host:port`` for a tunnel, and a request with a whole URL. Of the
latter, ``https`` ones are encrypted here, so that secrets can be put in on this side.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hmac
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from layers.log import logger
from layers.outbound.policy import AddressPolicy
from sandbox_runner.egress import heads
from sandbox_runner.egress.destinations import Destinations
from sandbox_runner.egress.dialling import Dialler, Lookup, system_lookup
from sandbox_runner.egress.forwarding import forward
from sandbox_runner.egress.heads import BadHead, Head
from sandbox_runner.egress.network_sessions import CapReached, Caps, Denied, NetworkSession
from sandbox_runner.egress.relaying import within
from sandbox_runner.egress.secrets import Credential
from sandbox_runner.egress.tunnels import tunnel

_log = logger("runner")
_HEAD_S = 10.0
_MOST_CONNECTIONS = 64
_MOST_READ_OVER = 1 << 20
_READ_OVER_S = 2.0
SOCKET = "proxy.sock"


class Broker:
    """The way out for all sandboxes of a runner."""

    def __init__(
        self, allow_private: Sequence[str] = (), lookup: Lookup = system_lookup, caps: Caps = Caps()
    ) -> None:
        self.dialler = Dialler(AddressPolicy(tuple(allow_private)), lookup)
        self.caps = caps

    async def open_door(self, folder: Path) -> Door:
        """Listen in a folder, which is to be all that one sandbox sees of the host's sockets."""
        door = Door(self)
        await door.open(folder)
        return door

    def close(self) -> None:
        """Stop looking names up; the doors are closed by those who opened them."""
        self.dialler.close()


class Door:
    """One sandbox's socket, and the run that may use it at the moment."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._server: asyncio.Server | None = None
        self._session: NetworkSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, folder: Path) -> None:
        """Make the socket and listen."""
        listening = _listen(folder)
        self._server = await asyncio.start_unix_server(
            self._serve, sock=listening, limit=heads.LONGEST_HEAD
        )

    def admit(
        self, destinations: Destinations, credentials: Sequence[Credential] = ()
    ) -> NetworkSession:
        """Let one run use the network, until ``dismiss``."""
        self._session = NetworkSession(destinations, credentials, self._broker.caps)
        return self._session

    async def dismiss(self) -> list[dict[str, Any]]:
        """End the run's connections and its token; return the destinations it asked for."""
        session, self._session = self._session, None
        if session is None:
            return []
        await _end(session.tasks)
        return session.report()

    async def close(self) -> None:
        """Stop listening and end every connection."""
        self._session = None
        if self._server is not None:
            self._server.close()
        await _end(self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= _MOST_CONNECTIONS:
            writer.close()
            return
        self._tasks.add(task)
        try:
            await self._answer(task, reader, writer)
        except (OSError, EOFError, TimeoutError, CapReached) as error:
            # The other side went away, said nothing for too long, or has had its share.
            _log.debug("a connection of a sandbox ended: %s", type(error).__name__)
        except asyncio.CancelledError:
            pass  # The run is over; nobody awaits this task but those who cancelled it.
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(
        self,
        task: asyncio.Task[None],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        try:
            head = await within(_HEAD_S, heads.read_head(reader))
            if head is None:
                return
            session = self._whose(head)
            if session is None:
                await _refuse(reader, writer, 407, "the token is missing or its run is over")
                return
            session.tasks.add(task)
            try:
                carry = tunnel if head.request()[0] == "CONNECT" else forward
                await carry(self._broker.dialler, session, head, reader, writer)
            finally:
                session.tasks.discard(task)
        except BadHead as error:
            await _refuse(reader, writer, 400, str(error))
        except Denied as error:
            await _refuse(reader, writer, error.status, error.reason)
        else:
            await writer.drain()

    def _whose(self, head: Head) -> NetworkSession | None:
        """Return the session if the token is that of the run which is in this sandbox now."""
        scheme, _, given = (head.one("proxy-authorization") or "").partition(" ")
        try:
            pair = base64.b64decode(given.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            return None
        session = self._session
        if session is None or scheme.lower() != "basic":
            return None
        given = pair.partition(":")[2]
        return session if hmac.compare_digest(given.encode(), session.token.encode()) else None


async def _refuse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int, reason: str
) -> None:
    """Answer with an error, in the phrase too, which is all that many libraries show."""
    said = "".join(letter if " " <= letter <= "~" else "?" for letter in reason)[:300]
    body = f"Treadle: {said}.\n".encode()
    headers = [
        ("Content-Type", "text/plain"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    if status == 407:
        headers.append(("Proxy-Authenticate", 'Basic realm="Treadle"'))
    writer.write(heads.write(f"HTTP/1.1 {status} {said}", headers) + body)
    await writer.drain()
    writer.write_eof()
    # Who still sends a body would meet a closed socket and never read the answer.
    left = _MOST_READ_OVER
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_READ_OVER_S):
            while left > 0 and (piece := await reader.read(1 << 16)):
                left -= len(piece)


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for them."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    if ending:
        await asyncio.wait(ending)


def _listen(folder: Path) -> socket.socket:
    """Make the folder's socket, by a short path: unix sockets know no long ones."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listening.bind(f"/proc/self/fd/{place}/{SOCKET}")
        (folder / SOCKET).chmod(0o666)
        listening.listen(128)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    finally:
        os.close(place)
    return listening
