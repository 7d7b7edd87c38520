"""The server of the gateway: it loses no request when it is stopped or another takes its place."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable

import uvicorn

from local_emulator.parts.bounded_protocol import BoundedProtocol
from local_emulator.parts.streams import Streams

LAST_WORD_S = 0.25
"""For who has connected and not asked yet, or not asked again."""
LOOK_AGAIN_S = 0.01
LOOK_EVERY_TICKS = 10
LEAVE_ON = signal.SIGUSR1


class Server(uvicorn.Server):
    """Answers until SIGTERM, or until ``LEAVE_ON`` says that another has taken its place.

    Both times it takes no more connections and answers what it was asked; after SIGTERM within
    the time that the config gives, otherwise however long it takes. ``begun`` is called once it
    listens.
    """

    def __init__(self, config: uvicorn.Config, streams: Streams, begun: Callable[[], None]) -> None:
        """``streams`` is the app of ``config``."""
        super().__init__(config)
        self._streams = streams
        self._begun = begun
        self._leaves = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        signal.signal(LEAVE_ON, lambda *_: self._leave())
        await super().startup(sockets)
        if self.started:
            self._begun()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let everybody finish, and end."""
        for server in self.servers:
            server.close()
        self._streams.end()
        # Whoever waits, or asks once more, hears that it was the last time.
        for connection in filter(_waits, self.server_state.connections):
            connection.shutdown()
        self.server_state.default_headers = [
            *self.server_state.default_headers,
            (b"connection", b"close"),
        ]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD_S):
                await _while(self._someone_may_ask)
        await _while(lambda: self._leaves and self._someone_waits())
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second, by uvicorn: see to those who are too slow, once in ten."""
        if counter % LOOK_EVERY_TICKS == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedProtocol):
                    connection.look(now)
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: object) -> None:
        """Note that it is to end soon, even if it was leaving at its leisure."""
        self._leaves = False
        super().handle_exit(sig, frame)  # type: ignore[arg-type]

    def _leave(self) -> None:
        self._leaves = not self.should_exit
        self.should_exit = True

    def _someone_may_ask(self) -> bool:
        return any(not _waits(connection) for connection in self.server_state.connections)

    def _someone_waits(self) -> bool:
        return any(_waits(connection) for connection in self.server_state.connections)


async def _while(holds: Callable[[], bool]) -> None:
    while holds():  # noqa: ASYNC110
        # Uvicorn tells nobody that a connection has changed.
        await asyncio.sleep(LOOK_AGAIN_S)


def _waits(connection: object) -> bool:
    """Whether somebody waits for an answer on this connection."""
    cycle = getattr(connection, "cycle", None)
    return cycle is not None and not cycle.response_complete
