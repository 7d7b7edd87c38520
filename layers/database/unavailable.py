"""Which errors say that the database cannot answer now, and not that a statement is wrong."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

CLASSES = frozenset({"08", "40", "53", "55", "57"})
"""Of PostgreSQL's states: no connection, conflicts, no resources, locks, cancelled or shut down.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN})


def is_unavailable(error: SQLAlchemyError) -> bool:
    """Whether the same is worth another try a little later.

    It is if no connection was free or could be made in time, if a statement took too long, or if
    somebody held what it needed.
    """
    if isinstance(error, NoConnectionLeft):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # An extended code has the primary one in its last byte.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in BUSY
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # The driver has no state where it never reached a server.
        return type(cause).__name__ in {"OperationalError", "ConnectionTimeout"}
    return state[:2] in CLASSES
