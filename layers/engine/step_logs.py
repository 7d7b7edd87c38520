"""What steps print, in the journal: rows whose positions grow, so that readers take what is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, RowMapping, text

from layers import jsontext

PUT_LOGS = text(
    "INSERT INTO step_logs (workspace_id, execution_id, position, node_id, run_index, attempt,"
    " stream, text, created_at) VALUES (:workspace_id, :execution_id, :position, :node_id,"
    " :run_index, :attempt, :stream, :text, :created_at)"
    " ON CONFLICT (execution_id, position) DO NOTHING"
).execution_options(deferred=True)
READ_LOGS = text(
    "SELECT position, node_id, run_index, attempt, stream, text FROM step_logs"
    " WHERE workspace_id = :workspace_id AND execution_id = :id AND position > :after"
    " ORDER BY position LIMIT :limit"
)
# Of the steps that were copied, what their last attempt printed.
COPY_LOGS = text(
    "INSERT INTO step_logs (workspace_id, execution_id, position, node_id, run_index, attempt,"
    " stream, text, created_at) SELECT l.workspace_id, s.execution_id,"
    " ROW_NUMBER() OVER (ORDER BY l.position), l.node_id, l.run_index, l.attempt, l.stream, l.text,"
    " l.created_at FROM step_logs l JOIN steps s ON s.node_id = l.node_id"
    " AND s.run_index = l.run_index AND s.attempt = l.attempt"
    " WHERE l.execution_id = :id AND s.execution_id = :new_id"
)
ALL = 1 << 40
EPOCH_BITS = 40
"""A lease's positions come after those of all leases before, without asking for theirs."""
LINES = "log"
"""The stream in which each piece is a line of its own."""

StepKey = tuple[str, int]
Piece = Mapping[str, str]
"""``{stream, text}``."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """A piece of what an attempt of a step printed."""

    position: int
    node_id: str
    run_index: int
    attempt: int
    stream: str
    text: str

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``step_logs``."""
        return cls(
            row["position"],
            row["node_id"],
            row["run_index"],
            row["attempt"],
            row["stream"],
            jsontext.loads(row["text"]),
        )


class NewPieces:
    """Remembers of each step how much of what it printed was taken."""

    def __init__(self) -> None:
        self._taken: dict[tuple[Any, int], int] = {}

    def of(self, key: object, attempt: int, printed: Sequence[Piece]) -> Iterator[Piece]:
        """What is new in all that an attempt of a step has printed so far.

        That only grows, but its pieces may be cut otherwise at the end.
        """
        taken = self._taken.get((key, attempt), 0)
        left = taken
        for piece in printed:
            new = piece["text"][left:]
            left = max(left - len(piece["text"]), 0)
            if new:
                taken += len(new)
                yield {"stream": piece["stream"], "text": new}
        self._taken[key, attempt] = taken


def read_logs(
    connection: Connection,
    workspace_id: str,
    execution_id: str,
    after: int = -1,
    limit: int = ALL,
) -> list[LogRow]:
    """What steps have printed behind a position, as many pieces as wanted."""
    values = {"workspace_id": workspace_id, "id": execution_id, "after": after, "limit": limit}
    return [LogRow.from_mapping(row) for row in connection.execute(READ_LOGS, values).mappings()]


def by_attempt(rows: Iterable[LogRow]) -> dict[tuple[str, int, int], list[dict[str, str]]]:
    """What each attempt printed, by node, run and attempt; what one stream got is one piece."""
    found: dict[tuple[str, int, int], list[dict[str, str]]] = {}
    for row in rows:
        pieces = found.setdefault((row.node_id, row.run_index, row.attempt), [])
        if pieces and row.stream != LINES and pieces[-1]["stream"] == row.stream:
            pieces[-1]["text"] += row.text
        else:
            pieces.append({"stream": row.stream, "text": row.text})
    return found
