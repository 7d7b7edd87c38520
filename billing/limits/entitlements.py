"""What a workspace may use now: its plan, what of it a subscription's status grants, overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from billing.accounts.statuses import grants_plan
from billing.plans.plan import FREE, OPEN, AtLimit, Plan, plans_in, read_plan
from billing.plans.seats import with_seats
from billing.usage.periods import CALENDAR, Period, month_of
from layers import jsontext
from layers.settings import BillingMode, BillingSettings

_READ_ACCOUNTS = (
    "SELECT w.id AS workspace_id, a.status, a.past_due_since, a.usage_anchor, a.interval,"
    " a.overage_caps, a.at_limit, a.seats, a.currency, a.plan_version_id, v.data AS plan_data,"
    " EXISTS (SELECT 1 FROM plan_overrides o WHERE o.workspace_id = w.id) AS has_overrides"
    " FROM workspaces w LEFT JOIN billing_accounts a ON a.workspace_id = w.id"
    " LEFT JOIN plan_versions v ON v.id = a.plan_version_id"
)
READ_ACCOUNT = text(_READ_ACCOUNTS + " WHERE w.id = :workspace_id")
READ_ACCOUNTS = text(_READ_ACCOUNTS)
_READ_OVERRIDES = (
    "SELECT workspace_id, name, value FROM plan_overrides WHERE name <> 'another_trial'"
    " AND (expires_at IS NULL OR expires_at > :now){} ORDER BY created_at, id"
)
READ_OVERRIDES = text(_READ_OVERRIDES.format(" AND workspace_id = :workspace_id"))
READ_ALL_OVERRIDES = text(_READ_OVERRIDES.format(""))


@dataclass(frozen=True)
class Entitlements:
    """What holds for a workspace at a moment. ``limits`` has None for without limit."""

    workspace_id: str
    plan: Plan
    seats: int
    """For how many the plan is paid: its limits are of all of them together."""
    limits: Mapping[str, int | None]
    features: Mapping[str, bool]
    period: Period
    overage_caps: Mapping[str, int]
    at_limit: Mapping[str, AtLimit]
    plan_version_id: str | None = None
    """The version that a subscription pays for; None where none does."""
    currency: str | None = None
    """In which it is paid for."""
    interval: str | None = None
    """How often it is paid for, ``month`` or ``year``."""

    def limit(self, name: str) -> int | None:
        """How much is included."""
        return self.limits[name]

    def ceiling(self, name: str) -> int | None:
        """How much can be used: what is included, and what the customer wants to pay beyond."""
        included = self.limits[name]
        if included is None or self.at_limit.get(name) != "overage":
            return included
        return included + self.overage_caps.get(name, 0)


def entitlements_of(
    connection: Connection, settings: BillingSettings, workspace_id: str, now: float
) -> Entitlements:
    """Read what a workspace may use now."""
    values = {"workspace_id": workspace_id, "now": now}
    account = connection.execute(READ_ACCOUNT, values).one_or_none()
    has_overrides = account is not None and account.has_overrides
    overrides = connection.execute(READ_OVERRIDES, values).all() if has_overrides else ()
    return _granted(workspace_id, settings, account, overrides, now)


def all_entitlements(
    connection: Connection, settings: BillingSettings, now: float
) -> dict[str, Entitlements]:
    """Read what every workspace of the instance may use now, in two statements."""
    overrides: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(READ_ALL_OVERRIDES, {"now": now}):
        overrides.setdefault(row.workspace_id, []).append(row)
    return {
        row.workspace_id: _granted(
            row.workspace_id, settings, row, overrides.get(row.workspace_id, ()), now
        )
        for row in connection.execute(READ_ACCOUNTS)
    }


def _granted(
    workspace_id: str,
    settings: BillingSettings,
    account: Row[Any] | None,
    overrides: Sequence[Row[Any]],
    now: float,
) -> Entitlements:
    paid = paid_entitlements(workspace_id, account, overrides, now)
    if paid is not None:
        return paid
    plan = free_plan(settings) if settings.mode is BillingMode.ON else OPEN
    return _entitlements(workspace_id, (plan, 1), account, overrides, now, is_paid=False)


def entitled_to(
    connection: Connection, workspace_id: str, plan: Plan, seats: int, now: float
) -> Entitlements:
    """What a workspace could use now on a plan that it may not have: its overrides stay."""
    values = {"workspace_id": workspace_id, "now": now}
    account = connection.execute(READ_ACCOUNT, values).one_or_none()
    overrides = connection.execute(READ_OVERRIDES, values).all()
    is_paid = plan.is_for_sale and account is not None
    return _entitlements(workspace_id, (plan, seats), account, overrides, now, is_paid=is_paid)


def paid_entitlements(
    workspace_id: str, account: Row[Any] | None, overrides: Sequence[Row[Any]], moment: float
) -> Entitlements | None:
    """What a subscription grants at a moment; None where none does.

    ``account`` is a row of an account, or of its terms at that time, with ``plan_data``.
    """
    if account is None or account.plan_data is None:
        return None
    if not grants_plan(account.status, account.past_due_since, moment):
        return None
    of = (read_plan(account.plan_data), account.seats or 1)
    return _entitlements(workspace_id, of, account, overrides, moment, is_paid=True)


def _entitlements(
    workspace_id: str,
    of: tuple[Plan, int],
    account: Row[Any] | None,
    overrides: Sequence[Row[Any]],
    moment: float,
    *,
    is_paid: bool,
) -> Entitlements:
    """``of`` is a plan, and for how many seats it is paid."""
    plan, seats = of
    paid = account if is_paid else None
    anchor = CALENDAR if paid is None or paid.usage_anchor is None else paid.usage_anchor
    limits, features = plan.included
    if seats > 1:
        limits = with_seats(limits, seats)
    if overrides:
        limits, features = {**limits}, {**features}
    for row in overrides:
        if row.name in limits:
            limits[row.name] = jsontext.loads(row.value)
        elif row.name in features:
            features[row.name] = jsontext.loads(row.value)
    return Entitlements(
        workspace_id=workspace_id,
        plan=plan,
        seats=seats,
        limits=limits,
        features=features,
        period=month_of(anchor, moment),
        overage_caps=_object(account, "overage_caps"),
        at_limit={**plan.at_limit, **_chosen(plan, account)},
        plan_version_id=None if paid is None else paid.plan_version_id,
        currency=None if paid is None else paid.currency,
        interval=None if paid is None else paid.interval,
    )


def upgrade_url(public_url: str) -> str:
    """Where a person gets a larger plan."""
    return f"{public_url}/settings/billing"


def free_plan(settings: BillingSettings) -> Plan:
    """What everybody has who has not subscribed."""
    return next(one for one in plans_in(settings.plans) if one.plan == FREE)


def _object(account: Row[Any] | None, name: str) -> dict[str, Any]:
    found = None if account is None else getattr(account, name)
    return {} if found is None else jsontext.loads(found)


def _chosen(plan: Plan, account: Row[Any] | None) -> dict[str, AtLimit]:
    """What the customer chose; overage only where the plan can be paid beyond."""
    chosen = _object(account, "at_limit")
    monthly = account is not None and account.interval == "month"
    return {
        name: choice
        for name, choice in chosen.items()
        if choice != "overage" or (monthly and name in plan.overage)
    }
