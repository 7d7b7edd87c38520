"""What ends waits for a call: calls, deadlines and people, kept until the step goes on."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class CallbackSource(StrEnum):
    """What ended a wait."""

    CALL = "call"
    DEADLINE = "deadline"
    PERSON = "person"


class Callback(TenantBase):
    """The one end of a wait; ``payload`` is JSON of the item it brings.

    ``node_id`` and ``run_index`` say which step's wait it ends: there is one for each at most, so
    that a call and the deadline cannot both win. Calls of an execution's own address, which are not
    for one of its waits, have no ``run_index``. ``taken`` once a step went on with it.
    """

    __tablename__ = "callbacks"
    __table_args__ = (
        Index(
            "ux_callbacks_wait",
            "execution_id",
            "node_id",
            "run_index",
            unique=True,
            sqlite_where=text("run_index IS NOT NULL"),
            postgresql_where=text("run_index IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    execution_id: Mapped[str] = mapped_column(
        Id, ForeignKey("executions.id", ondelete="CASCADE"), index=True
    )
    node_id: Mapped[str | None]
    run_index: Mapped[int | None]
    source: Mapped[str] = mapped_column(default=CallbackSource.CALL, server_default="call")
    payload: Mapped[str]
    taken: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float]
