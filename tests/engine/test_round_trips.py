"""How often an execution waits for a database that is somewhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from layers.settings import Settings
from tests.engine.harness import Stage, chain, node, played
from tests.engine.round_trips import CountingProxy

FIVE = ("start", "one", "two", "three", "four")


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite is always here."""
    kind: str = request.param
    return kind


@pytest.fixture
def proxy(settings: Settings) -> Iterator[CountingProxy]:
    """What counts the round trips."""
    counting = CountingProxy(settings.storage.database_url)
    yield counting
    counting.close()


@pytest.fixture
def stage(settings: Settings, proxy: CountingProxy) -> Stage:
    """A process without a worker, whose database is behind the proxy."""
    storage = replace(settings.storage, database_url=proxy.url)
    return Stage(replace(settings, storage=storage), with_worker=False)


@played
async def test_five_nodes_run_at_once_in_four(stage: Stage, proxy: CountingProxy) -> None:
    nodes = [node("start", "manual"), *(node(name, "set") for name in FIVE[1:])]
    saved = stage.save(nodes, chain(*FIVE))
    for _warming_up in range(3):
        await stage.engine.followers.wait_for_outcome(
            await stage.start(saved, at_once=True), 30, answer_counts=False
        )
    before = proxy.count
    name = await stage.start(saved, at_once=True)
    await stage.engine.followers.wait_for_outcome(name, 30, answer_counts=False)
    # The webhook's own look at its path is the fifth.
    assert proxy.count - before <= 4


@played
async def test_an_event_is_accepted_in_one(stage: Stage, proxy: CountingProxy) -> None:
    saved = stage.save([node("start", "manual")])
    for _warming_up in range(3):
        await stage.start(saved)
    before = proxy.count
    await stage.start(saved)
    assert proxy.count - before <= 1
