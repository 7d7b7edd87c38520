"""Work of one kind that stalls takes no other kind's place."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from layers.work import BACKGROUND, DATABASE, DISK, NAMES, PROCESSOR, STORE, Limiter
from tests.waiting import PATIENCE_S

ALL = [BACKGROUND, DATABASE, DISK, NAMES, PROCESSOR, STORE]


@pytest.mark.parametrize("stalled", ALL, ids=lambda one: one.name)
def test_a_stalled_kind_leaves_every_other_one_running(stalled: Limiter) -> None:
    release = threading.Event()

    async def scenario() -> None:
        stuck = [
            asyncio.create_task(stalled.run(release.wait, PATIENCE_S))
            for _ in range(stalled.most * 3)
        ]
        await asyncio.sleep(0)
        try:
            for other in ALL:
                if other is not stalled:
                    assert await asyncio.wait_for(other.run(int, "7"), PATIENCE_S) == 7
            assert not any(one.done() for one in stuck)
        finally:
            release.set()
        assert all(await asyncio.gather(*stuck))

    asyncio.run(scenario())


def test_no_more_than_so_many_run_at_once() -> None:
    limiter = Limiter("test", 3)
    lock, full, running, most = threading.Lock(), threading.Barrier(3), 0, 0

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        full.wait(PATIENCE_S)
        with lock:
            running -= 1

    async def scenario() -> None:
        await asyncio.gather(*(limiter.run(work) for _ in range(9)))

    asyncio.run(scenario())
    assert most == 3


def test_errors_arguments_and_context_go_through() -> None:
    known: contextvars.ContextVar[str] = contextvars.ContextVar("known")
    limiter = Limiter("test", 1)

    def refuse(what: str, *, why: str) -> None:
        raise ValueError(f"{what} {why} {known.get()}")

    async def scenario() -> None:
        known.set("here")
        with pytest.raises(ValueError, match="this that here"):
            await limiter.run(refuse, "this", why="that")

    asyncio.run(scenario())


def test_what_is_cancelled_before_its_turn_is_never_run() -> None:
    limiter, release, ran = Limiter("test", 1), threading.Event(), []

    async def scenario() -> None:
        first = asyncio.create_task(limiter.run(release.wait, PATIENCE_S))
        second = asyncio.create_task(limiter.run(ran.append, 2))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        release.set()
        await first
        await limiter.run(ran.append, 3)

    asyncio.run(scenario())
    assert ran == [3]
