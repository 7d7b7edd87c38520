"""When a schedule will start something, by the very function that the scheduler calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layers.contract import HttpClient, Json, Poll, Trigger

MANY = 5


@dataclass
class _Moment:
    """A ``TriggerContext`` of a trigger that asks nobody but the clock."""

    now: float
    timezone: str
    http: HttpClient
    workspace_id: str = ""
    workflow_id: str = ""
    node_id: str = ""

    async def credential(self, types: Sequence[str] = ()) -> Mapping[str, Any] | None:
        """A clock has none."""
        return None


def next_starts(
    trigger: Trigger[Any], params: Any, zone: str, now: float, http: HttpClient
) -> list[float]:
    """The next moments, in seconds since the epoch, at which a schedule comes due; at most five.

    ``params`` are the schedule's own, checked already; ``zone`` is the workflow's time zone.
    """
    found: list[float] = []
    cursor: Json = None
    while len(found) < MANY:
        assert trigger.poll is not None
        polled = trigger.poll(params, cursor, _Moment(now, zone, http))
        assert isinstance(polled, Poll)
        if polled.next_at is None:
            break
        found.append(polled.next_at)
        cursor, now = polled.cursor, polled.next_at
    return found
