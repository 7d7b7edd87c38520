"""Days are counted as they are added, across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.civil_time import days_between, days_on

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2025-03-30", "2025-03-31", 1),
        ("2025-03-29T12:00", "2025-03-31T12:00", 2),
        ("2025-10-26", "2025-10-27", 1),
        ("2025-03-30T00:00", "2025-03-30T12:00", 11 / 23),
        ("2025-10-26T00:00", "2025-10-26T12:00", 13 / 25),
        ("2025-03-31", "2025-03-30", -1),
        ("2025-01-01T12:00", "2025-01-01T06:00", -0.25),
        ("2025-01-01", "2025-01-01", 0),
        ("2025-03-29T02:30", "2025-03-30T03:30", 1),
    ],
)
def test_days_are_those_of_the_clock(start: str, end: str, days: float) -> None:
    assert days_between(at(start), at(end)) == days


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Asuncion"]
).map(ZoneInfo)


@given(MOMENTS, st.integers(-800, 800), ZONES)
def test_what_was_added_is_what_is_measured(start: datetime, days: int, zone: ZoneInfo) -> None:
    # At noon no clock is changed, so that each day has one.
    start = start.astimezone(zone).replace(hour=12)
    assert days_between(start, days_on(start, days)) == days


@given(MOMENTS, MOMENTS, ZONES)
def test_the_count_is_within_a_day_and_the_same_backwards(
    one: datetime, other: datetime, zone: ZoneInfo
) -> None:
    start, end = one.astimezone(zone), other.astimezone(zone)
    days = days_between(start, end)
    assert days == -days_between(end, start)
    assert abs(days - (other - one) / timedelta(days=1)) < 2.1 / 24
