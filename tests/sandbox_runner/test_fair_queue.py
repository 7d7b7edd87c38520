"""Whose turn it is."""

from __future__ import annotations

import asyncio

from sandbox_runner.fair_queue import FairQueue, RunDemand, Waiter


def test_workspaces_take_turns_and_each_keeps_its_order() -> None:
    async def order() -> list[tuple[str, int]]:
        queue = FairQueue()
        loop = asyncio.get_running_loop()
        for workspace, count in (("big", 4), ("small", 1), ("middle", 2)):
            for number in range(count):
                queue.add(Waiter(RunDemand(workspace, number), loop.create_future()))
        taken = []
        while (waiter := queue.take(lambda _: True)) is not None:
            taken.append((waiter.workspace, waiter.demand.memory_mb))
        assert len(queue) == 0
        return taken

    assert asyncio.run(order()) == [
        ("big", 0),
        ("small", 0),
        ("middle", 0),
        ("big", 1),
        ("middle", 1),
        ("big", 2),
        ("big", 3),
    ]


def test_a_workspace_that_cannot_be_served_does_not_hold_up_the_next() -> None:
    async def first() -> str | None:
        queue = FairQueue()
        loop = asyncio.get_running_loop()
        for workspace in ("stuck", "free"):
            queue.add(Waiter(RunDemand(workspace, 1), loop.create_future()))
        waiter = queue.take(lambda w: w.workspace != "stuck")
        return waiter and waiter.workspace

    assert asyncio.run(first()) == "free"
