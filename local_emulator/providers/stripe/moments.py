"""When periods begin and end: months are counted from the anchor, and the 31st is kept."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}


def boundary(anchor: int, interval: str, count: int, number: int) -> int:
    """The end of the ``number``-th period of ``count`` intervals after the anchor (seconds).

    The day of the month is the anchor's, or the month's last where it has none such.
    """
    start = datetime.fromtimestamp(anchor, UTC)
    if interval in DAYS:
        return int((start + timedelta(days=DAYS[interval] * count * number)).timestamp())
    months = start.month - 1 + MONTHS[interval] * count * number
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def period_at(anchor: int, interval: str, count: int, moment: int) -> tuple[int, int]:
    """The period that a moment is in; the anchor itself begins the first one."""
    number = 0
    while boundary(anchor, interval, count, number + 1) <= moment:
        number += 1
    return boundary(anchor, interval, count, number), boundary(anchor, interval, count, number + 1)


def month_ends(year: int, month: int) -> int:
    """When a month is over, in UTC: until then a card is good."""
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return int(datetime(*following, 1, tzinfo=UTC).timestamp())
