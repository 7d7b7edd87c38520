"""The executions of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, func, select, update

from layers.database.models import Event, Execution, ExecutionStatus, Step, StepStatus
from layers.database.models.executions import FINAL
from layers.database.repositories.scope import Scoped
from layers.database.repositories.workflows import Workflows, WorkflowVersions
from layers.errors import Conflict
from layers.ids import bound_at


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
        """Delete an execution with its steps; raises Conflict unless it has ended.

        Its event stays without what it brought, so that the same one starts nothing again.
        """
        if row.status not in FINAL:
            raise Conflict("The execution has not ended yet: cancel it first.")
        mine = (Event.workspace_id == self.workspace_id, Event.id == row.event_id)
        self.session.execute(update(Event).where(*mine).values(payload=None, artifact=None))
        self.remove(row)

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

    def with_ids(self, ids: Sequence[str], *, to_erase: bool = False) -> Sequence[Execution]:
        """Those of these ids that are there; ``to_erase`` leaves out what others erase just now."""
        query = self.query().where(Execution.id.in_(ids))
        if to_erase:
            query = query.with_for_update(skip_locked=True)
        return self.session.scalars(query).all()

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
