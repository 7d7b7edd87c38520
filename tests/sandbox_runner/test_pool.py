"""Who gets which sandbox, how many there are, and which make room: with sandboxes that are none."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox_runner.channel import Gone
from sandbox_runner.fair_queue import RunDemand
from sandbox_runner.kinds import PLAIN, Bind, Kind
from sandbox_runner.pool import Pool
from sandbox_runner.scaling import Closed
from tests.waiting import PATIENCE_S

FILES = Kind(files=True)
NETWORK = Kind(network="a digest")
LAYER = Kind(binds=(Bind(Path("layer"), "/layer"),))


class FakeShare:
    """Fakes have no processor to leave to others."""

    def __init__(self) -> None:
        self.heavy = self.is_long = False
        self.among = 0

    def give_way(self, seconds: float, among: int = 1) -> None:
        self.among = among


class FakeBox:
    """A sandbox by what the pool asks of one."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.alive = True
        self.fit = True
        self.prompt = False
        self.share = FakeShare()
        self.runs = 0
        self.warm: dict[str, None] = {}
        self.workspace: str | None = None
        self.idle_since = 0.0
        self.why: str | None = None
        self.killed = asyncio.Event()
        self.used_s = 0.0

    def settle_at_once(self) -> bool:
        return self.alive and self.prompt

    async def settle(self) -> bool:
        if not self.alive:
            raise Gone("it died")
        return self.fit

    async def kill(self) -> None:
        self.alive = False
        self.killed.set()

    def break_off(self, why: str) -> None:
        self.alive = False
        self.why = why


