"""Drafts: what is being edited, before it is published as a version."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class WorkflowDraft(TenantBase):
    """The one draft of a workflow (JSON text), which may be incomplete.

    ``base_version`` is the number of the version that it was begun from; ``revision`` counts its
    saves since then. There is no row while nothing differs from the newest version.
    """

    __tablename__ = "workflow_drafts"

    workflow_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workflows.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int]
    base_version: Mapped[int]
    document: Mapped[str]
    updated_by: Mapped[str | None] = mapped_column(Id)
    updated_at: Mapped[float]
