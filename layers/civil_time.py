"""Days by the clock on the wall, which a change to summer time makes 23 or 25 hours long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def days_on(moment: datetime, days: int) -> datetime:
    """The same time of day so many days later; one that the clocks skip moves behind the gap.

    Raises OverflowError outside the years 1 to 9999.
    """
    return settled(moment + timedelta(days=days))


def settled(moment: datetime) -> datetime:
    """The moment as clocks show it: one that they skip moves behind the gap."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo)


def days_between(start: datetime, end: datetime) -> float:
    """How many days lead from start to end as ``days_on`` counts them, in the zone of ``start``.

    What is left over is a fraction of the day that it lies in; negative if ``end`` is earlier.
    """
    end = end.astimezone(start.tzinfo)
    if _earlier(end, start):
        return -_between(end, start)
    return _between(start, end)


def _between(start: datetime, end: datetime) -> float:
    days = (end.date() - start.date()).days + 1
    while _earlier(end, days_on(start, days)):
        days -= 1
    day = days_on(start, days)
    left = (end.astimezone(UTC) - day.astimezone(UTC)).total_seconds()
    if not left:
        return days
    length = (days_on(start, days + 1).astimezone(UTC) - day.astimezone(UTC)).total_seconds()
    return days + left / length


def _earlier(one: datetime, other: datetime) -> bool:
    # Within one zone Python compares what clocks show, and an hour of autumn shows twice.
    return one.astimezone(UTC) < other.astimezone(UTC)
