"""The locks of workflow versions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text

from layers.database.models import WorkflowVersion, WorkflowVersionLock
from layers.database.repositories.scope import Scoped

# Only into the workspace's own version: the foreign key alone would take any.
KEEP = text(
    "INSERT INTO workflow_version_locks (id, workspace_id, version_id, node_id,"
    " requirements_sha256, lock, lock_sha256, packages, created_at)"
    " SELECT :id, workspace_id, id, :node_id, :requirements_sha256, :lock, :lock_sha256,"
    " :packages, :created_at FROM workflow_versions"
    " WHERE id = :version_id AND workspace_id = :workspace_id"
    " ON CONFLICT (version_id, node_id) DO NOTHING"
)


class WorkflowVersionLocks(Scoped[WorkflowVersionLock]):
    """The locks of the workflow versions of a workspace."""

    model = WorkflowVersionLock

    def of(self, version_id: str) -> Sequence[WorkflowVersionLock]:
        """All locks of a version, by node."""
        query = self.query().where(WorkflowVersionLock.version_id == version_id)
        return self.session.scalars(query.order_by(WorkflowVersionLock.node_id)).all()

    def at(self, version_id: str, node_id: str) -> WorkflowVersionLock | None:
        """The lock of one node of a version, if it has one yet."""
        query = self.query().where(
            WorkflowVersionLock.version_id == version_id, WorkflowVersionLock.node_id == node_id
        )
        return self.session.scalars(query).one_or_none()

    def earlier(
        self, version_id: str, node_id: str, requirements_sha256: str
    ) -> WorkflowVersionLock | None:
        """The newest lock of that node in an earlier version that asked for the same."""
        this = (
            select(WorkflowVersion)
            .where(
                WorkflowVersion.id == version_id,
                WorkflowVersion.workspace_id == self.workspace_id,
            )
            .subquery()
        )
        query = (
            self.query()
            .join(WorkflowVersion, WorkflowVersion.id == WorkflowVersionLock.version_id)
            .join(this, this.c.workflow_id == WorkflowVersion.workflow_id)
            .where(
                WorkflowVersion.number < this.c.number,
                WorkflowVersionLock.node_id == node_id,
                WorkflowVersionLock.requirements_sha256 == requirements_sha256,
            )
            .order_by(WorkflowVersion.number.desc())
            .limit(1)
        )
        return self.session.scalars(query).one_or_none()

    def keep(self, row: WorkflowVersionLock) -> WorkflowVersionLock | None:
        """Store a lock unless that node has one: the first to come is kept, and returned.

        None means that this workspace has no such version.
        """
        values = {
            column.name: getattr(row, column.name)
            for column in WorkflowVersionLock.__table__.columns
        }
        self.session.execute(KEEP, values | {"workspace_id": self.workspace_id})
        return self.at(row.version_id, row.node_id)
