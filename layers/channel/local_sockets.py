"""The channel among the processes of one machine, beside an SQLite file: a socket for each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection

from layers.channel.hub import Hub
from layers.ids import new_id
from layers.log import logger

IDS_AT_ONCE = 1000
"""A datagram has room for far more bytes."""
MOST_BYTES = 1 << 17
LOST = b"*"
"""Said to whoever had no room for a word: look at everything that you follow."""
LONGEST_PATH = 100
"""A little less than what a socket's address holds."""
AGAIN_S = 0.1
TRIES = 100


class LocalSockets:
    """Whoever follows in this process listens on a socket in ``folder``, from the first one on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hub = Hub()
        self._lock = threading.Lock()
        self._own: tuple[socket.socket, str, asyncio.AbstractEventLoop] | None = None
        self._sender: socket.socket | None = None
        self._handle: int | None = None
        self._closed = False
        self._owed: set[str] = set()
        """Those who had no room for a word, and get one that covers all once they have."""
        self._log = logger("channel")

    def before_commit(self, connection: Connection, execution_ids: Sequence[str]) -> None:
        """There is nothing to say before."""

    def after_commit(self, execution_ids: Sequence[str]) -> None:
        """Tell those here, and those of all other processes that listen."""
        self._hub.ring(execution_ids)
        others = list(self._others())
        for start in range(0, len(execution_ids) if others else 0, IDS_AT_ONCE):
            word = " ".join(execution_ids[start : start + IDS_AT_ONCE]).encode()
            for name in others:
                self._say(name, word)

    @asynccontextmanager
    async def following(self, execution_id: str, bell: asyncio.Event) -> AsyncIterator[None]:
        """Set ``bell`` whenever the execution may have changed."""
        if self._own is None:
            self._listen()
        with self._hub.hanging(execution_id, bell):
            yield

    async def close(self) -> None:
        """Take the socket away."""
        self._closed = True
        if self._own is not None:
            own, name, loop = self._own
            loop.remove_reader(own.fileno())
            own.close()
            self._forget(name)
            self._own = None
        with self._lock:
            if self._sender is not None:
                self._sender.close()
                self._sender = None
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _listen(self) -> None:
        name = new_id()
        own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        own.setblocking(False)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            own.bind(self._address(name))
        except OSError as error:
            own.close()
            self._log.warning("who follows here does not hear of other processes: %s", error)
            return
        loop = asyncio.get_running_loop()
        loop.add_reader(own.fileno(), self._hear, own)
        self._own = own, name, loop

    def _hear(self, own: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                word = own.recv(MOST_BYTES)
                if word == LOST:
                    self._hub.ring_all()
                else:
                    self._hub.ring(word.decode().split())

    def _others(self) -> Iterator[str]:
        own = None if self._own is None else self._own[1]
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for path in self._folder.iterdir():
                if path.name != own:
                    yield path.name

    def _say(self, name: str, word: bytes, tries: int = TRIES) -> None:
        try:
            with self._lock:
                if self._closed or (name in self._owed and word is not LOST):
                    return
                if self._sender is None:
                    self._sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                    self._sender.setblocking(False)
                self._sender.sendto(word, self._address(name))
                self._owed.discard(name)
        except (FileNotFoundError, ConnectionRefusedError):
            # It was killed: its successor has another name.
            self._forget(name)
        except OSError:
            if tries:
                self._owed.add(name)
                timer = threading.Timer(AGAIN_S, self._say, (name, LOST, tries - 1))
                timer.daemon = True
                timer.start()
            else:
                self._owed.discard(name)

    def _address(self, name: str) -> str:
        path = str(self._folder / name)
        if len(path.encode()) <= LONGEST_PATH:
            return path
        if self._handle is None:
            self._handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._handle}/{name}"

    def _forget(self, name: str) -> None:
        self._owed.discard(name)
        with contextlib.suppress(OSError):
            (self._folder / name).unlink()
