"""What is said of a transaction: of executions at once, of lists in the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from layers.channel.port import Channel
from layers.database import Database
from layers.database.changes import Changes, ListOf
from layers.log import logger

PAUSE_S = 0.5
"""At least so long is between two words of this process about one list.

PostgreSQL commits transactions that say something one after the other, whatever database they are
in: a busy workspace that somebody looks at must not slow the others down.
"""


class Announcements:
    """Tells a channel what transactions change, of lists only where ``is_followed`` a workspace.

    The first word about a list goes with its transaction; what comes within ``PAUSE_S`` after it
    is one word at the end of that time. A process that is killed in between never says it.
    """

    def __init__(
        self, database: Database, channel: Channel, is_followed: Callable[[str], bool]
    ) -> None:
        self._database = database
        self._channel = channel
        self._is_followed = is_followed
        self._lock = threading.Lock()
        self._said_at: dict[ListOf, float] = {}
        self._late: dict[ListOf, None] = {}
        self._timer: threading.Timer | None = None
        self._closed = False
        self._log = logger("channel")

    def announce(self, connection: Connection, changes: Changes) -> Callable[[], None]:
        """Say what a transaction changes that commits next; the answer says the rest after it."""
        names = list(changes.names)
        lists = [one for one in changes.lists if self._is_followed(one.workspace_id)]
        late: list[ListOf] = []
        if lists:
            now, late = self._in_time(lists)
            names += [one.name for one in now]
        if names:
            self._channel.before_commit(connection, names)

        def committed() -> None:
            if names:
                self._channel.after_commit(names)
            if late:
                self._say_later(late)

        return committed

    def close(self) -> None:
        """Say what is left to say."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
        self._say_late()

    def _in_time(self, lists: Iterable[ListOf]) -> tuple[list[ListOf], list[ListOf]]:
        """Those of which something may be said now, and those of which it was just now."""
        moment = time.monotonic()
        now: list[ListOf] = []
        late: list[ListOf] = []
        with self._lock:
            self._forget(moment)
            for one in lists:
                if one in self._said_at:
                    late.append(one)
                else:
                    self._said_at[one] = moment
                    now.append(one)
        return now, late

    def _forget(self, moment: float) -> None:
        """Those were said first that stand first."""
        for one in list(self._said_at):
            if moment - self._said_at[one] < PAUSE_S:
                return
            del self._said_at[one]

    def _say_later(self, lists: Sequence[ListOf]) -> None:
        with self._lock:
            self._late.update(dict.fromkeys(lists))
            is_closed = self._closed
            if self._timer is None and not is_closed:
                self._timer = threading.Timer(PAUSE_S, self._say_late)
                self._timer.daemon = True
                self._timer.start()
        if is_closed:
            self._say_late()

    def _say_late(self) -> None:
        with self._lock:
            self._timer = None
            late, self._late = list(self._late), {}
            moment = time.monotonic()
            for one in late:
                self._said_at.pop(one, None)
                self._said_at[one] = moment
        if not late:
            return
        names = [one.name for one in late]
        try:
            with self._database.asking() as connection:
                self._channel.before_commit(connection, names)
        except SQLAlchemyError as error:
            self._log.warning("who follows lists hears later of a change: %s", error)
            if not self._closed:
                self._say_later(late)
            return
        self._channel.after_commit(names)
