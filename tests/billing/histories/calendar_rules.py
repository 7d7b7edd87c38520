"""When periods end, worked out anew: docs.stripe.com/billing/subscriptions/billing-cycle.

The day of the anchor is kept; a month that lacks it ends a period on its last day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONTHS = {"month": 1, "year": 12}


def after(anchor: int, interval: str, number: int) -> int:
    """The end of the ``number``-th interval after the anchor."""
    begin = datetime.fromtimestamp(anchor, UTC)
    total = begin.year * 12 + (begin.month - 1) + MONTHS[interval] * number
    first = begin.replace(year=total // 12, month=total % 12 + 1, day=1)
    # The last day of a month is the one before the first of the next.
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    last = (following - timedelta(days=1)).day
    return int(first.replace(day=min(begin.day, last)).timestamp())


def period_around(anchor: int, interval: str, moment: int) -> tuple[int, int]:
    """The interval that a moment is in: its beginning belongs to it, its end does not."""
    number = 0
    while after(anchor, interval, number) > moment:
        number -= 1
    while after(anchor, interval, number + 1) <= moment:
        number += 1
    return after(anchor, interval, number), after(anchor, interval, number + 1)
