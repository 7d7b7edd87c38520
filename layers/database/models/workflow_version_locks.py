"""The locks of workflow versions: which packages exactly a step runs with."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class WorkflowVersionLock(TenantBase):
    """The lock of one node of one version; like the version itself, it never changes.

    ``lock`` is a requirements file with hashes, ``packages`` the JSON text of its names, versions
    and sizes. ``requirements_sha256`` is of what was asked for, so that the next version can see
    that it asks for the same.
    """

    __tablename__ = "workflow_version_locks"
    __table_args__ = (UniqueConstraint("version_id", "node_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    version_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workflow_versions.id", ondelete="CASCADE"), nullable=False
    )
    node_id: Mapped[str]
    requirements_sha256: Mapped[str]
    lock: Mapped[str]
    lock_sha256: Mapped[str]
    packages: Mapped[str]
    created_at: Mapped[float]
