"""Who writes next, when the database lets only one write at a time (SQLite)."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class WriteLock(Protocol):
    """Lets one writer through at a time."""

    def held(self) -> Iterator[None]:
        """Wait for the lock; a generator for ``contextmanager``."""
        ...


class FileWriteLock:
    """A lock across processes.

    SQLite's own busy handler sleeps between tries, so that a waiting writer loses milliseconds;
    a blocking file lock wakes it at once, and the kernel opens it when a process dies.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread_lock = threading.Lock()
        self._descriptor: int | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock while the block runs."""
        with self._thread_lock:
            if self._descriptor is None:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)


class NoWriteLock:
    """No lock: the database itself keeps writers apart (PostgreSQL)."""

    @contextmanager
    def held(self) -> Iterator[None]:
        """Go straight through."""
        yield
