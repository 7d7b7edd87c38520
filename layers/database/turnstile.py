"""Who writes next, when the database lets only one write at a time (SQLite)."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Turnstile(Protocol):
    """Lets one writer through at a time."""

    def turn(self) -> Iterator[None]:
        """Wait for the turn; a generator for ``contextmanager``."""
        ...


class FileTurnstile:
    """A turnstile across processes.

    SQLite's own busy handler sleeps between tries, so that a waiting writer loses milliseconds;
    a blocking file lock wakes it at once, and the kernel opens it when a process dies.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread_lock = threading.Lock()
        self._descriptor: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn while the block runs."""
        with self._thread_lock:
            if self._descriptor is None:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)


class OpenTurnstile:
    """No turnstile: the database itself keeps writers apart (PostgreSQL)."""

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Go straight through."""
        yield
