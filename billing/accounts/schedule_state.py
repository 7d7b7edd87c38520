"""What of a subscription's schedule an account keeps: pure, from what was read last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.accounts.account_state import Object

COLUMNS = (
    *("schedule_id", "scheduled_plan", "scheduled_interval", "scheduled_seats", "scheduled_at"),
)
MARK_INTERVAL, MARK_SEATS = "treadle_interval", "treadle_seats"
"""How a phase that Treadle made says what it is to be, beside the marks of its plan."""


def schedule_columns(schedule: Object | None, now: float) -> dict[str, Any]:
    """The columns of an account that tell what comes when the period ends."""
    columns: dict[str, Any] = dict.fromkeys(COLUMNS)
    if schedule is None or schedule["status"] not in {"active", "not_started"}:
        return columns
    columns["schedule_id"] = schedule["id"]
    coming = [one for one in schedule["phases"] if one["start_date"] > now]
    marks: Mapping[str, str] = (coming[0].get("metadata") or {}) if coming else {}
    if MARK_SEATS in marks:
        columns |= {
            "scheduled_plan": marks["treadle_plan"],
            "scheduled_interval": marks[MARK_INTERVAL],
            "scheduled_seats": int(marks[MARK_SEATS]),
            "scheduled_at": coming[0]["start_date"],
        }
    return columns


def schedule_of(subscription: Object | None) -> str | None:
    """The id of the schedule that a subscription has, or None."""
    found = None if subscription is None else subscription.get("schedule")
    return found["id"] if isinstance(found, Mapping) else found
