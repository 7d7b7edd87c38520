"""Whether and when a failed step is tried again."""

from __future__ import annotations

import random

from layers.catalogue.port import UNAVAILABLE
from layers.engine.core.definition import RetryPolicy
from layers.engine.core.plan_node import PlanNode
from layers.engine.core.state import Activation, StepError

NEVER_RETRIED = frozenset(
    {"expression", "invalid_parameters", "stop_and_error", "refused_address", "budget", UNAVAILABLE}
)

# At least a minute: longer than a part takes to be started again, and to try itself, on a machine
# that has much else to do.
WHILE_A_PART_IS_AWAY = RetryPolicy(max_attempts=12, delay_s=0.5, max_delay_s=20)


def retry_delay(
    seed: str, node: PlanNode, activation: Activation, error: StepError
) -> float | None:
    """Seconds until the next attempt, or None when there is none.

    Without a policy of its own a step is tried again only where that is known to help and
    the step did not happen: when a part of Treadle itself was away.
    """
    policy = node.definition.retry
    if policy is None:
        if error.kind != "infrastructure":
            return None
        policy = WHILE_A_PART_IS_AWAY
    if activation.attempt >= policy.max_attempts or error.kind in NEVER_RETRIED:
        return None
    if error.kind == "http_status" and not error.retry:
        return None
    ceiling = min(
        policy.delay_s * policy.multiplier ** (activation.attempt - 1), policy.max_delay_s
    )
    chance = random.Random(f"{seed}:{activation.key}:{activation.attempt}")  # noqa: S311
    delay = ceiling * (0.5 + chance.random() / 2)
    if error.retry_in is not None:
        delay = max(delay, error.retry_in)
    return delay
