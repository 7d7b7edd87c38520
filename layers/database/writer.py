"""Group commit: writes that arrive together share one transaction and one flush to disk."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from layers import failpoints
from layers.database.conflicts import is_worth_another_try
from layers.database.sessions import Database
from layers.log import logger

R = TypeVar("R")
Gives = TypeVar("Gives", covariant=True)
MOST_IN_A_GROUP = 256


class Write(Protocol[Gives]):
    """A write that knows how to be done together with others of its kind.

    All transactions lock in one order, so that they never wait in a circle. A kind with
    ``locks_last`` set comes after the others of its group.
    """

    @classmethod
    def apply(cls, connection: Connection, group: Sequence[Any]) -> Sequence[Gives]:
        """Do all of the group in order; give one result for each. Must not commit."""
        ...


@dataclass
class _Entry(Generic[R]):
    write: Write[R]
    future: asyncio.Future[R]
    loop: asyncio.AbstractEventLoop


class GroupWriter:
    """One thread that commits what the event loop submits.

    ``submit`` returns after the commit. When a group fails as a whole, its writes are tried
    one by one, so that a bad one does not take its neighbours down. ``after_commit`` is called
    in the writer's thread with the writes and results of each committed group.
    """

    def __init__(
        self,
        database: Database,
        after_commit: Callable[[Sequence[Any], Sequence[Any]], None] | None = None,
    ) -> None:
        self._database = database
        self._after_commit = after_commit
        self._queue: queue.SimpleQueue[_Entry[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)
        self._log = logger("database")
        self._thread.start()

    async def submit(self, write: Write[R]) -> R:
        """Hand in a write and wait until it is committed; raises what it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._queue.put(_Entry(write, future, loop))
        return await future

    def close(self) -> None:
        """Finish what was handed in, then stop the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            first = self._queue.get()
            if first is None:
                return
            entries = [first]
            while len(entries) < MOST_IN_A_GROUP:
                try:
                    entry = self._queue.get_nowait()
                except queue.Empty:
                    break
                if entry is None:
                    stopping = True
                    break
                entries.append(entry)
            self._commit(entries)

    def _commit(self, entries: list[_Entry[Any]]) -> None:
        try:
            results = self._attempt(entries)
        except Exception as error:  # noqa: BLE001 - the failure belongs to whoever submitted
            if len(entries) == 1:
                _settle(entries, [(None, error)])
                return
            self._log.warning("a group of %d writes failed, trying singly: %s", len(entries), error)
            for entry in entries:
                self._commit([entry])
            return
        if self._after_commit is not None:
            self._after_commit([entry.write for entry in entries], results)
        _settle(entries, [(result, None) for result in results])

    def _attempt(self, entries: list[_Entry[Any]]) -> list[Any]:
        for tries_left in (4, 3, 2, 1, 0):
            try:
                return self._attempt_once(entries)
            except DBAPIError as error:
                if not tries_left or not is_worth_another_try(error):
                    raise
        raise AssertionError("unreachable")

    def _attempt_once(self, entries: list[_Entry[Any]]) -> list[Any]:
        kinds: dict[type, list[int]] = {}
        for position, entry in enumerate(entries):
            kinds.setdefault(type(entry.write), []).append(position)
        results: list[Any] = [None] * len(entries)
        with self._database.sending() as connection:
            for kind, positions in sorted(kinds.items(), key=lambda one: _locks_last(one[0])):
                group = [entries[position].write for position in positions]
                done = kind.apply(connection, group)  # type: ignore[attr-defined]
                for position, result in zip(positions, done, strict=True):
                    results[position] = result
                failpoints.hit(f"{kind.__name__}.before_commit")
        for kind in kinds:
            failpoints.hit(f"{kind.__name__}.after_commit")
        return results


def _locks_last(kind: type) -> bool:
    return getattr(kind, "locks_last", False)


def _settle(entries: Sequence[_Entry[Any]], outcomes: Sequence[tuple[Any, Any]]) -> None:
    """Wake each event loop once for all of its futures."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any, Any]]] = {}
    for entry, (result, error) in zip(entries, outcomes, strict=True):
        loops.setdefault(entry.loop, []).append((entry.future, result, error))
    for loop, futures in loops.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, futures)


def _resolve(futures: Sequence[tuple[asyncio.Future[Any], Any, Any]]) -> None:
    for future, result, error in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
