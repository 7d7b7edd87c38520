"""When a trigger that goes by the clock starts something, and how often others look."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, pairwise
from typing import Any

from layers.contract import TriggerRunner
from layers.engine.core.plan_node import PlanNode

MANY = 5
MONTH_S = 30 * 86_400.0
SAMPLE = 400
"""So many starts tell the pace of one that starts more often in a month."""


def next_starts(
    trigger: TriggerRunner, params: Any, zone: str, now: float, most: int = MANY
) -> list[float]:
    """The next moments, in seconds since the epoch, at which it comes due; at most so many.

    Empty where it does not go by the clock. ``params`` are the trigger's own, checked already;
    ``zone`` is the workflow's time zone.
    """
    if trigger.instants is None:
        return []
    return list(islice(trigger.instants(params, zone, now), most))


def starts_in_a_month(nodes: Iterable[PlanNode], zone: str, now: float) -> int:
    """How often the clocks among these triggers start their workflow within thirty days."""
    return sum(_starts_in_a_month(node, zone, now) for node in nodes)


def _starts_in_a_month(node: PlanNode, zone: str, now: float) -> int:
    trigger = node.trigger_runner
    found = next_starts(trigger, node.params, zone, now, SAMPLE)
    within = [moment for moment in found if moment < now + MONTH_S]
    if len(within) < SAMPLE:
        return len(within)
    return round(len(within) * MONTH_S / (within[-1] - now))


def shortest_pause(node: PlanNode, zone: str, now: float) -> float | None:
    """How many seconds a trigger lets pass at least between two looks at what is new.

    By what its type declares; None where that says nothing of it: a webhook, or a source that
    says after each look when the next one is.
    """
    trigger = node.trigger_runner
    if trigger.instants is not None:
        starts = next_starts(trigger, node.params, zone, now)
        pauses = (later - earlier for earlier, later in pairwise(starts))
        return max(min(pauses, default=float("inf")), trigger.min_interval_s)
    if trigger.interval_s is not None:
        return max(trigger.interval_s(node.params), trigger.min_interval_s)
    return None
