"""What a workspace lets its Python steps bring."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class WorkspacePackagePolicy(TenantBase):
    """The package policy of a workspace, one row at most; ``policy`` is JSON text."""

    __tablename__ = "workspace_package_policies"

    workspace_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    policy: Mapped[str]
    updated_at: Mapped[float]
