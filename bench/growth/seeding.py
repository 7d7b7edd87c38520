"""Finished executions as rows: 30 days, five steps each, 3 % failed, one workspace.

The database makes the rows itself, by the set: a million executions are seven million rows.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, text

from layers.database import Database

DAYS_S = 30 * 86_400.0
AT_ONCE = 50_000
STEPS = 5
FAILED = 0.03
KINDS = 100_003
"""How many pairs of workflow and outcome are drawn; a prime, so that all come in turn."""
A_PAGE = 60
OUTPUT = json.dumps({"main": {"items": [{"who": "ada", "n": 2, "email": "ada@example.com"}] * 3}})
COUNTS = '{"input":{"main":3},"output":{"main":3}}'
ERROR = json.dumps({"message": "The service answered 503.", "kind": "http", "node_id": "n4"})

KINDS_TABLE = """
    CREATE TEMPORARY TABLE seed_kinds (
        place integer PRIMARY KEY, workflow_id text, version_id text, failed integer
    )
"""
SEEDS_TABLE = """
    CREATE TEMPORARY TABLE seeds (id text, at double precision, place bigint)
"""
NUMBERS = {
    "sqlite": """
        WITH RECURSIVE numbers(number) AS (
            SELECT :start UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < :end
        )
    """,
    "postgresql": """
        WITH numbers(number) AS (
            SELECT generate_series(CAST(:start AS bigint), CAST(:end AS bigint) - 1)
        )
    """,
}
MOMENT = "(:began + :days_s * number / :executions)"
IDS = {
    # The time in milliseconds, the version, then chance: what layers.ids makes.
    "sqlite": f"""
        SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(chance, 1, 3)
            || '-8' || substr(chance, 4, 3) || '-' || substr(chance, 7, 12), at, number
        FROM (
            SELECT number, {MOMENT} AS at, printf('%012x', CAST({MOMENT} * 1000 AS integer)) AS ms,
                lower(hex(randomblob(9))) AS chance
            FROM numbers
        ) AS made
    """,
    "postgresql": f"""
        SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(chance, 1, 3)
            || '-8' || substr(chance, 4, 3) || '-' || substr(chance, 7, 12), at, number
        FROM (
            SELECT number, {MOMENT} AS at,
                lpad(to_hex(floor({MOMENT} * 1000)::bigint), 12, '0') AS ms,
                md5(number::text || random()::text) AS chance
            FROM numbers
        ) AS made
    """,
}
EVENTS = """
    INSERT INTO events (id, workspace_id, execution_id, source, dedup_key, payload, received_at)
    SELECT id, :workspace_id, id, 'bench:' || workflow_id, id, :output, at
    FROM seeds JOIN seed_kinds ON seed_kinds.place = seeds.place % :kinds ORDER BY id
"""
EXECUTIONS = """
    INSERT INTO executions (
        id, workspace_id, workflow_id, version_id, event_id, trigger_node_id, manual, status,
        epoch, crashes, depth, active_s, error, output, created_at, started_at, finished_at
    )
    SELECT id, :workspace_id, workflow_id, version_id, id, 'n0', false,
        CASE WHEN failed = 1 THEN 'failed' ELSE 'succeeded' END, 1, 0, 0, 0.1,
        CASE WHEN failed = 1 THEN :error END, CASE WHEN failed = 1 THEN NULL ELSE :output END,
        at, at, at + 0.2
    FROM seeds JOIN seed_kinds ON seed_kinds.place = seeds.place % :kinds ORDER BY id
"""
STEP_ROWS = " UNION ALL ".join(f"SELECT {number} AS step" for number in range(STEPS))
STEP_TABLE = f"""
    INSERT INTO steps (
        workspace_id, execution_id, node_id, run_index, status, attempt, position, sources,
        output, started_at, finished_at, counts
    )
    SELECT :workspace_id, id, 'n' || step, 0,
        CASE WHEN failed = 1 AND step = {STEPS - 1} THEN 'failed' ELSE 'succeeded' END, 1, step,
        CASE WHEN step = 0 THEN '[]' ELSE '[["n' || (step - 1) || '",0,"main","main"]]' END,
        :output, at + step / 50.0, at + step / 50.0 + 0.01, :counts
    FROM seeds JOIN seed_kinds ON seed_kinds.place = seeds.place % :kinds
    CROSS JOIN ({STEP_ROWS}) AS each_step ORDER BY id, step
"""


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
    with database.engine.connect() as connection, _in_haste(connection):
        _draw(connection, history)
        for start in range(0, history.executions, AT_ONCE):
            _write(connection, history, start, min(start + AT_ONCE, history.executions))
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.invalidate()


@contextmanager
def _in_haste(connection: Connection) -> Iterator[None]:
    """Look nothing up that rows name, and wait for no disk: all of it is there, or made anew."""
    sqlite = connection.dialect.name == "sqlite"
    settings = (
        ("PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF")
        if sqlite
        else (
            "SET session_replication_role = replica",
            "SET synchronous_commit = off",
            "SET statement_timeout = 0",
        )
    )
    for setting in settings:
        connection.exec_driver_sql(setting)
    connection.commit()
    try:
        yield
    finally:
        # Nothing else is ever to get a connection that looks nothing up.
        connection.invalidate()


def _draw(connection: Connection, history: History) -> None:
    """A busy workflow, and others: each one after the first has half as many executions.

    The last has a page of them in the shortest history, too, so that both answer with as much.
    """
    chance = random.Random(14)
    last = len(history.workflows) - 1
    kinds = []
    for place in range(KINDS):
        drawn = min(int(chance.expovariate(0.5)), last)
        workflow_id, version_id = history.workflows[last if place < A_PAGE else drawn]
        failed = int(chance.random() < FAILED)
        kinds.append(
            {"place": place, "workflow": workflow_id, "version": version_id, "failed": failed}
        )
    connection.execute(text(KINDS_TABLE))
    connection.execute(
        text("INSERT INTO seed_kinds VALUES (:place, :workflow, :version, :failed)"), kinds
    )
    connection.execute(text(SEEDS_TABLE))
    connection.commit()


def _write(connection: Connection, history: History, start: int, end: int) -> None:
    dialect = connection.dialect.name
    if dialect == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.execute(text("DELETE FROM seeds"))
    connection.execute(
        text(f"INSERT INTO seeds {NUMBERS[dialect]} {IDS[dialect]}"),
        {
            "start": start,
            "end": end,
            "began": history.until - DAYS_S,
            "days_s": DAYS_S,
            "executions": history.executions,
        },
    )
    shared = {"workspace_id": history.workspace_id, "output": OUTPUT, "kinds": KINDS}
    connection.execute(text(EVENTS), shared)
    connection.execute(text(EXECUTIONS), shared | {"error": ERROR})
    connection.execute(text(STEP_TABLE), shared | {"counts": COUNTS})
    connection.commit()
