"""When a trigger is polled again: as its type wants, and no sooner than its plan allows."""

from __future__ import annotations

import random
from collections.abc import Sequence

from layers import jsontext
from layers.catalogue import UNAVAILABLE
from layers.contract import NodeError, Poll, TriggerRunner
from layers.engine.core.plan import Plan
from triggers.claims import Outcome
from triggers.rows import TriggerRow

SHORTEST_S = 1.0
"""No source is asked more often, whatever it says, but for further pages of one look."""


def trigger_of(plan: Plan, row: TriggerRow) -> TriggerRunner:
    """Who does the work of a claimed trigger; raises NodeError where its type is not there."""
    node = plan.node(row.node_id)
    if node.is_missing:
        raise NodeError(
            f"The trigger type {node.definition.type!r} cannot be used.",
            kind=UNAVAILABLE,
            remedy=node.spec.summary,
        )
    return node.trigger_runner


def outcome_of(
    row: TriggerRow, plan: Plan, polled: Poll, now: float, bound: float, lines: Sequence[str]
) -> Outcome:
    """What is to be stored of a poll, the next one no sooner than it may be.

    ``bound`` is the shortest pause in seconds that the workspace's plan has, 0 for none.
    """
    trigger = trigger_of(plan, row)
    pause = max(bound, trigger.min_interval_s)
    # A page that moves nothing would be asked for again and again.
    more = polled.more and jsontext.dumps(polled.cursor) != row.cursor
    if trigger.instants is not None:
        due_at = _next_instant(row, plan, polled.next_at, now, pause)
    else:
        pause = max(pause, SHORTEST_S)
        due_at = _next_look(trigger, polled.next_at, now + pause)
    return Outcome(
        cursor=polled.cursor,
        due_at=now if more else due_at,
        not_before=now + pause,
        more=more,
        log=lines,
    )


def _next_look(trigger: TriggerRunner, wanted: float | None, earliest: float) -> float | None:
    if wanted is None:
        return None
    spread = random.uniform(0, trigger.jitter_s)  # noqa: S311 - it guards nothing
    return max(wanted, earliest) + spread


def _next_instant(
    row: TriggerRow, plan: Plan, wanted: float | None, now: float, pause: float
) -> float | None:
    """When a clock is looked at again: no sooner than ``pause``, which is the plan's.

    The plan may have been a larger one when the trigger was activated. What comes due until
    then is missed, and handled so. One that keeps the pause keeps its instants, too.
    """
    if wanted is None or wanted >= now + pause:
        return wanted
    trigger = trigger_of(plan, row)
    assert trigger.instants is not None
    node = plan.node(row.node_id)
    zone = plan.definition.settings.timezone
    later = next(trigger.instants(node.params, zone, wanted), None)
    if later is None or later >= wanted + pause:
        return wanted
    return now + pause
