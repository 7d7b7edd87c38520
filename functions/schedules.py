"""When a schedule will start something, by the very function that the scheduler calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layers.contract import HttpClient, Json, Poll, Trigger
from layers.engine.core.plan import PlanNode

MANY = 5
MONTH_S = 30 * 86_400.0
SAMPLE = 400
"""So many starts tell the pace of one that starts more often in a month."""


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
    trigger: Trigger[Any],
    params: Any,
    zone: str,
    now: float,
    http: HttpClient,
    most: int = MANY,
) -> list[float]:
    """The next moments, in seconds since the epoch, at which a schedule comes due; at most so many.

    ``params`` are the schedule's own, checked already; ``zone`` is the workflow's time zone.
    """
    found: list[float] = []
    cursor: Json = None
    while len(found) < most:
        assert trigger.poll is not None
        polled = trigger.poll(params, cursor, _Moment(now, zone, http))
        assert isinstance(polled, Poll)
        if polled.next_at is None:
            break
        found.append(polled.next_at)
        cursor, now = polled.cursor, polled.next_at
    return found


def starts_in_a_month(node: PlanNode, zone: str, now: float, http: HttpClient) -> int:
    """How often a schedule of a workflow will start it within thirty days."""
    trigger: Trigger[Any] = node.type  # type: ignore[assignment]
    found = next_starts(trigger, node.params, zone, now, http, SAMPLE)
    within = [moment for moment in found if moment < now + MONTH_S]
    if len(within) < SAMPLE:
        return len(within)
    return round(len(within) * MONTH_S / (within[-1] - now))
