"""Random histories of workspaces, held to a model that knows Stripe's documentation only.

What went wrong names its seed: ``HISTORY_SEEDS=17 pytest tests/billing/histories`` plays it again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random

import pytest

from layers.clock import ManualClock
from tests.billing.histories.actions import step
from tests.billing.histories.price_list import PriceList
from tests.billing.histories.world import World
from tests.billing.shop import Shop
from tests.conftest import Person

STEPS = int(os.environ.get("HISTORY_STEPS", "250"))
DAY_S = 86_400


def _seeds() -> list[object]:
    wanted = os.environ.get("HISTORY_SEEDS")
    if wanted:
        first, _dash, last = wanted.partition("-")
        return list(range(int(first), int(last or first) + 1))
    # 5,000 steps in all; what is known to have gone wrong once comes first.
    return [pytest.param(seed, marks=[pytest.mark.slow] if seed else []) for seed in range(20)]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", _seeds())
def test_no_cent_differs(
    shop: Shop, clock: ManualClock, sign_up: Callable[..., Person], seed: int
) -> None:
    random = Random(seed)
    clock.moment += random.randrange(0, 400) * DAY_S + random.randrange(0, DAY_S)
    plans = PriceList.read(shop.parts.settings.billing.plans)
    world = World(shop, clock, plans, sign_up, random)
    try:
        for _ in range(STEPS):
            step(world)
    except Exception as error:
        told = "\n".join(world.done[-40:])
        raise AssertionError(f"seed {seed}, step {len(world.done)}:\n{told}\n{error}") from error
