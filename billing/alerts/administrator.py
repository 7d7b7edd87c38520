"""What the administrators of the instance are told about billing: once, in the app and by mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from layers import jsontext
from layers.errors import NotFound
from layers.ids import new_id


@dataclass(frozen=True)
class Kind:
    """A kind of alert in words: what happened, and what to do about it."""

    title: str
    remedy: str


KINDS: dict[str, Kind] = {
    "refused_usage": Kind(
        "Stripe refused usage that is owed",
        "It is tried again. Look at the error; while it lasts, this usage is on no invoice.",
    ),
    "second_subscription": Kind(
        "A workspace paid for a second subscription",
        "The second one was cancelled at once and what was paid for it is paid back."
        " Nothing has to be done unless the refund fails.",
    ),
    "account_unreadable": Kind(
        "An account could not be read from Stripe for an hour",
        "It is tried again. Until then the workspace keeps what it had; look at the error.",
    ),
    "customer_deleted": Kind(
        "A customer was deleted at Stripe",
        "The workspace is on the plan Free; a new customer is made when it subscribes again.",
    ),
    "foreign_subscription": Kind(
        "A customer has a subscription that Treadle did not make",
        "Treadle leaves it alone. End it at Stripe if it is not meant to be paid beside Treadle's.",
    ),
    "refund_failed": Kind(
        "A refund failed",
        "The money is still with Stripe. Pay it back in another way, or try again.",
    ),
    "payment_disputed": Kind(
        "A customer disputes a payment",
        "Answer the dispute in Stripe's dashboard before its deadline.",
    ),
    "housekeeping_failing": Kind(
        "Work on the side fails again and again",
        "It is tried again, ever more seldom, and nothing else waits for it. Look at the error;"
        " the scheduler's log says more.",
    ),
}
"""Every kind of alert. Whoever adds one adds its words in the app, too
(``web/src/rooms/billing/revenue/administrator-alerts-messages.en.ts``)."""

INSERT = text(
    "INSERT INTO instance_alerts (id, kind, key, level, detail, created_at, mail_state,"
    " mail_attempts, mail_due_at) VALUES (:id, :kind, :key, :level, :detail, :now, 'pending', 0,"
    " :now) ON CONFLICT (key) DO NOTHING"
)
NEWEST = text("SELECT * FROM instance_alerts ORDER BY created_at DESC, id DESC LIMIT 100")
THERE = text("SELECT 1 FROM instance_alerts WHERE id = :id")
DISMISS = text(
    "UPDATE instance_alerts SET dismissed_at = :now WHERE id = :id AND dismissed_at IS NULL"
)


DISMISS_TOLD = text(
    "UPDATE instance_alerts SET dismissed_at = :now WHERE key = :key AND dismissed_at IS NULL"
)


def dismiss_told(connection: Connection, key: str, now: float) -> None:
    """Take out of sight what was told under a key: it is no longer so."""
    connection.execute(DISMISS_TOLD, {"key": key, "now": now})


def tell_administrator(
    connection: Connection,
    kind: str,
    key: str,
    level: str,
    detail: Mapping[str, object],
    now: float,
) -> bool:
    """Tell the administrators, unless they were told already; says whether it is new.

    ``kind`` is one of ``KINDS``, ``key`` unique in the instance, ``level`` ``info``, ``warning``
    or ``error``. ``detail`` holds facts as JSON; ``workspace_id`` says whom it is about. It is
    written in the caller's transaction: what is rolled back was never told.
    """
    if kind not in KINDS:
        raise ValueError(f"There is no kind of alert {kind!r}.")
    values = {
        "id": new_id(),
        "kind": kind,
        "key": key,
        "level": level,
        "detail": jsontext.dumps(dict(detail)),
        "now": now,
    }
    return bool(connection.execute(INSERT, values).rowcount)


def administrator_alerts(connection: Connection) -> Sequence[Row[Any]]:
    """The newest hundred alerts of the instance, those that were dismissed included."""
    return connection.execute(NEWEST).all()


def dismiss_administrator_alert(connection: Connection, alert_id: str, now: float) -> None:
    """Take an alert out of sight, for all administrators; raises NotFound."""
    values = {"id": alert_id, "now": now}
    if connection.execute(THERE, values).one_or_none() is None:
        raise NotFound("There is no alert with that id.")
    connection.execute(DISMISS, values)
