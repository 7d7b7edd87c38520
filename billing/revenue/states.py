"""The states that a subscription went through, from what Stripe says of it: pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from billing.accounts import account_state

Object = Mapping[str, Any]

PAYING = frozenset({"active", "past_due"})
"""Counts towards the recurring revenue, once something was paid: Stripe's definition
(https://docs.stripe.com/billing/subscriptions/analytics/glossary)."""


@dataclass(frozen=True)
class State:
    """What a subscription is from ``at`` on; the columns of ``subscription_changes``."""

    subscription_id: str
    at: float
    status: str
    plan: str | None
    plan_number: int | None
    interval: str
    currency: str
    seats: int
    amount: int
    discount: int
    first_paid_at: float | None = None
    ends_at: float | None = None
    reason: str | None = None

    @property
    def mrr(self) -> int:
        """What it brings in a month, in minor units; 0 while it does not count."""
        if self.status not in PAYING or self.first_paid_at is None:
            return 0
        return monthly(self.amount - self.discount, self.interval)


@dataclass(frozen=True)
class KnownTimes:
    """What is known about when things happened, beside Stripe's objects.

    At ``before`` everything was read last, so that whatever differs from then happened since;
    ``event_at`` is when the newest event about the customer was made, ``refused_at`` when the last
    payment failed.
    """

    before: float
    now: float
    event_at: float | None = None
    refused_at: float | None = None


def monthly(amount: int, interval: str) -> int:
    """An interval's amount for a month: a twelfth of a year's, rounded half up."""
    return (2 * amount + 12) // 24 if interval == "year" else amount


def states_since(
    last: State | None,
    subscription: Object,
    discount: int,
    invoices: Sequence[Object],
    times: KnownTimes,
) -> list[State]:
    """The states that came after ``last``; none where nothing has changed.

    ``discount`` is what coupons take off each interval.

    Read again the same, there is none: so reading twice, or events out of order, add nothing.
    """
    own = [one for one in invoices if _subscription_of(one) == subscription["id"]]
    now = _current(subscription, discount, own, times.now)
    return list(_in_order(_steps(last, now, subscription, own, times), last))


def vanished(last: State, times: KnownTimes) -> State:
    """The end of a subscription that Stripe does not have any more."""
    is_told = times.event_at is not None and times.before < times.event_at <= times.now
    at = times.event_at if is_told and times.event_at is not None else times.now
    return replace(
        last, at=max(at, last.at), status="canceled", ends_at=None, reason="customer_deleted"
    )


def _steps(
    last: State | None, now: State, subscription: Object, own: Sequence[Object], times: KnownTimes
) -> Iterator[State]:
    unpaid = replace(now, first_paid_at=None, ends_at=None, reason=None)
    if last is None:
        began = "trialing" if subscription["trial_start"] else "incomplete"
        last = replace(unpaid, at=float(subscription["start_date"]), status=began)
        if began == "trialing" or now.first_paid_at is None:
            yield last
    if now.first_paid_at is not None and last.first_paid_at is None:
        paid = replace(unpaid, status="active", first_paid_at=now.first_paid_at)
        last = replace(paid, at=now.first_paid_at)
        yield last
    if replace(now, at=0.0) != replace(last, at=0.0):
        yield replace(now, at=_changed_at(last, now, subscription, own, times))


def _in_order(states: Iterator[State], last: State | None) -> Iterator[State]:
    """The states, none before the one that it follows."""
    earliest = -math.inf if last is None else last.at
    for one in states:
        earliest = max(earliest, one.at)
        yield replace(one, at=earliest)


def _changed_at(
    last: State, now: State, subscription: Object, own: Sequence[Object], times: KnownTimes
) -> float:
    """When it became what it is now: what Stripe dates, else the newest event, else now."""
    if now.status != last.status:
        found = _status_changed_at(now.status, subscription, own, times)
        if found is not None:
            return found
    known: list[float | None] = []
    if _terms(now) != _terms(last):
        billed = [one["created"] for one in own if one["billing_reason"] == "subscription_update"]
        known += [max(billed, default=None)]
        known += [account_state.seat_item(subscription)["current_period_start"]]
    elif now.ends_at is not None and now.ends_at != last.ends_at:
        known += [subscription.get("canceled_at")]
    for at in (*known, times.event_at):
        if at is not None and times.before < at <= times.now:
            return float(at)
    return times.now


def _terms(state: State) -> tuple[object, ...]:
    """What is paid for, and how much."""
    return (
        *(state.plan, state.plan_number, state.interval, state.currency, state.seats),
        *(state.amount, state.discount),
    )


def _status_changed_at(
    status: str, subscription: Object, own: Sequence[Object], times: KnownTimes
) -> float | None:
    known: float | None = None
    if status in {"canceled", "incomplete_expired"}:
        known = subscription["ended_at"]
    elif status == "past_due":
        known = min((one["created"] for one in own if one["status"] == "open"), default=None)
    elif status == "active":
        known = max((paid for one in own if (paid := _paid_at(one)) is not None), default=None)
    elif status == "paused":
        known = subscription["trial_end"]
    elif status == "unpaid":
        known = times.refused_at
    return None if known is None else float(known)


def _current(subscription: Object, discount: int, own: Sequence[Object], now: float) -> State:
    columns = account_state.subscription_columns(subscription, own, now)
    plan = account_state.plan_of(subscription)
    details = subscription.get("cancellation_details") or {}
    has_ended = subscription["ended_at"] is not None
    ends_at = subscription.get("cancel_at")
    if ends_at is None and subscription["cancel_at_period_end"]:
        ends_at = columns["period_end"]
    return State(
        subscription_id=subscription["id"],
        at=now,
        status=subscription["status"],
        plan=plan[0] if plan else None,
        plan_number=plan[1] if plan else None,
        interval=columns["interval"],
        currency=columns["currency"],
        seats=columns["seats"],
        amount=columns["amount"],
        discount=discount,
        first_paid_at=_first_paid_at(own),
        ends_at=None if has_ended or ends_at is None else float(ends_at),
        reason=(details.get("reason") or "ended") if has_ended else None,
    )


def _first_paid_at(own: Sequence[Object]) -> float | None:
    paid = [paid for one in own if one["total"] > 0 and (paid := _paid_at(one)) is not None]
    return float(min(paid)) if paid else None


def _paid_at(invoice: Object) -> float | None:
    paid: float | None = (invoice.get("status_transitions") or {}).get("paid_at")
    return paid if invoice["status"] == "paid" else None


def _subscription_of(invoice: Object) -> str | None:
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    found = details.get("subscription")
    return found["id"] if isinstance(found, Mapping) else found
