"""Many rows by one statement on PostgreSQL: each column goes as one array.

A statement for each row would be sent, answered and counted for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Float, Integer, Table

TEXT, NUMBER, INTEGER, BOOLEAN = "text", "double precision", "integer", "boolean"
_MADE: Mapping[str, Callable[[Any], Any]] = {TEXT: str, NUMBER: float, INTEGER: int, BOOLEAN: bool}
"""An array's values have to be of one Python type."""


def kinds_of(table: Table, names: Iterable[str]) -> dict[str, str]:
    """PostgreSQL's types for some columns of a table, by name."""
    return {name: _kind(table.c[name].type) for name in names}


def unnested(kinds: Mapping[str, str], prefix: str = "") -> str:
    """What stands behind FROM for rows that ``as_columns`` gives; the rows are named ``given``.

    ``prefix`` begins the names of the statement's parameters.
    """
    arrays = ", ".join(f"CAST(:{prefix}{name} AS {kind}[])" for name, kind in kinds.items())
    return f"unnest({arrays}) AS given({', '.join(kinds)})"


def as_columns(
    kinds: Mapping[str, str], rows: Sequence[Mapping[str, Any]], prefix: str = ""
) -> dict[str, list[object]]:
    """The same rows column by column, as values of such a statement."""
    return {
        f"{prefix}{name}": [None if row[name] is None else _MADE[kind](row[name]) for row in rows]
        for name, kind in kinds.items()
    }


def _kind(column_type: object) -> str:
    if isinstance(column_type, Boolean):
        return BOOLEAN
    if isinstance(column_type, Float):
        return NUMBER
    return INTEGER if isinstance(column_type, Integer) else TEXT
