"""Whom the paths of webhooks belong to."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import TenantBase


class WebhookPath(TenantBase):
    """A path that a workspace's webhooks listen at, or did until ``listened_until``.

    ``path`` is as paths are compared; ``parts`` is how many parts it has. ``listened_until`` is
    None while any of the workspace's triggers listens there.
    """

    __tablename__ = "webhook_paths"

    path: Mapped[str] = mapped_column(primary_key=True)
    parts: Mapped[int]
    listened_until: Mapped[float | None]
