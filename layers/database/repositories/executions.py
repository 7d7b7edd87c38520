"""The executions of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, delete, func, select

from layers.database.models import (
    Callback,
    Event,
    Execution,
    ExecutionSize,
    ExecutionStatus,
    Step,
    StepPart,
    StepStatus,
)
from layers.database.models.executions import FINAL
from layers.database.repositories.scope import Scoped
from layers.database.repositories.workflows import Workflows, WorkflowVersions
from layers.errors import Conflict
from layers.ids import bound_at

OF_EXECUTIONS = (StepPart, Step, Callback, ExecutionSize)
"""What rows of executions are named by; a test compares it with the foreign keys."""


@dataclass(frozen=True)
class ExecutionFilter:
    """What executions have to be like; moments are Unix seconds, ``error`` a part of its text."""

    workflow_id: str | None = None
    status: Sequence[str] = field(default_factory=list)
    manual: bool | None = None
    since: float | None = None
    until: float | None = None
    error: str | None = None


@dataclass(frozen=True)
class Origin:
    """What an execution is one of: its workflow's name and its version's number, if known."""

    workflow_name: str
    version_number: int | None


class Executions(Scoped[Execution]):
    """Executions of one workspace."""

    model = Execution

    def matching(self, wish: ExecutionFilter) -> Select[Execution]:
        """The query of those that a filter finds."""
        query = self.query()
        if wish.workflow_id is not None:
            query = query.where(Execution.workflow_id == wish.workflow_id)
        if wish.status:
            query = query.where(Execution.status.in_(wish.status))
        if wish.manual is not None:
            query = query.where(Execution.manual.is_(wish.manual))
        if wish.since is not None:
            query = query.where(Execution.created_at >= wish.since)
        if wish.until is not None:
            query = query.where(Execution.created_at < wish.until)
        if wish.error:
            query = query.where(Execution.error.icontains(wish.error, autoescape=True))
        return query

    def erase(self, row: Execution) -> None:
        """Delete an execution with its event and steps; raises Conflict unless it has ended.

        The event's key stays for its window, so that the same one starts nothing again.
        """
        if row.status not in FINAL:
            raise Conflict("The execution has not ended yet: cancel it first.")
        self.erase_ended([row.id])

    def erase_ended(self, ids: Sequence[str]) -> int:
        """Delete those of these executions that have ended and that nobody else erases just now.

        What belongs to them goes first and by the set: left to the foreign keys it would be a
        statement for each row of each table. Returns how many there were.
        """
        query = select(Execution.id, Execution.event_id).where(
            Execution.workspace_id == self.workspace_id,
            Execution.id.in_(ids),
            Execution.status.in_(FINAL),
        )
        rows = self.session.execute(query.with_for_update(skip_locked=True)).all()
        ended = [row.id for row in rows]
        if not ended:
            return 0
        for table in OF_EXECUTIONS:
            self.session.execute(delete(table).where(table.execution_id.in_(ended)))
        events = [row.event_id for row in rows]
        self.session.execute(delete(Event).where(Event.id.in_(events)))
        self.session.execute(delete(Execution).where(Execution.id.in_(ended)))
        return len(ended)

    def extent(self) -> tuple[int, float | None]:
        """How many there are, and when the oldest was made."""
        query = select(func.count(), func.min(Execution.created_at)).where(
            Execution.workspace_id == self.workspace_id
        )
        number, oldest = self.session.execute(query).one()
        return number, oldest

    def ended_before(self, moment: float, limit: int, *, failed: bool | None) -> Sequence[str]:
        """The ids of the oldest that ended before ``moment``: failed ones, others, or all for None.

        Only what was begun before is looked at, however many there are since.
        """
        query = select(Execution.id).where(
            Execution.workspace_id == self.workspace_id,
            Execution.id < bound_at(moment),
            Execution.status.in_(FINAL),
            Execution.finished_at < moment,
        )
        if failed is not None:
            is_failed = Execution.status == ExecutionStatus.FAILED
            query = query.where(is_failed if failed else ~is_failed)
        return self.session.scalars(query.order_by(Execution.id).limit(limit)).all()

    def origins(self, rows: Sequence[Execution]) -> dict[str, Origin]:
        """What executions are of, by their ids."""
        versions = WorkflowVersions(self.session, self.workspace_id)
        names = Workflows(self.session, self.workspace_id).names(row.workflow_id for row in rows)
        numbers = versions.numbers([row.version_id for row in rows])
        return {
            row.id: Origin(names.get(row.workflow_id, ""), numbers.get(row.version_id))
            for row in rows
        }

    def newest_with_steps(self, workflow_id: str, node_ids: Sequence[str]) -> str | None:
        """The newest execution of a workflow that ended and in which one of the nodes succeeded."""
        query = (
            select(Execution.id)
            .where(
                Execution.workspace_id == self.workspace_id,
                Execution.workflow_id == workflow_id,
                Execution.status.in_(FINAL),
                select(Step.execution_id)
                .where(
                    Step.execution_id == Execution.id,
                    Step.status == StepStatus.SUCCEEDED,
                    Step.node_id.in_(node_ids),
                )
                .exists(),
            )
            .order_by(Execution.id.desc())
            .limit(1)
        )
        return self.session.scalars(query).one_or_none()

    def newest_of_node(self, workflow_id: str, node_id: str) -> tuple[str, int] | None:
        """The newest execution in which a node ended, and which of its runs was the last."""
        query = (
            select(Step.execution_id, Step.run_index)
            .join(Execution, Execution.id == Step.execution_id)
            .where(
                Execution.workspace_id == self.workspace_id,
                Execution.workflow_id == workflow_id,
                Step.node_id == node_id,
                Step.status.in_((StepStatus.SUCCEEDED, StepStatus.FAILED)),
            )
            .order_by(Execution.id.desc(), Step.run_index.desc())
            .limit(1)
        )
        found = self.session.execute(query).one_or_none()
        return None if found is None else (found.execution_id, found.run_index)
