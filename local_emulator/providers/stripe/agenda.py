"""What happens by itself as time goes by: each date that is due, in the order of the dates."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from local_emulator.providers.stripe import (
    confirmations,
    invoice_dates,
    lifecycle,
    schedule_dates,
)
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.records import Object

DATES = {
    "subscription_schedule": (schedule_dates.due, schedule_dates.act),
    "subscription": (lifecycle.due, lifecycle.act),
    "invoice": (invoice_dates.due, invoice_dates.act),
    "payment_intent": (confirmations.due, confirmations.act),
}
"""When the next thing is due for an object of a kind (None: nothing ever again by itself, until
somebody changes it), and what happens then. Of one moment the first kind goes first: a phase begins
before the period that is renewed in it."""
RANK = {kind: rank for rank, kind in enumerate(DATES)}
OVER = frozenset(
    {"canceled", "incomplete_expired", "paid", "void", "completed", "released", "succeeded"}
)
"""Statuses that an object never leaves."""


def happen(stripe: StripeEmulator, clock_id: str | None, goal: int) -> Iterator[int]:
    """Let everything happen that is due for a clock until ``goal``, date by date.

    Gives each moment just before what is due then happens, so that a test clock can follow.
    """
    waiting: list[tuple[int, int, int, Object]] = []
    order = 0

    def note(record: Object) -> None:
        nonlocal order
        due, _act = DATES[record["object"]]
        moment = due(stripe, record) if stripe.clock_of(record["customer"]) == clock_id else None
        if moment is not None and moment <= goal:
            order += 1
            heapq.heappush(waiting, (moment, RANK[record["object"]], order, record))

    for one in _watched(stripe):
        note(one)
    while waiting:
        moment, _rank, _order, record = heapq.heappop(waiting)
        due, act = DATES[record["object"]]
        if due(stripe, record) == moment:
            yield moment
            act(stripe, record, moment)
        note(record)
        for one in _newcomers(stripe):
            note(one)


def _watched(stripe: StripeEmulator) -> list[Object]:
    """What may have dates: everything of these kinds that is not over."""
    _newcomers(stripe)
    for object_id in [k for k, one in stripe.watched.items() if _is_over(stripe, one)]:
        del stripe.watched[object_id]
    return list(stripe.watched.values())


def _newcomers(stripe: StripeEmulator) -> list[Object]:
    fresh, stripe.records.fresh = stripe.records.fresh, []
    found = [one for one in fresh if one["object"] in DATES]
    stripe.watched |= {one["id"]: one for one in found}
    return found


def _is_over(stripe: StripeEmulator, record: Object) -> bool:
    kept = stripe.records.find(record["object"], record["id"])
    return kept is not record or record["status"] in OVER
