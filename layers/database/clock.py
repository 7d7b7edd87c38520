"""The database's time, which is one for all machines whose processes share it."""

from __future__ import annotations

from sqlalchemy import text

from layers.clock import Clock, SteadyClock, SystemClock
from layers.database.sessions import Database

NOW = text("SELECT CAST(extract(epoch FROM clock_timestamp()) AS double precision)")


class DatabaseClock:
    """This machine's clock, set by the database's whenever a statement brings its time along.

    So leases of several machines are measured by one clock, and asking the time costs nothing.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = 0.0

    def now(self) -> float:
        """Return seconds since the Unix epoch (UTC), as the database counts them."""
        return self._clock.now() + self._ahead

    def ask(self, database: Database) -> None:
        """Go by the database's time as it is now; not to be called on the event loop."""
        with database.asking() as connection:
            asked_at = self.own()
            theirs = connection.execute(NOW).scalar_one()
        self.set(theirs, asked_at)

    def own(self) -> float:
        """Return what this machine's own clock shows."""
        return self._clock.now()

    def set(self, theirs: float, asked_at: float) -> None:
        """Go by ``theirs``, which the database read after ``asked_at`` by this machine's clock.

        It is changed only as far as it must have been wrong: how long the answer was under way is
        not known, and time shall not jump to and fro by that.
        """
        least, most = theirs - self._clock.now(), theirs - asked_at
        self._ahead = min(max(self._ahead, least), most)


def clock_of(database: Database) -> Clock:
    """The clock of a process: on PostgreSQL the database's, since others may be on machines of
    their own. On SQLite all are on this one."""
    return SystemClock() if database.is_sqlite else DatabaseClock(SteadyClock())
