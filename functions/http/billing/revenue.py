"""What the instance earns, for its administrator: now, in a time, and month by month."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from pydantic import Field

from billing.revenue.figures import Figures, RevenueRecords, Standing
from billing.revenue.months import Span, months_before, months_between
from billing.revenue.movements import RevenueMovement
from billing.revenue.receipts import Receipts
from billing.usage.periods import THIRTY_DAYS_S
from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import InstantOrDay, Moment, Out, moment
from layers.errors import FieldError, InvalidInput, NotAllowed
from layers.identity import Caller, Permission

router = group("instance", "/instance/revenue")

MONTHS = 12
MOST_MONTHS = 60

From = Annotated[
    InstantOrDay | None,
    Query(alias="from", description="A moment or a day (UTC); thirty days ago if left out."),
]
To = Annotated[
    InstantOrDay | None,
    Query(alias="to", description="A moment or a day (UTC), not included; now if left out."),
]
Part = Annotated[float | None, Field(description="A part of one; null where it is of nothing.")]
Amounts = Annotated[dict[str, int], Field(description="In minor units, by currency.")]


class RollOut(Out):
    """How the recurring revenue of a currency moved; what was lost is below zero."""

    opening: int
    new: int
    expansion: int
    contraction: int
    churned: int
    reactivated: int
    closing: int
    gross_churn: Part
    net_churn: Part


class CustomersOut(Out):
    """How the number of those who pay moved."""

    opening: int
    new: int
    reactivated: int
    churned: int
    closing: int


class LostOut(Out):
    """Who paid at the beginning and does not at the end: by will, or for want of payment."""

    voluntary: int
    involuntary: int
    total: int


class TrialsOut(Out):
    """Trials that were decided, by a first payment or an end without one."""

    ended: int
    converted: int
    conversion: Part


class ReceiptsOut(Out):
    """Money that came and went."""

    gross: Amounts
    refunded: Amounts
    net: Amounts
    credited: Amounts
    tax: Amounts
    overage: Amounts
    credits_sold: Amounts
    credits_used: Amounts
    outstanding: Amounts
    uncollectible: Amounts

    @classmethod
    def shown(cls, receipts: Receipts) -> ReceiptsOut:
        """What is told of it."""
        return cls.model_validate(receipts, from_attributes=True)


class FiguresOut(Out):
    """What a time brought; money in minor units by currency, which are never added together."""

    from_: Moment = Field(alias="from", serialization_alias="from")
    to: Moment
    monthly: dict[str, int] = Field(description="Recurring each month (MRR), at the end.")
    arpa: dict[str, int] = Field(description="The same for one who pays, on average.")
    movements: dict[str, RollOut] = Field(description="By currency.")
    customers: CustomersOut
    churned: LostOut
    churn: float | None = Field(description="The part of those who paid and pay no more.")
    trials: TrialsOut
    receipts: ReceiptsOut


class MonthOut(FiguresOut):
    """A month of the calendar, in UTC."""

    month: str = Field(examples=["2026-03"])
    is_over: bool = Field(description="Whether it has ended, so that nothing will change.")


class PlanFigures(Out):
    """One plan's part in it."""

    plan: str
    workspaces: int
    monthly: dict[str, int]
    usage: dict[str, int]


class RevenueOut(FiguresOut):
    """Figures of a time, the last thirty days if not said otherwise, and of months."""

    received: dict[str, int] = Field(description="What was paid, less what was paid back.")
    paying: int
    trialing: int
    past_due: int
    ending: int
    workspaces: int
    new: int = Field(description="First payments.")
    lost: int = Field(description="Those who paid at the beginning and do not at the end.")
    conversion: float | None = Field(description="The part of all workspaces that pays.")
    plans: list[PlanFigures]
    months: list[MonthOut] = Field(
        description="Of the time that was asked for (the last sixty), else the last twelve."
    )


@router.get("", response_model_by_alias=True)
def read_revenue(
    request: Request,
    caller: Annotated[Caller, require(Permission.SELF)],
    since: From = None,
    until: To = None,
) -> RevenueOut:
    """Say what the instance earns; only for its administrator."""
    for_administrator(caller)
    parts = parts_of(request)
    now = parts.clock.now()
    span = span_of(since, until, now)
    whole = months_of(since, span)
    livemode = parts.settings.billing.livemode
    with parts.database.reading() as connection:
        start, end = min(whole.start, span.start), max(whole.end, span.end)
        books = RevenueRecords(connection, livemode, start, end)
        figures = books.figures(span)
        standing = books.standing(span)
        months = books.months(whole.start, whole.end)
    return RevenueOut.model_validate(
        {
            **_figures(figures),
            **_standing(standing),
            "received": figures.receipts.net,
            "new": figures.customers.new,
            "lost": figures.lost.total,
            "months": [
                {**_figures(one), "month": name, "is_over": one.span.end <= now}
                for name, one in months
            ],
        }
    )


def for_administrator(caller: Caller) -> None:
    """Refuse everybody else."""
    if not caller.is_administrator:
        raise NotAllowed("Only the administrator of this instance may do that.")


def span_of(since: datetime | None, until: datetime | None, now: float) -> Span:
    """The time that is asked for; raises InvalidInput."""
    # What happens in this second is in it: Stripe's moments are whole seconds.
    end = math.floor(now) + 1.0 if until is None else until.timestamp()
    start = (now if until is None else end) - THIRTY_DAYS_S if since is None else since.timestamp()
    if end <= start:
        raise InvalidInput(errors=[FieldError("?from", "It has to be before `to`.")])
    return Span(start, end)


def months_of(since: datetime | None, span: Span) -> Span:
    """The whole months that are told of: those of the time, or the last twelve."""
    first = months_before(span.end - 1, MONTHS if since is None else MOST_MONTHS)
    start = first if since is None else max(first, span.start)
    months = months_between(start, span.end)
    return Span(months[0].start, months[-1].end)


def _figures(figures: Figures) -> dict[str, object]:
    return {
        "from": moment(figures.span.start),
        "to": moment(figures.span.end),
        "monthly": figures.closing.total,
        "arpa": figures.arpa,
        "movements": {
            currency: RollOut.model_validate(one, from_attributes=True)
            for currency, one in _sorted(figures.movements)
        },
        "customers": CustomersOut.model_validate(figures.customers, from_attributes=True),
        "churned": LostOut.model_validate(figures.lost, from_attributes=True),
        "churn": figures.churn,
        "trials": TrialsOut.model_validate(figures.trials, from_attributes=True),
        "receipts": ReceiptsOut.shown(figures.receipts),
    }


def _sorted(rolls: dict[str, RevenueMovement]) -> list[tuple[str, RevenueMovement]]:
    return sorted(rolls.items())


def _standing(standing: Standing) -> dict[str, object]:
    names = ("paying", "trialing", "past_due", "ending", "workspaces", "conversion", "plans")
    return {name: getattr(standing, name) for name in names}
