"""A workspace's subscription as the API shows it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from billing.accounts.statuses import ALIVE, DAY_S, GRANTS, Action, actions_of
from billing.accounts.trials import Trials
from billing.limits.on_hold import number_on_hold
from billing.overage.month_to_date import NONE, overage_so_far
from billing.plans.plan import plans_in
from billing.usage.reports import limits_used
from functions.http.billing.payer import person_of
from functions.http.billing.plans import granted
from functions.http.billing.subscription_shapes import (
    AppliedDiscount,
    ChargedOut,
    LimitOut,
    ScheduledChangeOut,
    SubscriptionOut,
)
from functions.http.billing.waiting_shapes import waiting_of
from functions.http.shapes import moment
from functions.parts import Parts
from layers import jsontext
from layers.clock import rfc3339
from layers.identity import Caller, Permission
from layers.settings import BillingMode


def _scheduled(parts: Parts, account: Row[Any]) -> ScheduledChangeOut | None:
    if account.scheduled_plan is None:
        return None
    plans = {one.plan: one.name for one in plans_in(parts.settings.billing.plans)}
    return ScheduledChangeOut(
        plan=account.scheduled_plan,
        plan_name=plans.get(account.scheduled_plan, account.scheduled_plan),
        interval=account.scheduled_interval,
        seats=account.scheduled_seats,
        at=moment(account.scheduled_at),
    )


def shown_subscription(parts: Parts, caller: Caller) -> SubscriptionOut:
    """The subscription of the caller's workspace; amounts are null for who may not see money."""
    now = parts.clock.now()
    account = parts.accounts.read(caller.workspace_id)
    entitlements = granted(parts, caller)
    with parts.database.reading() as connection:
        used = limits_used(connection, entitlements, now)
        beyond = overage_so_far(connection, caller.workspace_id, entitlements.period)
        held = number_on_hold(connection, caller.workspace_id)
    grant = GRANTS.get(account.status or "")
    grace = None
    if grant is not None and grant.grace_days and account.past_due_since is not None:
        grace = account.past_due_since + grant.grace_days * DAY_S
    currency = account.currency or parts.settings.billing.currency
    sees_money = caller.may(Permission.BILLING_READ)
    has_plan = account.plan_version_id is not None and account.status in ALIVE
    return SubscriptionOut(
        mode=parts.settings.billing.mode,
        plan=entitlements.plan.plan,
        plan_name=entitlements.plan.name,
        subscribed_plan=account.plan if has_plan else None,
        status=account.status,
        interval=account.interval,
        seats=account.seats,
        amount=account.amount if sees_money else None,
        discount=account.discount if sees_money else None,
        discounts=_discounts(account.discounts) if sees_money else [],
        currency=currency,
        current_period_start=rfc3339(account.period_start),
        current_period_end=rfc3339(account.period_end),
        trial_end=rfc3339(account.trial_end),
        charged=ChargedOut.of(account.payment_methods) if sees_money else None,
        may_try=_may_try(parts, caller, account),
        cancel_at_period_end=bool(account.cancel_at_period_end),
        scheduled_change=_scheduled(parts, account),
        **waiting_of(account, sees_money=sees_money),
        grace_until=rfc3339(grace),
        banner=None if grant is None else grant.banner,
        actions=_actions(parts, caller, account),
        usage_period_start=moment(entitlements.period.start),
        usage_period_end=moment(entitlements.period.end),
        limits=[
            LimitOut.of(one, beyond.get(one.name, NONE), entitlements, currency) for one in used
        ],
        included=dict(entitlements.limits),
        features=dict(entitlements.features),
        held_executions=held,
        synchronized_at=rfc3339(account.synchronized_at),
    )


def _discounts(kept: str | None) -> list[AppliedDiscount]:
    found = jsontext.loads(kept or "[]")
    return [AppliedDiscount(**{**one, "ends_at": rfc3339(one["ends_at"])}) for one in found]


def _may_try(parts: Parts, caller: Caller, account: Row[Any]) -> bool:
    if parts.settings.billing.mode is BillingMode.OFF or account.status in ALIVE:
        return False
    if not any(one.trial_days for one in plans_in(parts.settings.billing.plans)):
        return False
    person = person_of(parts, caller)
    return Trials(parts.accounts).mark(person, trialed=bool(account.trialed)) is not None


def _actions(parts: Parts, caller: Caller, account: Row[Any]) -> list[Action]:
    if parts.settings.billing.mode is BillingMode.OFF or not caller.may(Permission.BILLING_WRITE):
        return []
    may = actions_of(account.status, bool(account.cancel_at_period_end))
    # What was agreed in a contract is changed by those who agreed it.
    by_contract = account.collection_method == "send_invoice"
    return [one for one in may if one != "change" or not by_contract]
