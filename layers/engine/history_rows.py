"""What nodes remember, on record: claimed by a step, and committed with its success."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, RowMapping, bindparam, text

READ = text(
    "SELECT key, value, previous, at, committed, execution_id, run_index FROM node_history"
    " WHERE workflow_id = :workflow_id AND node_id = :node_id AND key IN :keys"
).bindparams(bindparam("keys", expanding=True))
OPEN = text(
    "SELECT id FROM executions WHERE id IN :ids"
    " AND status NOT IN ('succeeded','failed','cancelled')"
).bindparams(bindparam("ids", expanding=True))
PUT = text(
    "INSERT INTO node_history (workspace_id, workflow_id, node_id, key, value, previous, at,"
    " committed, execution_id, run_index)"
    " VALUES (:workspace_id, :workflow_id, :node_id, :key, NULL, NULL, :now, :claimed,"
    " :execution_id, :run_index) ON CONFLICT DO NOTHING"
)
TAKE = text(
    "UPDATE node_history SET execution_id = :execution_id, run_index = :run_index, at = :now,"
    " committed = :committed, value = :value"
    " WHERE workflow_id = :workflow_id AND node_id = :node_id AND key = :key"
    " AND execution_id = :was_execution AND run_index = :was_run AND committed = :was_committed"
)
TOUCH = text(
    "UPDATE node_history SET at = :now"
    " WHERE workflow_id = :workflow_id AND node_id = :node_id AND key = :key AND committed"
)
COMMIT = text(
    "UPDATE node_history SET committed = :yes, at = :now"
    " WHERE workflow_id = :workflow_id AND node_id = :node_id AND execution_id = :execution_id"
    " AND run_index = :run_index AND NOT committed AND key <> ''"
)
COMMIT_LAST = text(
    "UPDATE node_history SET committed = :yes, at = :now, previous = value, value = :value"
    " WHERE workflow_id = :workflow_id AND node_id = :node_id AND execution_id = :execution_id"
    " AND run_index = :run_index AND NOT committed AND key = ''"
)
GIVE_BACK = text(
    "UPDATE node_history SET committed = :yes, previous = value"
    " WHERE workflow_id = :workflow_id AND node_id = :node_id AND execution_id = :execution_id"
    " AND run_index = :run_index AND NOT committed AND value IS NOT NULL"
)
DROP = text(
    "DELETE FROM node_history"
    " WHERE workflow_id = :workflow_id AND node_id = :node_id AND execution_id = :execution_id"
    " AND run_index = :run_index AND NOT committed"
)
TOO_MANY = text(
    "DELETE FROM node_history WHERE workflow_id = :workflow_id AND node_id = :node_id"
    " AND committed AND key <> '' AND (at, key) <= (SELECT at, key FROM node_history"
    " WHERE workflow_id = :workflow_id AND node_id = :node_id AND committed AND key <> ''"
    " ORDER BY at DESC, key DESC LIMIT 1 OFFSET :most)"
)
TOO_OLD = text(
    "DELETE FROM node_history WHERE workflow_id = :workflow_id AND node_id = :node_id"
    " AND committed AND key <> '' AND at < :oldest"
)
LAST = ""
AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What a node remembers under a key; ``value`` and ``previous`` are JSON text.

    Until it is ``committed`` it is a claim of the step that it names.
    """

    key: str
    value: str | None
    previous: str | None
    at: float
    committed: bool
    execution_id: str
    run_index: int

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``node_history``."""
        return cls(
            key=row["key"],
            value=row["value"],
            previous=row["previous"],
            at=row["at"],
            committed=bool(row["committed"]),
            execution_id=row["execution_id"],
            run_index=row["run_index"],
        )


@dataclass(frozen=True, slots=True)
class Step:
    """Whose claims they are. A retry stands in for the execution that it repeats."""

    workspace_id: str
    workflow_id: str
    node_id: str
    execution_id: str
    run_index: int
    retry_of: str | None = None

    def values(self) -> dict[str, Any]:
        """As parameters of the statements."""
        return {
            "workspace_id": self.workspace_id,
            "workflow_id": self.workflow_id,
            "node_id": self.node_id,
            "execution_id": self.execution_id,
            "run_index": self.run_index,
        }

    def owns(self, row: HistoryRow) -> bool:
        """Say whether this step, or the one that it repeats, has put the row there."""
        if row.run_index != self.run_index:
            return False
        return row.execution_id in (self.execution_id, self.retry_of)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What becomes of a step's claims: facts with its success, nothing with its failure."""

    step: Step
    succeeded: bool
    most: int
    max_age_s: float | None
    last: str | None = None
    """The last value as JSON, where it is to be replaced."""


