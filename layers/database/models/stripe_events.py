"""Events of Stripe's that were taken, each once."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base, Id


class StripeEvent(Base):
    """An event by its id. Its effect, a request to read the customer again, came with it."""

    __tablename__ = "stripe_events"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    customer_id: Mapped[str | None]
    workspace_id: Mapped[str | None] = mapped_column(Id)
    livemode: Mapped[bool]
    created_at: Mapped[float]
    received_at: Mapped[float]
