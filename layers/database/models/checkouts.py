"""Pages of Checkout that were begun."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class CheckoutRow(TenantBase):
    """At most one a workspace: who begins another replaces it, and expires its session.

    ``id`` is the idempotency key of its session, ``wish`` a digest of what is to be paid.
    """

    __tablename__ = "checkouts"

    workspace_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(Id)
    wish: Mapped[str]
    session_id: Mapped[str | None]
    """None while it is being made."""
    lease_until: Mapped[float]
    """Until when whoever makes it is not disturbed."""
    created_at: Mapped[float]