class Busy(Exception):
    """A step of another execution has claimed some of it, and is not through."""


def seen(connection: Connection, step: Step, keys: Sequence[str], oldest: float) -> set[str]:
    """Those of the keys that are on record, and were seen since ``oldest``."""
    return {
        row.key
        for row in _rows(connection, step, keys)
        if row.committed and row.at >= oldest and not step.owns(row)
    }


def claim(
    connection: Connection, step: Step, keys: Sequence[str], now: float, oldest: float
) -> set[str]:
    """Claim the keys that were not seen since ``oldest`` and return them; raises Busy.

    All of them or, where that raises, none: so nobody waits for somebody who waits.
    """
    # In one order, so that two who claim the same cannot stop each other halfway.
    wanted = sorted(set(keys))
    rows = {row.key: row for row in _rows(connection, step, wanted)}
    _check_others(connection, step, list(rows.values()))
    unseen: set[str] = set()
    for key in wanted:
        row = rows.get(key)
        if row is None:
            _put(connection, step, key, now)
            unseen.add(key)
        elif step.owns(row):
            _take(connection, step, row, now, committed=row.committed, value=row.value)
            unseen.add(key)
        elif not row.committed or row.at < oldest:
            _take(connection, step, row, now, committed=False, value=None)
            unseen.add(key)
        else:
            connection.execute(TOUCH, {**step.values(), "key": key, "now": now})
    return unseen


def last_value(connection: Connection, step: Step) -> str | None:
    """The last value as JSON."""
    row = next(iter(_rows(connection, step, [LAST])), None)
    return None if row is None else row.value


def claim_last(connection: Connection, step: Step, now: float) -> str | None:
    """Claim the last value and return it; raises Busy.

    For a retry it is again what it was before the execution that is repeated.
    """
    row = next(iter(_rows(connection, step, [LAST])), None)
    if row is None:
        _put(connection, step, LAST, now)
        return None
    _check_others(connection, step, [row])
    repeats = row.committed and step.owns(row)
    value = row.previous if repeats else row.value
    _take(connection, step, row, now, committed=False, value=value)
    return value


def settle(connection: Connection, remembered: Sequence[Remembered], now: float) -> None:
    """Make facts of claims, or nothing; called with the steps' own outcome in one transaction."""
    for one in remembered:
        values = {**one.step.values(), "yes": True, "now": now}
        if one.succeeded:
            if one.last is not None:
                connection.execute(COMMIT_LAST, {**values, "value": one.last})
            connection.execute(COMMIT, values)
        connection.execute(GIVE_BACK, values)
        connection.execute(DROP, values)
        if one.succeeded:
            connection.execute(TOO_MANY, {**values, "most": one.most})
            if one.max_age_s is not None:
                connection.execute(TOO_OLD, {**values, "oldest": now - one.max_age_s})


def _rows(connection: Connection, step: Step, keys: Sequence[str]) -> Iterator[HistoryRow]:
    for start in range(0, len(keys), AT_ONCE):
        values = {**step.values(), "keys": list(keys[start : start + AT_ONCE])}
        for row in connection.execute(READ, values).mappings():
            yield HistoryRow.from_mapping(row)


def _check_others(connection: Connection, step: Step, rows: Sequence[HistoryRow]) -> None:
    owners = {row.execution_id for row in rows if not row.committed and not step.owns(row)}
    if owners and connection.execute(OPEN, {"ids": sorted(owners)}).first() is not None:
        raise Busy


def _put(connection: Connection, step: Step, key: str, now: float) -> None:
    values = {**step.values(), "key": key, "now": now, "claimed": False}
    if not connection.execute(PUT, values).rowcount:
        raise Busy


def _take(
    connection: Connection,
    step: Step,
    row: HistoryRow,
    now: float,
    *,
    committed: bool,
    value: str | None,
) -> None:
    was = {
        "was_execution": row.execution_id,
        "was_run": row.run_index,
        "was_committed": row.committed,
    }
    given = {"key": row.key, "now": now, "committed": committed, "value": value}
    if not connection.execute(TAKE, {**step.values(), **was, **given}).rowcount:
        raise Busy
