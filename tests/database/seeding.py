"""Executions as rows, without an engine that runs them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert

from layers.database import Database
from layers.database.models import (
    FINAL,
    Event,
    Execution,
    ExecutionStatus,
    Step,
    StepStatus,
    Workflow,
    Workspace,
)
from layers.ids import bound_at

WORKSPACE = bound_at(1.0)
NOW = 1_790_000_000.0


def workflow_id(number: int = 0) -> str:
    """The id of a workflow of ``seed``."""
    return bound_at(100.0 + number)


def execution_id(number: int) -> str:
    """The id of an execution of ``seed``: made so many seconds before NOW."""
    return bound_at(NOW - number)


def seed(database: Database, statuses: Sequence[str], workflows: int = 1) -> None:
    """A workspace with an execution of each of these statuses, the newest first, a second apart.

    Workflows take turns. What failed says "boom" and its number; every third one is by hand.
    """
    with database.writing() as connection:
        connection.execute(
            insert(Workspace).values(id=WORKSPACE, name="w", sealed_key="k", created_at=1.0)
        )
        of = {"workspace_id": WORKSPACE}
        for number in range(workflows):
            made = {"id": workflow_id(number), "name": "w", "latest_version": 1, **of}
            made |= {"latest_version_id": "v", "created_at": 1.0, "updated_at": 1.0}
            connection.execute(insert(Workflow).values(active=False, **made))
        events, executions, steps = [], [], []
        for number, status in enumerate(statuses):
            at = NOW - number
            name = execution_id(number)
            event = {"id": name, "execution_id": name, "source": "s", "dedup_key": name}
            events.append({**event, "payload": "{}", "artifact": None, "received_at": at, **of})
            is_over = status in FINAL
            execution = {"id": name, "workflow_id": workflow_id(number % workflows)}
            execution |= {"version_id": "v", "event_id": name, "manual": number % 3 == 0}
            execution |= {"status": status, "created_at": at, **of}
            execution["due_at"] = at if status == ExecutionStatus.QUEUED else None
            execution["finished_at"] = at if is_over else None
            failed = status == ExecutionStatus.FAILED
            execution["error"] = f"boom {number}" if failed else None
            executions.append(execution)
            step = {"execution_id": name, "node_id": "n", "run_index": 0, "attempt": 1, **of}
            step |= {"status": StepStatus.SUCCEEDED, "sources": "[]", "started_at": at}
            steps.append(step)
        connection.execute(insert(Event), events)
        connection.execute(insert(Execution), executions)
        connection.execute(insert(Step), steps)
