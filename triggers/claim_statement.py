"""Statements by which several processes take rows beside each other, none waiting for another."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, TextClause, bindparam, text

PLACE = "{skip locked}"


class ClaimStatement:
    """A statement with a place for ``FOR UPDATE SKIP LOCKED``, which SQLite lacks and needs not.

    There one process writes at a time, anyhow.
    """

    def __init__(self, statement: str, lists: Sequence[str] = ()) -> None:
        """``statement`` has ``{skip locked}`` there; ``lists`` are its parameters after ``IN``."""
        self._plain = self._made(statement, "", lists)
        self._skipping = self._made(statement, "FOR UPDATE SKIP LOCKED", lists)

    @staticmethod
    def _made(statement: str, skip: str, lists: Sequence[str]) -> TextClause:
        made = text(statement.replace(PLACE, skip))
        return made.bindparams(*(bindparam(name, expanding=True) for name in lists))

    def on(self, connection: Connection) -> TextClause:
        """The statement for the database that is connected."""
        return self._plain if connection.dialect.name == "sqlite" else self._skipping
