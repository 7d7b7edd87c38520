"""Which executions a transaction changes: whoever follows them is told when it commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy import Connection

_KEY = "changed executions"


class Announcer(Protocol):
    """Who is told of changes."""

    def before_commit(self, connection: Connection, execution_ids: Sequence[str]) -> None:
        """The transaction has changed these, and commits next."""
        ...

    def after_commit(self, execution_ids: Sequence[str]) -> None:
        """It is committed."""
        ...


def note_changes(connection: Connection, execution_ids: Iterable[str]) -> None:
    """Note that the transaction changes executions that somebody follows."""
    found = connection.info.setdefault(_KEY, {})
    found.update(dict.fromkeys(execution_ids))


def take_changes(connection: Connection) -> Sequence[str]:
    """What was noted since the last call: of a transaction, or of one that failed."""
    return list(connection.info.pop(_KEY, ()))
