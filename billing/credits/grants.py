"""Prepaid credits: granted or bought, used for overage, expiring. Treadle's own ledger.

Amounts are in the minor unit of a currency. A grant is never changed: what was used of it, given
back or voided is a row of its own, so that its history can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, text

from layers.ids import new_id

Category = Literal["paid", "promotional"]
PAID_FOR_S = 365 * 86_400.0
"""What is bought expires after a year."""
INSERT = text(
    "INSERT INTO credit_grants (id, workspace_id, category, currency, amount, reason,"
    " effective_at, expires_at, invoice_id, created_by, created_at, is_applied)"
    " VALUES (:id, :workspace_id, :category, :currency, :amount, :reason, :effective_at,"
    " :expires_at, :invoice_id, :created_by, :now, :no)"
    " ON CONFLICT (invoice_id) DO NOTHING"
)
LEFT = (
    "SELECT g.*, g.amount - coalesce((SELECT sum(u.amount) FROM credit_uses u"
    " WHERE u.grant_id = g.id), 0) AS amount_left FROM credit_grants g"
    " WHERE g.workspace_id = :workspace_id"
)
ALL = text(LEFT + " ORDER BY g.created_at DESC, g.id DESC")
USABLE = text(
    LEFT + " AND g.currency = :currency AND g.effective_at <= :now"
    " AND (g.expires_at IS NULL OR g.expires_at > :now)"
    # Soonest to expire first; then what was given away before what was paid; then the oldest.
    " ORDER BY CASE WHEN g.expires_at IS NULL THEN 1 ELSE 0 END, g.expires_at,"
    " CASE WHEN g.category = 'promotional' THEN 0 ELSE 1 END, g.created_at, g.id"
)
ANY = text("SELECT 1 FROM credit_grants WHERE workspace_id = :workspace_id LIMIT 1")
USE = text(
    "INSERT INTO credit_uses (id, grant_id, workspace_id, kind, amount, item_id, created_at)"
    " VALUES (:id, :grant_id, :workspace_id, :kind, :amount, :item_id, :now)"
)
COVERED = text(
    "SELECT item_id, sum(amount) AS amount FROM credit_uses"
    " WHERE workspace_id = :workspace_id AND item_id IS NOT NULL GROUP BY item_id"
)
USED_FOR = text(
    "SELECT grant_id, sum(amount) AS amount FROM credit_uses WHERE item_id = :item_id"
    " GROUP BY grant_id ORDER BY max(created_at) DESC, grant_id DESC"
)
HISTORY = text(
    "SELECT u.*, g.currency, g.category, i.limit_name, i.month_start FROM credit_uses u"
    " JOIN credit_grants g ON g.id = u.grant_id LEFT JOIN invoice_items i ON i.id = u.item_id"
    " WHERE u.workspace_id = :workspace_id ORDER BY u.created_at DESC, u.id DESC LIMIT 200"
)
OF_INVOICE = text(LEFT + " AND g.invoice_id = :invoice_id")
VOIDED = text(
    "SELECT coalesce(sum(amount), 0) FROM credit_uses"
    " WHERE grant_id = :grant_id AND kind = 'voided'"
)
LOCK = text(
    "SELECT workspace_id FROM billing_accounts WHERE workspace_id = :workspace_id FOR UPDATE"
)


@dataclass(frozen=True)
class Grant:
    """Credits to be given. ``expires_at`` None: never; ``invoice_id`` is that of a purchase."""

    workspace_id: str
    category: Category
    currency: str
    amount: int
    reason: str
    effective_at: float
    expires_at: float | None
    invoice_id: str | None = None
    created_by: str | None = None


def give(connection: Connection, grant: Grant, now: float) -> str | None:
    """Give credits; returns the grant's id, or None where this purchase is on record already."""
    values = {**vars(grant), "id": new_id(), "now": now, "no": False}
    if not connection.execute(INSERT, values).rowcount:
        return None
    return str(values["id"])


def grants_of(connection: Connection, workspace_id: str) -> Sequence[Row[Any]]:
    """All grants, the newest first, with ``amount_left``: what is neither used nor voided."""
    return connection.execute(ALL, {"workspace_id": workspace_id}).all()


def usable(
    connection: Connection, workspace_id: str, currency: str, now: float
) -> Sequence[Row[Any]]:
    """The grants that hold now, in the order in which they are used."""
    values = {"workspace_id": workspace_id, "currency": currency, "now": now}
    return [row for row in connection.execute(USABLE, values) if row.amount_left > 0]


def balance(connection: Connection, workspace_id: str, currency: str, now: float) -> int:
    """What can be used now."""
    return sum(int(row.amount_left) for row in usable(connection, workspace_id, currency, now))


def history_of(connection: Connection, workspace_id: str) -> Sequence[Row[Any]]:
    """What was used, given back and voided, the newest first."""
    return connection.execute(HISTORY, {"workspace_id": workspace_id}).all()


def has_any(connection: Connection, workspace_id: str) -> bool:
    """Whether a workspace was ever given credits."""
    return connection.execute(ANY, {"workspace_id": workspace_id}).first() is not None


def lock(connection: Connection, workspace_id: str) -> None:
    """Have the workspace's credits to oneself until the transaction ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(LOCK, {"workspace_id": workspace_id})


def covered(connection: Connection, workspace_id: str) -> dict[str, int]:
    """What credits pay of each item of overage."""
    rows = connection.execute(COVERED, {"workspace_id": workspace_id})
    return {row.item_id: int(row.amount) for row in rows}


def use(connection: Connection, item: Row[Any], amount: int, now: float) -> int:
    """Use up to ``amount`` for an item of overage; returns how much there was."""
    rest = amount
    for grant in usable(connection, item.workspace_id, item.currency, now):
        if not rest:
            break
        taken = min(rest, int(grant.amount_left))
        _write(connection, grant.id, item, "used", taken, now)
        rest -= taken
    return amount - rest


def give_back(connection: Connection, item: Row[Any], amount: int, now: float) -> None:
    """Give back what was used for an item, the last first."""
    for row in connection.execute(USED_FOR, {"item_id": item.id}).all():
        back = min(amount, int(row.amount))
        if back > 0:
            _write(connection, row.grant_id, item, "returned", -back, now)
            amount -= back


def void_unused(
    connection: Connection, workspace_id: str, invoice_id: str, amount: int, now: float
) -> int:
    """Void of a purchase that was paid back what is unused, at most so much; returns that.

    Done again for the same repayments it voids no more: ``amount`` is all that was ever paid back.
    """
    lock(connection, workspace_id)
    values = {"workspace_id": workspace_id, "invoice_id": invoice_id}
    grant = connection.execute(OF_INVOICE, values).one_or_none()
    if grant is None:
        return 0
    voided = connection.execute(VOIDED, {"grant_id": grant.id}).scalar_one()
    taken = min(amount - int(voided), int(grant.amount_left))
    if taken <= 0:
        return 0
    values = {"id": new_id(), "grant_id": grant.id, "workspace_id": workspace_id}
    connection.execute(
        USE, {**values, "kind": "voided", "amount": taken, "item_id": None, "now": now}
    )
    return taken


def _write(
    connection: Connection, grant_id: str, item: Row[Any], kind: str, amount: int, now: float
) -> None:
    values = {"id": new_id(), "grant_id": grant_id, "workspace_id": item.workspace_id}
    values |= {"kind": kind, "amount": amount, "item_id": item.id, "now": now}
    connection.execute(USE, values)
