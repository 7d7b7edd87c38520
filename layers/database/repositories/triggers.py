"""The registered triggers of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, bindparam, func, select, update

from layers.database.changes import Kind, note_lists
from layers.database.models import Execution, Trigger, TriggerState, WorkflowVersion
from layers.database.repositories.execution_search import NEWEST, of_workflow
from layers.database.repositories.scope import Scoped


class Triggers(Scoped[Trigger]):
    """Triggers of workflows that are or were active."""

    model = Trigger

    def matching(self, workflow_id: str | None, state: str | None) -> Select[Trigger]:
        """Those of a workflow, and in a state; None: all."""
        query = self.query()
        if workflow_id is not None:
            query = query.where(Trigger.workflow_id == workflow_id)
        if state is not None:
            query = query.where(Trigger.state == state)
        return query

    def definitions(self, rows: Sequence[Trigger]) -> dict[str, str]:
        """The definitions (JSON text) that the triggers are of, by version."""
        query = select(WorkflowVersion.id, WorkflowVersion.definition).where(
            WorkflowVersion.workspace_id == self.workspace_id,
            WorkflowVersion.id.in_({row.version_id for row in rows}),
        )
        return {row.id: row.definition for row in self.session.execute(query)}

    def last_started(self, ids: Sequence[str]) -> dict[str, float]:
        """When each of these triggers last started an execution, in seconds since 1970, by its id.

        Runs by hand and retries do not count. A trigger that started none of its workflow's newest
        executions, or none that is still kept, is missing.
        """
        newest = (
            select(Execution.created_at, Execution.trigger_node_id, Execution.manual)
            .where(
                *of_workflow(self.workspace_id, Trigger.workflow_id),
                Execution.retry_of.is_(None),
            )
            .correlate(Trigger)
            .order_by(Execution.id.desc())
            .limit(NEWEST)
            .subquery()
        )
        last = (
            select(func.max(newest.c.created_at))
            .where(newest.c.trigger_node_id == Trigger.node_id, newest.c.manual.is_(False))
            .correlate(Trigger)
            .scalar_subquery()
        )
        query = select(Trigger.id, last.label("at")).where(
            Trigger.workspace_id == self.workspace_id, Trigger.id.in_(ids)
        )
        return {row.id: row.at for row in self.session.execute(query) if row.at is not None}


@dataclass(frozen=True)
class Refused:
    """Requests that a webhook did not take: how many more, and when and why the last time."""

    trigger_id: str
    count: int
    at: float
    reason: str


def add_refusals(connection: Connection, found: Sequence[Refused]) -> None:
    """Add to what the triggers' rows count."""
    query = (
        update(Trigger)
        .where(Trigger.id == bindparam("trigger"))
        .values(
            refused=Trigger.refused + bindparam("more"),
            last_refused_at=bindparam("at"),
            last_refusal=bindparam("reason"),
        )
    )
    rows = [
        {"trigger": one.trigger_id, "more": one.count, "at": one.at, "reason": one.reason}
        for one in found
    ]
    connection.execute(query, rows)
    ids = [one.trigger_id for one in found]
    concerned = select(Trigger.workspace_id).where(Trigger.id.in_(ids)).distinct()
    note_lists(connection, Kind.TRIGGERS, connection.scalars(concerned))


def overdue(connection: Connection, moment: float) -> int:
    """How many triggers of the instance should have been looked at before ``moment``."""
    query = select(func.count()).where(
        Trigger.state != TriggerState.STOPPED, Trigger.due_at < moment
    )
    return connection.execute(query).scalar_one()
