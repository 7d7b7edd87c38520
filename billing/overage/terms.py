"""What a workspace had agreed to pay beyond its plan, now and at any time before."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, text

from billing.accounts.account_row import find_account_row
from billing.limits.entitlements import Entitlements, paid_entitlements
from billing.usage.periods import Period

COLUMNS = (
    *("status", "past_due_since", "usage_anchor", "interval", "currency", "seats"),
    *("plan_version_id", "at_limit", "overage_caps"),
)
HISTORY = text(
    "SELECT t.*, v.data AS plan_data FROM billing_terms t"
    " LEFT JOIN plan_versions v ON v.id = t.plan_version_id"
    " WHERE t.workspace_id = :workspace_id ORDER BY t.since"
)
OVERRIDES = text(
    "SELECT name, value, created_at, expires_at FROM plan_overrides"
    " WHERE workspace_id = :workspace_id ORDER BY created_at, id"
)
LAST = text(
    "SELECT * FROM billing_terms WHERE workspace_id = :workspace_id ORDER BY since DESC LIMIT 1"
)
KEEP = text(
    "INSERT INTO billing_terms (workspace_id, since, "  # noqa: S608 - names of columns
    + ", ".join(COLUMNS)
    + ") VALUES (:workspace_id, :since, "
    + ", ".join(f":{name}" for name in COLUMNS)
    + ") ON CONFLICT (workspace_id, since) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)
)


@dataclass(frozen=True, slots=True)
class OverageTerms:
    """What goes beyond a limit in a month costs ``unit_amount`` each, up to a cap.

    ``unit_amount`` is in the minor unit of ``currency``.
    """

    plan_version_id: str
    currency: str
    unit_amount: Decimal
    included: int
    cap: int
    month: Period

    def beyond(self, used: int) -> int:
        """What of so much usage is to be paid."""
        return min(max(0, used - self.included), self.cap)


def overage_terms(held: Entitlements | None, limit: str) -> OverageTerms | None:
    """The terms of a limit; None where nothing beyond it is to be paid."""
    if held is None or held.plan_version_id is None or held.currency is None:
        return None
    included, cap = held.limit(limit), held.overage_caps.get(limit, 0)
    price = held.plan.overage.get(limit, {}).get(held.currency)
    if included is None or not cap or price is None or held.at_limit.get(limit) != "overage":
        return None
    return OverageTerms(held.plan_version_id, held.currency, price, included, cap, held.period)


class TermsHistory:
    """What held for a workspace at any time, as far as it is known."""

    def __init__(self, connection: Connection, workspace_id: str) -> None:
        values = {"workspace_id": workspace_id}
        self._workspace_id = workspace_id
        self._rows = connection.execute(HISTORY, values).all()
        self._since = [row.since for row in self._rows]
        self._overrides = connection.execute(OVERRIDES, values).all()

    def at(self, moment: float) -> Entitlements | None:
        """What a subscription granted then; None where none did, or nothing is known."""
        index = bisect_right(self._since, moment) - 1
        if index < 0:
            return None
        overrides = _held_at(self._overrides, moment)
        return paid_entitlements(self._workspace_id, self._rows[index], overrides, moment)


def keep_terms(connection: Connection, workspace_id: str, now: float) -> None:
    """Remember what holds from now on, where it differs from what was remembered last."""
    values: dict[str, Any] = {"workspace_id": workspace_id}
    account = find_account_row(connection, workspace_id)
    if account is None:
        return
    last = connection.execute(LAST, values).one_or_none()
    wanted = {name: getattr(account, name) for name in COLUMNS}
    if last is None and account.plan_version_id is None:
        return
    if last is None or any(getattr(last, name) != value for name, value in wanted.items()):
        connection.execute(KEEP, {**values, **wanted, "since": now})


def _held_at(overrides: Sequence[Row[Any]], moment: float) -> list[Row[Any]]:
    return [
        row
        for row in overrides
        if row.created_at <= moment and (row.expires_at is None or row.expires_at > moment)
    ]