class Place:
    """A pool of such sandboxes."""

    def __init__(self, **settings: float) -> None:
        self.made: list[FakeBox] = []
        self.urgent: list[bool] = []
        self.failing = 0
        self.gate = asyncio.Event()
        self.gate.set()
        settings = {"ready": 1, "most": 8, "most_each": 4, "memory_mb": 4096, "idle_s": 300} | (
            settings
        )
        self.begin: Callable[[Kind, bool], Awaitable[FakeBox]] = self.start
        self.pool = Pool(
            lambda kind, urgent: self.begin(kind, urgent),  # type: ignore[arg-type, return-value]
            **settings,  # type: ignore[arg-type]
        )

    async def start(self, kind: Kind, urgent: bool) -> FakeBox:
        self.urgent.append(urgent)
        await self.gate.wait()
        if self.failing:
            self.failing -= 1
            raise Gone("nothing works")
        self.made.append(box := FakeBox(kind))
        return box

    async def take(self, workspace: str = "a", kind: Kind = PLAIN, **more: object) -> FakeBox:
        """Acquire a sandbox and use it once."""
        demand = RunDemand(workspace, kind=kind, **{"memory_mb": 16, **more})  # type: ignore[arg-type]
        box = await asyncio.wait_for(self.pool.acquire(demand), PATIENCE_S)
        assert isinstance(box, FakeBox)
        box.runs += 1
        return box

    def ask(
        self, workspace: str = "a", kind: Kind = PLAIN, **more: object
    ) -> asyncio.Task[FakeBox]:
        """Begin to acquire a sandbox."""
        return asyncio.ensure_future(self.take(workspace, kind, **more))

    def take_at_once(self, workspace: str = "a", kind: Kind = PLAIN) -> object:
        """Take a sandbox that rests, or None."""
        return self.pool.take(RunDemand(workspace, memory_mb=16, kind=kind))

    async def give(self, box: FakeBox) -> None:
        """Release a sandbox, and wait until the pool has decided what becomes of it."""
        self.pool.release(box)  # type: ignore[arg-type]
        await self.rest()

    async def rest(self) -> None:
        """Let everything happen that is under way."""
        await self.until(lambda: not self.pool._tasks)

    async def until(self, done: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not done():
                await asyncio.sleep(0.005)

    def alive(self, kind: Kind | None = None) -> list[FakeBox]:
        return [box for box in self.made if box.alive and kind in (None, box.kind)]


@asynccontextmanager
async def place(**settings: float) -> AsyncIterator[Place]:
    found = Place(**settings)
    found.pool.open()
    await found.rest()
    try:
        yield found
    finally:
        found.gate.set()
        await found.pool.close("the test is over")
        assert found.alive() == []


def test_a_workspace_gets_its_own_sandbox_again_and_nobody_elses() -> None:
    async def story() -> None:
        async with place() as here:
            first = await here.take("a")
            await here.give(first)
            other = await here.take("b")
            assert other is not first
            await here.give(other)
            assert await here.take("a") is first
            assert await here.take("b") is other

    asyncio.run(story())


def test_kinds_are_never_mixed() -> None:
    async def story() -> None:
        async with place() as here:
            kinds = [PLAIN, FILES, NETWORK, LAYER]
            boxes = {}
            for kind in kinds:
                boxes[kind] = await here.take("a", kind)
                assert boxes[kind].kind == kind
                await here.give(boxes[kind])
            for kind in reversed(kinds):
                box = await here.take("a", kind)
                assert box is boxes[kind]
                await here.give(box)

    asyncio.run(story())


def test_what_is_ready_is_of_the_plain_kind_only() -> None:
    async def story() -> None:
        async with place(ready=3) as here:
            assert [box.kind for box in here.made] == [PLAIN] * 3
            box = await here.take("a", FILES)
            assert box.kind == FILES
            assert here.pool.counts()["ready"] == 3

    asyncio.run(story())


def test_one_of_a_special_kind_that_nobody_waits_for_any_more_is_its_workspaces_only() -> None:
    async def story() -> None:
        async with place() as here:
            here.gate.clear()
            asked = here.ask("a", FILES)
            await here.until(lambda: here.pool.counts()["starting"])
            asked.cancel()
            await asyncio.wait([asked])
            here.gate.set()
            await here.rest()
            (made,) = here.alive(FILES)
            other = await here.take("b", FILES)
            assert other is not made
            assert await here.take("a", FILES) is made

    asyncio.run(story())


@pytest.mark.parametrize("kind", [PLAIN, FILES])
def test_a_sandbox_for_one_run_is_new_and_never_used_again(kind: Kind) -> None:
    async def story() -> None:
        async with place() as here:
            usual = await here.take("a", kind)
            await here.give(usual)
            seen = [usual]
            for _ in range(3):
                box = await here.take("a", kind, single_use=True)
                assert box not in seen
                assert box.runs == 1
                seen.append(box)
                await here.give(box)
                assert box.killed.is_set()
            assert await here.take("a", kind) is usual

    asyncio.run(story())


def test_a_sandbox_for_one_run_is_not_what_others_of_its_workspace_wait_for() -> None:
    async def story() -> None:
        async with place() as here:
            single = await here.take("a", single_use=True)
            other = await here.take("a")
            assert other is not single

    asyncio.run(story())


def test_a_sandbox_that_died_or_is_not_as_new_is_replaced() -> None:
    async def story() -> None:
        async with place() as here:
            for spoil in ("alive", "fit"):
                box = await here.take("a")
                setattr(box, spoil, False)
                await here.give(box)
                assert box.killed.is_set()
                assert await here.take("a") is not box

    asyncio.run(story())


def test_one_that_dies_while_it_rests_is_not_given_out() -> None:
    async def story() -> None:
        async with place() as here:
            box = await here.take("a")
            await here.give(box)
            box.alive = False
            assert (await here.take("a")).alive

    asyncio.run(story())


def test_ready_ones_grow_with_demand_and_shrink_again(monkeypatch: pytest.MonkeyPatch) -> None:
    demand_s, now, grown = 0.5, 0.0, False
    monkeypatch.setattr("sandbox_runner.scaling._DEMAND_S", demand_s)
    # Time stands still while they are taken, however long that takes here.
    monkeypatch.setattr("sandbox_runner.scaling.time", SimpleNamespace(monotonic=lambda: now))

    def go_on() -> None:
        nonlocal now
        now = 2 * demand_s

    async def story() -> None:
        async with place(ready=1, most=12) as here:
            begin = here.begin

            async def start(kind: Kind, urgent: bool) -> Any:
                nonlocal grown
                if here.pool.counts()["ready"]:
                    grown = True
                    # Before the pool looks whether what is made here is still wanted.
                    asyncio.get_running_loop().call_later(demand_s, go_on)
                return await begin(kind, urgent)

            here.begin = start
            for name in "abcd":
                await here.give(await here.take(name))
            await here.until(lambda: grown)
            await here.until(lambda: now and here.pool.counts()["ready"] == 1)

    asyncio.run(story())


def test_there_are_never_more_than_the_most() -> None:
    async def story() -> None:
        async with place(ready=2, most=3) as here:
            asked = [here.ask(name) for name in "abcde"]
            counts = Counter[str]()
            while asked:
                done, left = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
                asked = list(left)
                assert len(here.alive()) <= 3
                for one in done:
                    counts[one.result().workspace or ""] += 1
                    await here.give(one.result())
            assert counts == Counter("abcde")

    asyncio.run(story())


def test_the_one_that_rested_longest_makes_room_for_another_workspace() -> None:
    async def story() -> None:
        async with place(ready=0, most=3) as here:
            boxes = {}
            for name in "abc":
                boxes[name] = await here.take(name)
            for name in "bac":
                await here.give(boxes[name])
            await here.take("d")
            assert [box.alive for box in boxes.values()] == [True, False, True]
            await here.take("e")
            assert [box.alive for box in boxes.values()] == [False, False, True]

    asyncio.run(story())


def test_one_in_use_makes_room_for_those_without_any_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox_runner.bounds.PATIENCE_S", 0.0)

    async def story() -> None:
        async with place(ready=0, most=2) as here:
            steady, greedy = await here.take("steady"), await here.take("greedy")
            await here.give(steady)
            more = here.ask("greedy")
            await here.until(lambda: here.pool.counts()["waiting"] == 1)
            await here.rest()
            assert steady.alive
            new = await here.take("new")
            assert not steady.alive
            await here.give(new)
            assert new.alive
            await more
            assert not new.alive
            assert greedy.alive

    asyncio.run(story())


def test_a_workspace_at_its_bound_makes_room_among_its_own() -> None:
    async def story() -> None:
        async with place(ready=0, most=8, most_each=2) as here:
            other = await here.take("b")
            await here.give(other)
            boxes = [await here.take("a", kind) for kind in (PLAIN, FILES)]
            for box in boxes:
                await here.give(box)
            third = await here.take("a", NETWORK)
            assert third.kind == NETWORK
            assert [box.alive for box in boxes] == [False, True]
            assert other.alive

    asyncio.run(story())


def test_a_workspace_at_its_bound_waits_while_all_of_its_own_are_busy() -> None:
    async def story() -> None:
        async with place(ready=1, most=8, most_each=2) as here:
            boxes = [await here.take("a", single_use=True) for _ in range(2)]
            asked = here.ask("a", FILES)
            assert (await here.take("b")).workspace == "b"
            assert not asked.done()
            await here.give(boxes[0])
            assert (await asked).kind == FILES

    asyncio.run(story())


def test_ready_ones_make_room_for_a_special_kind() -> None:
    async def story() -> None:
        async with place(ready=2, most=2) as here:
            box = await here.take("a", FILES)
            assert box.kind == FILES
            assert len(here.alive()) <= 2

    asyncio.run(story())


def test_jobs_wait_for_memory() -> None:
    async def story() -> None:
        async with place(ready=2, memory_mb=100) as here:
            first = await here.take("a", memory_mb=80)
            asked = here.ask("b", memory_mb=80)
            small = await here.take("c", memory_mb=16)
            await here.rest()
            assert not asked.done()
            await here.give(small)
            await here.give(first)
            assert (await asked).workspace == "b"

    asyncio.run(story())


def test_one_job_that_wants_more_than_all_memory_runs_alone() -> None:
    async def story() -> None:
        async with place(memory_mb=100) as here:
            assert await here.take("a", memory_mb=500)

    asyncio.run(story())


def test_the_warm_one_is_preferred() -> None:
    async def story() -> None:
        async with place(ready=2) as here:
            boxes = [await here.take("a", single_use=False) for _ in range(2)]
            boxes[0].warm["key"] = None
            for box in boxes:
                await here.give(box)
            assert await here.take("a", warm_key="key") is boxes[0]

    asyncio.run(story())


@pytest.mark.parametrize("kind", [PLAIN, FILES])
def test_a_failed_start_turns_away_those_without_another_hope(kind: Kind) -> None:
    async def story() -> None:
        async with place(ready=0) as here:
            box = await here.take("hopeful", kind)
            await here.rest()
            here.gate.clear()
            while here.pool.counts()["ready"]:
                await here.take("other")
            asked = here.ask("hopeful", kind)
            await here.until(lambda: here.pool.counts()["starting"])
            hopeless = here.ask("hopeless", kind)
            await here.until(lambda: here.pool.counts()["waiting"] == 2)
            here.failing = 1
            here.gate.set()
            with pytest.raises(Closed, match="nothing works"):
                await hopeless
            await here.give(box)
            assert await asked is box

    asyncio.run(story())


def test_starts_work_again_after_a_failure() -> None:
    async def story() -> None:
        async with place(ready=0) as here:
            for _ in range(5):
                here.failing = 1
                with pytest.raises(Closed):
                    await here.take("a")
            assert await here.take("a")

    asyncio.run(story())


def test_one_that_is_given_up_while_it_waits_loses_nothing() -> None:
    async def story() -> None:
        async with place(ready=0, most=1) as here:
            box = await here.take("a")
            waiting = [here.ask("a") for _ in range(3)]
            await here.until(lambda: here.pool.counts()["waiting"] == 3)
            waiting[0].cancel()
            await asyncio.wait([waiting[0]])
            await here.give(box)
            assert await waiting[1] is box
            waiting[2].cancel()
            await asyncio.wait([waiting[2]])
            assert here.pool.counts()["waiting"] == 0

    asyncio.run(story())


def test_one_that_is_cancelled_as_it_is_served_gives_its_sandbox_back() -> None:
    async def story() -> None:
        async with place(ready=0, most=1) as here:
            box = await here.take("a")
            asked = asyncio.ensure_future(here.pool.acquire(RunDemand("a", 16)))
            await here.until(lambda: here.pool.counts()["waiting"])
            here.pool._put_back(box)  # type: ignore[arg-type]
            asked.cancel()
            await asyncio.wait([asked])
            assert asked.cancelled()
            assert here.pool.counts() | {"idle": 1, "busy": 0} == here.pool.counts()
            assert await here.take("a") is box

    asyncio.run(story())


def test_the_idle_are_let_go() -> None:
    async def story() -> None:
        async with place(idle_s=0.1) as here:
            box = await here.take("a")
            await here.give(box)
            await here.until(box.killed.is_set)
            assert here.pool.counts()["idle"] == 0

    asyncio.run(story())


def test_one_that_is_used_meanwhile_is_let_go_that_much_later() -> None:
    async def story() -> None:
        async with place(idle_s=0.3) as here:
            box = await here.take("a")
            box.prompt = True
            # Without a wait between them it cannot be let go between them.
            here.pool.release(box)  # type: ignore[arg-type]
            assert here.take_at_once("a") is box
            rested = box.idle_since
            await here.until(lambda: time.monotonic() > rested + 0.1)
            here.pool.release(box)  # type: ignore[arg-type]
            assert box.idle_since > rested
            await here.until(box.killed.is_set)
            assert time.monotonic() - box.idle_since >= 0.3

    asyncio.run(story())


def test_one_that_is_ready_at_once_is_taken_again_without_a_wait() -> None:
    async def story() -> None:
        async with place() as here:
            box = await here.take("a")
            box.prompt = True
            here.pool.release(box)  # type: ignore[arg-type]
            assert here.take_at_once("b") is None
            assert here.take_at_once("a", FILES) is None
            assert here.take_at_once("a") is box
            assert here.take_at_once("a") is None

    asyncio.run(story())


def test_only_what_a_light_workspace_waits_for_is_urgent() -> None:
    async def story() -> None:
        async with place(ready=0) as here:
            for name, urgent in (("a", True), ("a", False), ("b", True)):
                box = await here.take(name, FILES)
                assert here.urgent == [urgent]
                box.used_s, box.alive = 100.0, False
                await here.give(box)
                here.urgent.clear()

    asyncio.run(story())


def test_nobody_is_served_before_those_who_wait() -> None:
    async def story() -> None:
        async with place(ready=0, most=1) as here:
            box = await here.take("a")
            box.prompt = True
            asked = here.ask("a")
            await here.until(lambda: here.pool.counts()["waiting"])
            here.pool.release(box)  # type: ignore[arg-type]
            assert here.take_at_once("a") is None
            assert await asked is box

    asyncio.run(story())


def test_folders_are_those_that_sandboxes_have_or_will_have() -> None:
    async def story() -> None:
        async with place(ready=0) as here:
            here.gate.clear()
            asked = here.ask("a", LAYER)
            await here.until(lambda: here.pool.counts()["starting"])
            assert here.pool.folders() == [Path("layer")]
            here.gate.set()
            box = await asked
            assert here.pool.folders() == [Path("layer")]
            await here.give(box)
            assert here.pool.folders() == [Path("layer")]

    asyncio.run(story())


def test_closing_ends_what_runs_and_turns_the_waiting_away() -> None:
    async def story() -> None:
        async with place(ready=1, most=2, most_each=1) as here:
            busy = await here.take("a")
            waiting = here.ask("a")
            await here.until(lambda: here.pool.counts()["waiting"])
            closing = asyncio.ensure_future(here.pool.close("over"))
            with pytest.raises(Closed, match="over"):
                await waiting
            await closing
            assert busy.why == "closed"
            assert here.alive() == []
            with pytest.raises(Closed, match="over"):
                await here.take("a")

    asyncio.run(story())
