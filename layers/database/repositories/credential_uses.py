"""Which workflows name a credential."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from layers.database.models import Workflow, WorkflowDraft, WorkflowVersion

MOST = 200


def users_of(session: Session, workspace_id: str, credential_id: str) -> Sequence[Workflow]:
    """Workflows whose newest or active version or draft names a credential, by name."""
    named = f"%{credential_id}%"
    versions = select(WorkflowVersion.id).where(
        WorkflowVersion.workspace_id == workspace_id, WorkflowVersion.definition.like(named)
    )
    drafts = select(WorkflowDraft.workflow_id).where(
        WorkflowDraft.workspace_id == workspace_id, WorkflowDraft.document.like(named)
    )
    query = (
        select(Workflow)
        .where(
            Workflow.workspace_id == workspace_id,
            Workflow.deleted_at.is_(None),
            or_(
                Workflow.latest_version_id.in_(versions),
                Workflow.active_version_id.in_(versions),
                Workflow.id.in_(drafts),
            ),
        )
        .order_by(Workflow.name, Workflow.id)
        .limit(MOST)
    )
    return session.scalars(query).all()
