"""Months of usage: month ends, leap days, years, and moments before the anchor."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.accounts.statuses import DAY_S, GRANTS, grants_plan
from billing.usage.periods import CALENDAR, boundary, month_of


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("anchor", "moment", "start", "end"),
    [
        ("2026-01-31T10:00", "2026-02-10", "2026-01-31T10:00", "2026-02-28T10:00"),
        ("2026-01-31T10:00", "2026-02-28T09:59:59", "2026-01-31T10:00", "2026-02-28T10:00"),
        ("2026-01-31T10:00", "2026-02-28T10:00", "2026-02-28T10:00", "2026-03-31T10:00"),
        ("2024-01-31", "2024-02-29", "2024-02-29", "2024-03-31"),
        ("2024-02-29", "2025-02-28", "2025-02-28", "2025-03-29"),
        ("2024-02-29", "2028-02-29", "2028-02-29", "2028-03-29"),
        ("2025-12-15", "2026-01-14T23:59:59", "2025-12-15", "2026-01-15"),
        ("2026-05-20", "2026-04-30", "2026-04-20", "2026-05-20"),
    ],
)
def test_months_follow_their_anchor(anchor: str, moment: str, start: str, end: str) -> None:
    found = month_of(at(anchor), at(moment))
    assert (found.start, found.end) == (at(start), at(end))


def test_who_pays_nothing_has_the_calendars_months() -> None:
    found = month_of(CALENDAR, at("2026-11-27T12:00"))
    assert (found.start, found.end) == (at("2026-11-01"), at("2026-12-01"))


@settings(deadline=None, database=None)
@given(
    st.floats(0, 4e9).map(int),
    st.floats(0, 4e9).map(int),
)
def test_every_moment_is_in_one_month_and_months_follow_each_other(
    anchor: int, moment: int
) -> None:
    found = month_of(anchor, moment)
    assert found.start <= moment < found.end
    assert month_of(anchor, found.end).start == found.end
    assert month_of(anchor, found.start - 1).end == found.start
    assert 27.9 * DAY_S <= found.end - found.start <= 31 * DAY_S


def test_a_boundary_does_not_creep() -> None:
    days = [datetime.fromtimestamp(boundary(at("2026-01-31"), n), UTC).day for n in range(6)]
    assert days == [31, 28, 31, 30, 31, 30]


@pytest.mark.parametrize("status", [None, *GRANTS, "a new one of Stripe's"])
def test_what_each_status_grants(status: str | None) -> None:
    granted = grants_plan(status, 0.0, 13 * DAY_S)
    assert granted == (status in {"trialing", "active", "past_due"})
    assert grants_plan("past_due", 0.0, 14 * DAY_S) is False
