"""What triggers hold at their providers, or are to hold, or are to give back."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class TriggerAcquisition(TenantBase):
    """One subscription, slot or the like: what is wanted of it, and what is known of it.

    Written with the activation that wants it, or wants it no more, and worked off by schedulers.
    It outlives its trigger and its workflow, because it has to be given back all the same; so it
    has all that takes: ``params`` (JSON), ``timezone``, the credentials and ``route``.
    ``id`` is the key by which the trigger's type knows it.
    """

    __tablename__ = "trigger_acquisitions"
    __table_args__ = (
        Index(
            "ix_trigger_acquisitions_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(Id)
    trigger_id: Mapped[str] = mapped_column(Id, index=True)
    node_id: Mapped[str]
    type: Mapped[str]
    params: Mapped[str]
    timezone: Mapped[str]
    credential_id: Mapped[str | None] = mapped_column(Id)
    credentials: Mapped[str | None]
    """Ids by slot, as JSON, of a trigger with several; None: there is none but the one above."""
    route: Mapped[str | None]
    wanted: Mapped[bool]
    acquired: Mapped[str | None]
    """What ``acquire`` gave, as JSON (``null`` if nothing); None before."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often acquiring was begun: what was never begun need not be released."""
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    due_at: Mapped[float | None]
    """When something is to be done, or the lease of who does it ends; None: nothing is."""
    lease_owner: Mapped[str | None]
    epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[float]
