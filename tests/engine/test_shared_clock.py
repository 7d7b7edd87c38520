"""Machines whose clocks differ: leases are measured by the database's clock (PostgreSQL)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from layers.clock import SystemClock
from layers.database.clock import DatabaseClock
from layers.settings import Settings
from tests.engine.harness import Stage, chain, node, played

HOUR_S = 3600.0


class WrongClock(SystemClock):
    """A machine's clock that nobody has set."""

    def __init__(self, ahead_s: float) -> None:
        self._ahead_s = ahead_s

    def now(self) -> float:
        """Return what it shows."""
        return super().now() + self._ahead_s


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """On SQLite there is one machine."""
    kind: str = request.param
    return kind


@pytest.fixture
def stage(settings: Settings) -> Stage:
    """A process without a worker."""
    return Stage(settings, with_worker=False)


def held(stage: Stage) -> tuple[Any, asyncio.Event]:
    """A workflow whose step goes on when the event is set."""
    going_on = asyncio.Event()

    async def hold(_touch: Any) -> list[Mapping[str, Any]]:
        await going_on.wait()
        return [{}]

    stage.world.script["call"] = hold
    nodes = [node("start", "manual"), node("call", "keyed")]
    return stage.save(nodes, chain("start", "call")), going_on


@pytest.mark.parametrize("ahead_s", [-HOUR_S, HOUR_S])
@played
async def test_a_machine_whose_clock_is_wrong_takes_nothing_that_runs(
    stage: Stage, ahead_s: float
) -> None:
    saved, going_on = held(stage)
    execution_id = await stage.start(saved, at_once=True)
    await stage.until(lambda: stage.world.touches)
    other = stage.build(clock=DatabaseClock(WrongClock(ahead_s)))
    await other.engine.start()
    assert await other.engine.lease_due(5) == 0
    going_on.set()
    await stage.until(lambda: stage.row(execution_id).status == "succeeded")
    assert len(stage.world.touches) == 1
    await other.engine.stop()
    await other.close()


@pytest.mark.parametrize("ahead_s", [-HOUR_S, HOUR_S])
@played
async def test_what_a_machine_whose_clock_is_wrong_runs_is_taken_from_it_by_nobody(
    stage: Stage, ahead_s: float
) -> None:
    saved, going_on = held(stage)
    execution_id = await stage.start(saved)
    other = stage.build(clock=DatabaseClock(WrongClock(ahead_s)))
    await other.engine.start()
    assert await other.engine.lease_due(5) == 1
    await stage.until(lambda: stage.world.touches)
    assert await stage.engine.lease_due(5) == 0
    left_s = stage.row(execution_id).due_at - SystemClock().now()
    assert left_s < HOUR_S / 2, "it would be taken over an hour too late"
    going_on.set()
    await stage.until(lambda: stage.row(execution_id).status == "succeeded")
    assert len(stage.world.touches) == 1
    await other.engine.stop()
    await other.close()
