"""Months of usage: counted from an anchor, in UTC, whatever the calendar's months are."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime

THIRTY_DAYS_S = 30 * 86_400.0
"""What is meant by a month where none is counted: in estimates and figures."""

CALENDAR = 0.0
"""The anchor of those who pay nothing: 1 January 1970, so that their months are the calendar's."""


MOST_KNOWN = 10_000
"""Of so many anchors the month that was asked for last is kept."""


@dataclass(frozen=True)
class Period:
    """From ``start`` on, before ``end``; both in Unix seconds."""

    start: float
    end: float


_known: dict[float, Period] = {}


def boundary(anchor: float, months: int) -> float:
    """The moment ``months`` months after the anchor (before it, below zero).

    The day is the anchor's, or the month's last where it has none such, as with Stripe
    (https://docs.stripe.com/billing/subscriptions/billing-cycle): after the 31st of January come
    the 28th of February and the 31st of March.
    """
    start = datetime.fromtimestamp(anchor, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day).timestamp()


def month_of(anchor: float, moment: float) -> Period:
    """The month of usage that a moment is in."""
    known = _known.get(anchor)
    if known is None or not known.start <= moment < known.end:
        known = _month_of(anchor, moment)
        if len(_known) > MOST_KNOWN:
            _known.clear()
        _known[anchor] = known
    return known


def _month_of(anchor: float, moment: float) -> Period:
    start, wanted = (datetime.fromtimestamp(one, UTC) for one in (anchor, moment))
    months = (wanted.year - start.year) * 12 + wanted.month - start.month
    if boundary(anchor, months) > moment:
        months -= 1
    elif boundary(anchor, months + 1) <= moment:
        months += 1
    return Period(boundary(anchor, months), boundary(anchor, months + 1))
