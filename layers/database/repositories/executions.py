"""The executions of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Subquery, func, select, text
from sqlalchemy.orm import Session

from layers.database.models import Execution, ExecutionStatus, Step, StepStatus, Workspace
from layers.database.models.executions import FINAL
from layers.database.repositories.erasing import erase_ended
from layers.database.repositories.execution_search import (
    IN_STATUS_INDEXES,
    NEWEST,
    ExecutionFilter,
    Found,
    of_workflow,
    search,
)
from layers.database.repositories.scope import Scoped, Window
from layers.database.repositories.workflows import Workflows, WorkflowVersions
from layers.errors import Conflict
from layers.ids import bound_at

ANY_RUNS = text(
    "SELECT 1 FROM executions WHERE workspace_id = :workspace_id"
    " AND status IN ('running','queued') AND due_at IS NOT NULL LIMIT 1"
)
MOST_COUNTED = 10_001
"""Nobody needs to know more exactly how many there are."""


@dataclass(frozen=True)
class Origin:
    """What an execution is one of: its workflow's name and its version's number, if known."""

    workflow_name: str
    version_number: int | None


def workspaces_with_older(session: Session, moment: float) -> set[str]:
    """The workspaces that have executions which began before a moment."""
    older = select(Execution.id).where(
        Execution.workspace_id == Workspace.id, Execution.id < bound_at(moment)
    )
    return set(session.scalars(select(Workspace.id).where(older.exists())))


def execution_exists(connection: Connection, workspace_id: str, execution_id: str) -> bool:
    """Whether a workspace has an execution with this id."""
    query = select(Execution.id).where(
        Execution.id == execution_id, Execution.workspace_id == workspace_id
    )
    return connection.execute(query).first() is not None


class Executions(Scoped[Execution]):
    """Executions of one workspace."""

    model = Execution

    def search(self, wanted: ExecutionFilter, window: Window) -> Found:
        """One page of those that a filter finds."""
        return search(self.session, self.workspace_id, wanted, window)

    def erase(self, row: Execution) -> None:
        """Delete an execution with its event and steps; raises Conflict unless it has ended.

        The event's key stays for its window, so that the same one starts nothing again.
        """
        if row.status not in FINAL:
            raise Conflict("The execution has not ended yet: cancel it first.")
        erase_ended(self.session.connection(), self.workspace_id, [row.id])

    def extent(self) -> tuple[int, float | None]:
        """How many there are, at most MOST_COUNTED, and when the oldest was made."""
        mine = select(Execution.id).where(Execution.workspace_id == self.workspace_id)
        some = mine.limit(MOST_COUNTED).subquery()
        number = self.session.execute(select(func.count()).select_from(some)).scalar_one()
        query = select(Execution.created_at).where(Execution.workspace_id == self.workspace_id)
        oldest = self.session.scalars(query.order_by(Execution.id).limit(1)).one_or_none()
        return number, oldest

    def ended_before(
        self, moment: float, limit: int, *, failed: bool | None, after: str = ""
    ) -> Sequence[Row[str, float | None]]:
        """The oldest that ended before ``moment``, ``id`` and ``finished_at``: failed ones, others,
        or all for None.

        Only what was begun before is looked at, however many there are since, and has a greater
        id than ``after``.
        """
        query = select(Execution.id, Execution.finished_at).where(
            Execution.workspace_id == self.workspace_id,
            Execution.id > after,
            Execution.id < bound_at(moment),
            Execution.finished_at < moment,
        )
        if failed:
            query = query.where(Execution.status == ExecutionStatus.FAILED, IN_STATUS_INDEXES)
        else:
            query = query.where(Execution.status.in_(FINAL))
        if failed is False:
            query = query.where(Execution.status != ExecutionStatus.FAILED)
        return self.session.execute(query.order_by(Execution.id).limit(limit)).all()

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
        """The newest execution of a workflow that ended and in which one of the nodes succeeded.

        Only the newest ones are looked at.
        """
        newest = self._newest(workflow_id)
        query = (
            select(Execution.id)
            .join(newest, newest.c.id == Execution.id)
            .where(
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
        """The newest execution in which a node ended, and which of its runs was the last.

        Only the newest ones are looked at.
        """
        newest = self._newest(workflow_id)
        query = (
            select(Step.execution_id, Step.run_index)
            .join(newest, newest.c.id == Step.execution_id)
            .where(
                Step.node_id == node_id,
                Step.status.in_((StepStatus.SUCCEEDED, StepStatus.FAILED)),
            )
            .order_by(Step.execution_id.desc(), Step.run_index.desc())
            .limit(1)
        )
        found = self.session.execute(query).one_or_none()
        return None if found is None else (found.execution_id, found.run_index)

    def _newest(self, workflow_id: str) -> Subquery:
        query = select(Execution.id).where(*of_workflow(self.workspace_id, workflow_id))
        return query.order_by(Execution.id.desc()).limit(NEWEST).subquery()


def any_runs(connection: Connection, workspace_id: str) -> bool:
    """Whether anything of a workspace runs, or is about to."""
    return connection.execute(ANY_RUNS, {"workspace_id": workspace_id}).first() is not None
