"""The drafts of workflows."""

from __future__ import annotations

from sqlalchemy import select

from layers.database.models import Workflow, WorkflowDraft
from layers.database.repositories.scope import Scoped


class WorkflowDrafts(Scoped[WorkflowDraft]):
    """The drafts of a workspace's workflows."""

    model = WorkflowDraft

    def of(self, workflow_id: str) -> WorkflowDraft | None:
        """The draft of a workflow, if anything differs from its newest version."""
        query = self.query().where(WorkflowDraft.workflow_id == workflow_id)
        return self.session.scalars(query).one_or_none()

    def among(self, workflow_ids: list[str]) -> set[str]:
        """Which of these workflows have a draft."""
        query = select(WorkflowDraft.workflow_id).where(
            WorkflowDraft.workspace_id == self.workspace_id,
            WorkflowDraft.workflow_id.in_(workflow_ids),
        )
        return set(self.session.scalars(query))

    def save(self, workflow: Workflow, document: str, author: str, moment: float) -> WorkflowDraft:
        """Keep a document (JSON text) as the draft's next revision."""
        draft = self.of(workflow.id)
        if draft is None:
            draft = WorkflowDraft(
                workspace_id=self.workspace_id,
                workflow_id=workflow.id,
                revision=0,
                base_version=workflow.latest_version,
            )
            self.session.add(draft)
        draft.revision += 1
        draft.document = document
        draft.updated_by = author
        draft.updated_at = moment
        self.session.flush()
        return draft

    def discard(self, workflow_id: str) -> None:
        """Forget the draft of a workflow, if it has one."""
        draft = self.of(workflow_id)
        if draft is not None:
            self.remove(draft)
