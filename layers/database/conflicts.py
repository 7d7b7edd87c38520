"""What a database gives up for the sake of others, and what is worth another try."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

GIVEN_UP = frozenset({"40001", "40P01"})
"""A serialization failure and a deadlock: nothing was written, and a second try finds it over."""


def was_given_up(error: DBAPIError) -> bool:
    """Whether a transaction was undone because others stood in its way."""
    state = getattr(error.orig, "sqlstate", None)
    return state in GIVEN_UP or "database is locked" in str(error.orig)


def is_worth_another_try(error: DBAPIError) -> bool:
    """The same, or the connection was lost: then what was written may be written already."""
    return error.connection_invalidated or was_given_up(error)
