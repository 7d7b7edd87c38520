"""What lists tell of workflows beside themselves."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.database.models import Execution, Trigger, TriggerState, Workflow


class Overview:
    """The triggers that start these workflows, and their newest executions, by workflow."""

    def __init__(self, session: Session, workspace_id: str, workflow_ids: list[str]) -> None:
        self.trigger_types: dict[str, list[str]] = {}
        triggers = select(Trigger.workflow_id, Trigger.type).where(
            Trigger.workspace_id == workspace_id,
            Trigger.workflow_id.in_(workflow_ids),
            Trigger.state != TriggerState.STOPPED.value,
        )
        for row in session.execute(triggers.order_by(Trigger.node_id)):
            self.trigger_types.setdefault(row.workflow_id, []).append(row.type)
        # One look into an index for each workflow, however many executions it has.
        newest = (
            select(Execution.id)
            .where(Execution.workflow_id == Workflow.id)
            .order_by(Execution.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        ids = select(newest).where(
            Workflow.workspace_id == workspace_id, Workflow.id.in_(workflow_ids)
        )
        found = [one for one in session.scalars(ids) if one is not None]
        self.last_executions: dict[str, Execution] = {
            row.workflow_id: row
            for row in session.scalars(select(Execution).where(Execution.id.in_(found)))
        }
