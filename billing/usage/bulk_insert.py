"""Many rows by one statement, handed to the driver as they are: the busiest path of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection


def write_rows(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Run ``statement``, whose values are written ``?``, for each row; returns how many it changed.

    Compiling and naming the values of each row anew would cost more than writing it.
    """
    native = _native(statement, connection.dialect.name)
    return connection.exec_driver_sql(native, list(rows)).rowcount


@cache
def _native(statement: str, dialect: str) -> str:
    return statement if dialect == "sqlite" else statement.replace("?", "%s")
