"""Workflows and their versions."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, func, select

from layers.database.models import Workflow, WorkflowVersion
from layers.database.repositories.scope import Page, Scoped, Window
from layers.errors import Conflict, NotFound
from layers.ids import new_id


class Workflows(Scoped[Workflow]):
    """The workflows of a workspace that are not deleted."""

    model = Workflow

    def query(self) -> Select[Workflow]:
        """Leave out what is deleted."""
        return super().query().where(Workflow.deleted_at.is_(None))

    def matching(self, part_of_name: str | None, active: bool | None) -> Select[Workflow]:
        """Those with such a part in their name (any case), and active or not; None: all."""
        query = self.query()
        if part_of_name:
            query = query.where(Workflow.name.icontains(part_of_name, autoescape=True))
        if active is not None:
            query = query.where(Workflow.active.is_(active))
        return query

    def names(self, workflow_ids: Iterable[str]) -> dict[str, str]:
        """What workflows are called by their ids, those that are deleted among them."""
        query = select(Workflow.id, Workflow.name).where(
            Workflow.workspace_id == self.workspace_id, Workflow.id.in_(set(workflow_ids))
        )
        return {row.id: row.name for row in self.session.execute(query)}

    def count_active(self, but: str) -> int:
        """How many are active, one of them left out."""
        query = select(func.count()).select_from(
            self.query().where(Workflow.active.is_(True), Workflow.id != but).subquery()
        )
        return self.session.scalars(query).one()

    def lock(self, workflow_id: str) -> Workflow:
        """The workflow, held against other writers until the commit; raises NotFound."""
        self.get(workflow_id)
        query = self.query().where(Workflow.id == workflow_id).with_for_update()
        found = self.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
        if found is None:
            raise NotFound
        return found

    def save(
        self,
        workflow: Workflow,
        definition: str,
        author: str,
        moment: float,
        message: str | None = None,
    ) -> None:
        """Add the next version of a workflow; ``definition`` is JSON text, ``moment`` its time."""
        version = WorkflowVersion(
            id=new_id(),
            workspace_id=self.workspace_id,
            workflow_id=workflow.id,
            number=workflow.latest_version + 1,
            definition=definition,
            created_by=author,
            created_at=moment,
            message=message,
        )
        workflow.latest_version = version.number
        workflow.latest_version_id = version.id
        workflow.updated_at = moment
        self.session.add(workflow)
        self.session.flush()
        self.session.add(version)
        self.session.flush()


class WorkflowVersions(Scoped[WorkflowVersion]):
    """The versions of the workflows of a workspace."""

    model = WorkflowVersion

    def latest(self, workflow: Workflow) -> WorkflowVersion:
        """The version that was saved last; raises Conflict where there is none yet."""
        if not workflow.latest_version:
            raise Conflict("The workflow has no version yet: publish its draft first.")
        return self.get(workflow.latest_version_id)

    def numbered(self, workflow_id: str, number: int) -> WorkflowVersion:
        """One version of a workflow by its number; raises NotFound."""
        query = self.query().where(
            WorkflowVersion.workflow_id == workflow_id, WorkflowVersion.number == number
        )
        found = self.session.scalars(query).one_or_none()
        if found is None:
            raise NotFound("This workflow has no version with that number.")
        return found

    def numbers(self, version_ids: list[str]) -> dict[str, int]:
        """The numbers of several versions by their ids."""
        if not version_ids:
            return {}
        query = select(WorkflowVersion.id, WorkflowVersion.number).where(
            WorkflowVersion.workspace_id == self.workspace_id, WorkflowVersion.id.in_(version_ids)
        )
        return {row.id: row.number for row in self.session.execute(query)}

    def of(self, workflow_id: str, window: Window) -> Page[WorkflowVersion]:
        """One page of a workflow's versions, newest first."""
        query = self.query().where(
            WorkflowVersion.workflow_id == workflow_id, WorkflowVersion.number > 0
        )
        return self.page(window, query)

    def snapshot(
        self, workflow: Workflow, definition: str, author: str, moment: float
    ) -> WorkflowVersion:
        """Keep a definition (JSON text) that is tried out; one that was kept already is found.

        The workflow has to be held (``Workflows.lock``): snapshots are numbered.
        """
        mine = self.query().where(WorkflowVersion.workflow_id == workflow.id)
        newest = self.session.scalars(
            mine.where(WorkflowVersion.number < 0).order_by(WorkflowVersion.number).limit(1)
        ).one_or_none()
        if newest is not None and newest.definition == definition:
            return newest
        return self.add(
            WorkflowVersion(
                id=new_id(),
                workflow_id=workflow.id,
                number=-1 if newest is None else newest.number - 1,
                definition=definition,
                created_by=author,
                created_at=moment,
            )
        )
