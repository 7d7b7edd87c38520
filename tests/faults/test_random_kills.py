"""Rounds of ``kill -9``, of any part and of all at once, under load."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults import workflows
from tests.faults.effects import Effects
from tests.faults.product import Product
from tests.sandbox_runner.runner_process import require_runsc
from tests.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.sandbox, pytest.mark.alone]

BURST = 200
BURST_AT = 12
"""Of each 25 rounds this one is a burst, and everything is killed in it."""
VICTIMS = ("gateway", "worker", "worker", "scheduler", "runner", "all")
EXPECTED = {
    "Order": workflows.ORDER_EFFECTS,
    "Answered": workflows.ANSWERED_EFFECTS,
    "Scored": workflows.SCORED_EFFECTS,
    "Ticking": workflows.TICKING_EFFECTS,
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("rounds", [13, pytest.param(50, marks=pytest.mark.slow)])
def test_killing_anything_at_any_time_loses_and_repeats_nothing(
    tmp_path: Path, rounds: int
) -> None:
    require_runsc()
    seed = int(os.environ.get("TREADLE_TEST_SEED", random.SystemRandom().randrange(10**6)))
    print(f"seed={seed}")
    chance = random.Random(seed)
    effects = Effects(latency_s=0.03)
    with Product(tmp_path, effects, workers=2) as product:
        product.open(workflows.order, workflows.answered, workflows.scored, workflows.ticking)
        bag: list[str] = []
        for number in range(rounds):
            if not bag:
                bag = chance.sample(VICTIMS, len(VICTIMS))
            victim = "all" if number % 25 == BURST_AT else bag.pop()
            _round(product, chance, number, victim)
        product.settle()
        wrong = product.violations(EXPECTED)
        assert not wrong, f"seed={seed}\n" + "\n".join(wrong[:20])
    effects.stop()


def _round(product: Product, chance: random.Random, number: int, victim: str) -> None:
    """Kill one victim while events come in and run; they are accepted sooner or later."""
    burst = number % 25 == BURST_AT
    with product.delivering() as deliver:
        before = len(product.caller.accepted)
        names = [f"{number}-{i}" for i in range(BURST if burst else 6)]
        deliver("order", [f"order-{name}" for name in names])
        deliver("scored", [f"scored-{name}" for name in names[:1]])
        deliver("answered", [f"asked-{name}" for name in names[:1]])
        if burst:
            # All of the burst is accepted, little of it is done.
            product.wait_accepted(before + BURST)
            assert product.history.unfinished() > 0
        else:
            after = chance.randrange(6)
            until(lambda: len(product.caller.accepted) >= before + after, "accepted events")
        if victim == "all":
            product.kill_all()
            product.start()
        else:
            until(lambda: product.kill_part(victim, chance.randrange(2)), f"a {victim} to kill")
