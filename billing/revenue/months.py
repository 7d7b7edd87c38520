"""Spans of time that figures are of: the months of the calendar, in UTC, and any other."""

from __future__ import annotations

from datetime import UTC, datetime

from billing.usage.periods import CALENDAR, Period, month_of

Span = Period
"""From ``start`` on, before ``end``; both in Unix seconds."""


def months_between(start: float, end: float) -> list[Span]:
    """The calendar's months that have anything of a time, whole, the oldest first."""
    found = []
    while start < end:
        month = month_of(CALENDAR, start)
        found.append(month)
        start = month.end
    return found


def name_of(month: Span) -> str:
    """Such as ``2026-03``."""
    return datetime.fromtimestamp(month.start, UTC).strftime("%Y-%m")


def months_before(moment: float, number: int) -> float:
    """When the month began that was ``number`` - 1 months before a moment's own."""
    start = moment
    for _ in range(number):
        start = month_of(CALENDAR, start).start - 1
    return start + 1
