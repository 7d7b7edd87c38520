"""Finished executions as rows: 30 days, five steps each, 3 % failed, one workspace."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from layers.database import Database
from layers.ids import bound_at

DAYS_S = 30 * 86_400.0
AT_ONCE = 20_000
STEPS = 5
FAILED = 0.03
Row = tuple[object, ...]
OUTPUT = json.dumps({"main": {"items": [{"who": "ada", "n": 2, "email": "ada@example.com"}] * 3}})
COUNTS = '{"input":{"main":3},"output":{"main":3}}'
ERROR = json.dumps({"message": "The service answered 503.", "kind": "http", "node_id": "n4"})
COLUMNS = {
    "events": (
        *("id", "workspace_id", "execution_id", "source", "dedup_key", "payload"),
        "received_at",
    ),
    "executions": (
        *("id", "workspace_id", "workflow_id", "version_id", "event_id", "trigger_node_id"),
        *("manual", "status", "epoch", "crashes", "depth", "active_s", "error", "output"),
        *("created_at", "started_at", "finished_at"),
    ),
    "steps": (
        *("workspace_id", "execution_id", "node_id", "run_index", "status", "attempt"),
        *("position", "sources", "output", "started_at", "finished_at", "counts"),
    ),
}


@dataclass(frozen=True)
class History:
    """What is to have happened, ending at ``until`` (Unix seconds)."""

    workspace_id: str
    workflows: Sequence[tuple[str, str]]
    """Ids of workflows and their versions."""
    executions: int
    until: float


def seed(database: Database, history: History) -> None:
    """Write it, some ten thousand executions in a transaction."""
    for start in range(0, history.executions, AT_ONCE):
        rows = _rows(history, start, min(start + AT_ONCE, history.executions))
        with database.writing() as connection:
            for table, given in rows.items():
                _write(connection, table, given)
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("VACUUM ANALYZE")


def _rows(history: History, start: int, end: int) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    chance = random.Random(start)
    began = history.until - DAYS_S
    for number in range(start, end):
        at = began + DAYS_S * number / history.executions
        name = _id_at(at, chance)
        # A busy one, and others: each one after the first has half as many executions.
        place = min(int(chance.expovariate(0.5)), len(history.workflows) - 1)
        workflow_id, version_id = history.workflows[place]
        failed = chance.random() < FAILED
        of = history.workspace_id
        found["events"].append((name, of, name, f"bench:{workflow_id}", name, OUTPUT, at))
        found["executions"].append(
            (
                *(name, of, workflow_id, version_id, name, "n0", False),
                *("failed" if failed else "succeeded", 1, 0, 0, 0.1),
                *((ERROR, None) if failed else (None, OUTPUT)),
                *(at, at, at + 0.2),
            )
        )
        found["steps"].extend(_steps(of, name, at, failed=failed))
    return found


def _steps(workspace_id: str, name: str, at: float, *, failed: bool) -> Iterator[Row]:
    for step in range(STEPS):
        status = "failed" if failed and step == STEPS - 1 else "succeeded"
        sources = f'[["n{step - 1}",0,"main","main"]]' if step else "[]"
        yield (
            *(workspace_id, name, f"n{step}", 0, status, 1, step, sources),
            *(OUTPUT, at + step / 50, at + step / 50 + 0.01, COUNTS),
        )


def _id_at(moment: float, chance: random.Random) -> str:
    """An id that was made then."""
    rest = f"{chance.getrandbits(74):019x}"
    return f"{bound_at(moment)[:13]}-7{rest[:3]}-8{rest[3:6]}-{rest[6:18]}"


def _write(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    columns = COLUMNS[table]
    names = ", ".join(columns)
    driver = connection.connection.driver_connection
    assert driver is not None
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
        return
    with driver.cursor() as cursor:
        # What they name is there: looking it up for each row takes most of the time.
        cursor.execute("SET LOCAL session_replication_role = replica")
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
