"""No question that is asked again and again reads through what has ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from billing.limits.on_hold import workspaces_on_hold
from billing.limits.too_much import OLD, OLDEST
from billing.usage.reservations import USED_BY_EXECUTION, USED_IN_MONTH
from billing.usage.storage import UNMEASURED, open_and_measured
from layers.database import Database
from layers.database.models import Execution
from layers.database.repositories.erasing import erase_ended
from layers.database.repositories.execution_search import ExecutionFilter
from layers.database.repositories.executions import Executions
from layers.database.repositories.figures import ACCEPTED, ENDED, open_executions
from layers.database.repositories.scope import Window
from layers.database.repositories.workflow_overview import Overview
from layers.engine import event_keys
from layers.engine.lease import due_executions
from layers.engine.reconcile import reconcile
from tests.database.seeding import NOW, WORKSPACE, execution_id, seed, workflow_id
from triggers.housekeeping.forgotten import WANTED

GROWS = frozenset(
    {"executions", "events", "steps", "usage_ledger", "event_keys", "execution_sizes"}
)
SMALL = frozenset(
    {
        *("ix_executions_due", "ix_executions_open", "ix_executions_held_for"),
        "ix_executions_waiting",
    }
)
"""Indexes of open executions only: they may be read whole."""
W = workflow_id()
OLDER = {"workspace_id": WORKSPACE, "bound": execution_id(9), "before": NOW - 9, "most": 9}
USED = {"workspace_id": WORKSPACE, "workflow_id": W, "execution_id": execution_id(0)}
USED |= {"meters": ["ai_cost"], "start": NOW, "first_hour": NOW + 9}


def searched(**wish: Any) -> Callable[[Session], object]:
    def work(session: Session) -> object:
        return Executions(session, WORKSPACE).search(ExecutionFilter(**wish), Window())

    return work


def asked(work: Callable[[Connection], object]) -> Callable[[Session], object]:
    return lambda session: work(session.connection())


def of_executions(work: Callable[[Executions], object]) -> Callable[[Session], object]:
    return lambda session: work(Executions(session, WORKSPACE))


QUESTIONS: Mapping[str, Callable[[Session], object]] = {
    "list": searched(),
    "list by status": searched(status=["waiting"]),
    "list by statuses": searched(status=["failed", "cancelled"]),
    "list by success": searched(status=["succeeded"]),
    "list by workflow": searched(workflow_id=W),
    "list by workflow and status": searched(workflow_id=W, status=["waiting"]),
    "list by hand": searched(manual=True),
    "list by error": searched(error="nothing"),
    "list by time": searched(since=NOW - 9, until=NOW),
    "home page": lambda session: Overview(session, WORKSPACE, [W]),
    "retention page": of_executions(Executions.extent),
    "newest of a node": of_executions(lambda found: found.newest_of_node(W, "n")),
    "newest with steps": of_executions(lambda found: found.newest_with_steps(W, ["n"])),
    "pruner": of_executions(lambda found: found.ended_before(NOW, 9, failed=None)),
    "erasing": asked(lambda found: erase_ended(found, WORKSPACE, [execution_id(1)])),
    "keys": asked(lambda found: event_keys.expire(found, NOW, 9)),
    "sweeper": asked(lambda found: due_executions(found, NOW, 9)),
    "forgotten": asked(lambda found: reconcile(found, "", NOW, 9)),
    "anything to forget": asked(lambda found: found.execute(text(f"SELECT 1 WHERE {WANTED}"))),
    "held": asked(workspaces_on_hold),
    "metrics": asked(open_executions),
    "totals accepted": asked(
        lambda found: found.execute(ACCEPTED, {"from": execution_id(9), "to": execution_id(0)})
    ),
    "totals ended": asked(lambda found: found.execute(ENDED, {"since": NOW - 1, "to": NOW})),
    "storage, what has ended since": asked(
        lambda found: found.execute(UNMEASURED, {"since": NOW - 1, "batch": 9})
    ),
    "storage, by workspace": asked(open_and_measured),
    "older than a plan keeps": asked(
        lambda found: [found.execute(one, OLDER) for one in (OLD, OLDEST)]
    ),
    "budget of an execution": asked(lambda found: found.execute(USED_BY_EXECUTION, USED)),
    "budget of a month": asked(lambda found: found.execute(USED_IN_MONTH, USED)),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_index_answers(database: Database, question: str) -> None:
    seed(database, ["succeeded", "failed", "queued"] * 30)
    assert read_through(database, QUESTIONS[question]) == []


@pytest.mark.parametrize(
    "question",
    ["list by workflow", "list by workflow and status", "newest of a node", "newest with steps"],
)
def test_a_quiet_workflow_is_not_looked_for_among_all(database: Database, question: str) -> None:
    seed(database, ["succeeded", "failed"] * 30, workflows=2)
    statements: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:
        statements.append((given[2], given[3]))

    with database.write() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        QUESTIONS[question](session)
        event.remove(database.engine, "before_cursor_execute", note)
        words = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        connection = session.connection()
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        statement, values = statements[0]
        rows = connection.exec_driver_sql(f"{words} {statement}", values)
        plan = " ".join(row[-1] for row in rows)
        session.rollback()
    assert "ix_executions_workspace" not in plan
    if database.is_sqlite:
        assert "ix_executions_workflow" in plan


def test_a_question_without_an_index_is_noticed(database: Database) -> None:
    seed(database, ["succeeded"] * 30)
    for condition in (Execution.crashes == 7, Execution.error.is_not(None)):
        statement = Execution.__table__.select().where(condition)
        assert read_through(database, asked(lambda found, s=statement: found.execute(s))) != []


def read_through(database: Database, work: Callable[[Session], object]) -> list[str]:
    """The steps of plans that read a table that grows, or an index of it, from end to end."""
    statements: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:
        statements.append((given[2], given[3]))

    with database.write() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        work(session)
        event.remove(database.engine, "before_cursor_execute", note)
        connection = session.connection()
        of_kind = _on_sqlite if database.is_sqlite else _on_postgres
        found = [line for given in statements for line in of_kind(connection, *given)]
        session.rollback()
    assert statements
    return found


def _on_sqlite(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    names = {name.split("_")[0]: name for name in GROWS}
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
        words = row.detail.split()
        if words[0] == "SCAN" and not SMALL.intersection(words) and _is_table(words[1], statement):
            yield f"{row.detail} in {statement} {names}"


def _is_table(name: str, statement: str) -> bool:
    return any(f"{table} {name}" in statement or table == name for table in GROWS)


def _on_postgres(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    # So few rows are read faster without an index: that is not what is asked here.
    for way in ("seqscan", "sort", "bitmapscan"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).one()
    top = plan if isinstance(plan, list) else json.loads(plan)
    for node in _nodes(top[0]["Plan"]):
        table, index = node.get("Relation Name"), node.get("Index Name")
        is_narrow = "Index Cond" in node or "TID Cond" in node or index in SMALL
        reads = node["Node Type"].endswith("Scan")
        if reads and table in GROWS and not is_narrow:
            yield f"{node} in {statement}"


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for one in plan.get("Plans", ()):
        yield from _nodes(one)
