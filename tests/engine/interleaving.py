"""Two transactions at once on PostgreSQL: the second comes after each statement of the first."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

from layers.database import Database
from tests.lock_waits import waits_for_a_lock
from tests.waiting import until

Act = Callable[[Connection], Any]


@dataclass(frozen=True)
class Scene:
    """Two acts on fresh rows, and what must hold once both have committed."""

    first: Act
    second: Act
    check: Callable[[Any, Any], None]
    """Is given what the two acts returned."""


class Barrier:
    """Stops a transaction after its statement number ``after``, or else before its commit."""

    def __init__(self, after: int) -> None:
        self._after = after
        self._statements = 0
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.before_commit = False

    def watch(self, connection: Connection) -> None:
        """Count the statements of a connection."""
        if self._after == 0:
            self._stop()
        event.listen(connection, "after_cursor_execute", self._executed)

    def ended(self) -> None:
        """The act has no more statements: its commit comes next."""
        if not self.reached.is_set():
            self.before_commit = True
            self._stop()

    def _executed(self, *_about: object) -> None:
        self._statements += 1
        if self._statements == self._after:
            self._stop()

    def _stop(self) -> None:
        self.reached.set()
        self.opened.wait()


def at_each_statement(database: Database, scene: Callable[[], Scene]) -> None:
    """Play the scene anew for every statement after which the second act can come in between."""
    for after in itertools.count():
        if _meet(database, scene(), Barrier(after)):
            return


def in_both_orders(database: Database, scene: Callable[[], Scene]) -> None:
    """The same, and then with the acts' parts exchanged."""
    at_each_statement(database, scene)
    at_each_statement(database, lambda: _exchanged(scene()))


def _exchanged(scene: Scene) -> Scene:
    return Scene(scene.second, scene.first, lambda first, second: scene.check(second, first))


def _meet(database: Database, scene: Scene, barrier: Barrier) -> bool:
    """Let them meet at the barrier; says whether it was the last: the first one's commit."""

    def play_first() -> Any:
        with database.writing() as connection:
            barrier.watch(connection)
            done = scene.first(connection)
            barrier.ended()
            return done

    def play_second() -> Any:
        barrier.reached.wait()
        with database.writing() as connection:
            return scene.second(connection)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(play_first)
        second = pool.submit(play_second)
        try:
            until(
                lambda: (
                    first.done()
                    or second.done()
                    or (barrier.reached.is_set() and waits_for_a_lock(database))
                ),
                "the second act is done, or waits for the first",
            )
        finally:
            barrier.opened.set()
            barrier.reached.set()
        scene.check(first.result(), second.result())
    return barrier.before_commit
