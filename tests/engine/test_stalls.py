"""What stalls or is heavy holds up nothing else: a hung store, one large item."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from layers.work import PROCESSOR, STORE
from tests.engine.harness import Stage, chain, node, played
from tests.waiting import PATIENCE_S

LARGE = "x" * 16_000_000


@played
async def test_a_store_that_hangs_stops_no_execution_without_files(stage: Stage) -> None:
    """More callers are stuck in the store than it has threads."""
    go_on = threading.Event()
    stuck = [asyncio.create_task(STORE.run(go_on.wait, PATIENCE_S)) for _ in range(STORE.most * 2)]
    await asyncio.sleep(0)
    try:
        nodes = [node("start", "manual"), node("call", "keyed"), node("end", "slow")]
        done = await stage.run(stage.save(nodes, chain("start", "call", "end")), {"n": 1})
        assert done["status"] == "succeeded"
        assert not any(one.done() for one in stuck)
    finally:
        go_on.set()
        await asyncio.gather(*stuck)


@pytest.mark.parametrize("each", ["", "each_"], ids=["all items", "item by item"])
@played
async def test_one_large_item_is_worked_on_beside_the_event_loop(stage: Stage, each: str) -> None:
    """While the node is at it, the loop goes on: the node waits for that.

    It takes a place of what computes, and none of those that the database needs.
    """
    loop = asyncio.get_running_loop()
    went_on: list[bool] = []
    threads: list[str] = []

    def work(touch: Any) -> Any:
        turned = threading.Event()
        threads.append(threading.current_thread().name)
        loop.call_soon_threadsafe(turned.set)
        went_on.append(turned.wait(PATIENCE_S))
        return {"main": touch.context.items}

    stage.world.script["call"] = work
    nodes = [node("start", "manual"), node("call", f"{each}quick")]
    done = await stage.run(stage.save(nodes, chain("start", "call")), {"text": LARGE})
    assert done["status"] == "succeeded"
    assert went_on == [True]
    assert [name.startswith(PROCESSOR.name) for name in threads] == [True]
