"""What a node remembers between runs: with its step's success, once, and within its bounds."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from layers.clock import SystemClock
from layers.engine import history_rows
from layers.engine.history_rows import Busy, Remembered
from layers.engine.history_rows import Step as Claimant
from tests.engine.clocks import HandyClock
from tests.engine.harness import Saved, Stage, chain, node, played


def remembering(stage: Stage, **params: Any) -> Saved:
    once = {"fields": ["id"], "scope": "workflow", **params}
    nodes = [node("start", "manual"), node("once", "remove_duplicates", once)]
    return stage.save(nodes, chain("start", "once"))


async def passed(stage: Stage, saved: Saved, *ids: Any, **incoming: Any) -> list[Any]:
    done = await stage.run(saved, *({"id": one} for one in ids), **incoming)
    assert done["status"] == "succeeded", done["error"]
    return [item["id"] for item in done["output"] or []]


def entries(stage: Stage) -> int:
    return len(stage.rows("SELECT key FROM node_history WHERE committed AND key <> ''"))


@played
async def test_what_an_earlier_run_let_through_does_not_pass_again(stage: Stage) -> None:
    saved = remembering(stage)
    assert await passed(stage, saved, 1, 2, 2) == [1, 2]
    assert await passed(stage, saved, 2, 3, 1.0, "1") == [3, "1"]
    assert await passed(stage, saved, 1, 2, 3) == []
    assert await passed(stage, remembering(stage), 1) == [1]


@played
async def test_a_manual_run_looks_and_adds_nothing(stage: Stage) -> None:
    saved = remembering(stage)
    assert await passed(stage, saved, 1) == [1]
    assert await passed(stage, saved, 1, 2, manual=True) == [2]
    assert await passed(stage, saved, 2, manual=True) == [2]
    assert await passed(stage, saved, 2) == [2]


@played
async def test_of_executions_at_once_one_lets_a_key_through(stage: Stage) -> None:
    saved = remembering(stage)
    runs = [passed(stage, saved, *range(start, start + 20)) for start in (0, 10, 0, 10, 5)]
    given = [one for some in await asyncio.gather(*runs) for one in some]
    assert sorted(given) == list(range(30))


@played
async def test_a_full_history_drops_the_oldest_and_goes_on(stage: Stage) -> None:
    saved = remembering(stage, max_entries=3)
    assert await passed(stage, saved, 1) == [1]
    assert await passed(stage, saved, 2) == [2]
    assert await passed(stage, saved, 3) == [3]
    # Seen again, 1 is not the oldest any more.
    assert await passed(stage, saved, 1) == []
    assert await passed(stage, saved, 4) == [4]
    assert entries(stage) == 3
    assert await passed(stage, saved, 1, 3, 4) == []
    assert await passed(stage, saved, 2) == [2]
    assert await passed(stage, saved, *range(10, 20)) == list(range(10, 20))
    assert entries(stage) == 3


@played
async def _an_old_key(stage: Stage, clock: HandyClock) -> None:
    saved = remembering(stage, max_age_days=1)
    assert await passed(stage, saved, 1, 2) == [1, 2]
    clock.skip(80_000)
    assert await passed(stage, saved, 1) == []
    clock.skip(80_000)
    assert await passed(stage, saved, 1, 2) == [2]
    assert entries(stage) == 2


def test_what_was_not_seen_for_longer_is_new(stage: Stage) -> None:
    stage.clock = clock = HandyClock()
    _an_old_key(stage=stage, clock=clock)


@played
async def test_greater_than_the_last_value(stage: Stage) -> None:
    saved = remembering(stage, mode="greater")
    big = 2**70
    assert await passed(stage, saved, 5, 3, 5) == [5, 3, 5]
    assert await passed(stage, saved, 5, 6, "7") == [6, "7"]
    assert await passed(stage, saved, 6, big) == [big]
    assert await passed(stage, saved, big, big + 1) == [big + 1]
    assert await passed(stage, saved, big + 1, manual=True) == []
    assert await passed(stage, saved, big + 2, manual=True) == [big + 2]
    assert await passed(stage, saved, big + 2) == [big + 2]


@played
async def test_later_than_the_last_time(stage: Stage) -> None:
    saved = remembering(stage, mode="greater", value_kind="date")
    assert await passed(stage, saved, "2026-05-17T10:00:00Z") == ["2026-05-17T10:00:00Z"]
    later = "2026-05-17T11:30:00+01:00"
    assert await passed(stage, saved, "2026-05-17T11:00:00+01:00", later) == [later]


@played
async def test_a_wrong_value_is_named_and_changes_nothing(stage: Stage) -> None:
    saved = remembering(stage, mode="greater")
    assert await passed(stage, saved, 5) == [5]
    done = await stage.run(saved, {"id": 6}, {"id": "soon"})
    assert done["status"] == "failed"
    assert "Item 1: 'id'" in done["error"]["message"]
    assert await passed(stage, saved, 6) == [6]


@played
async def test_a_retry_sees_what_the_execution_saw(stage: Stage) -> None:
    once = {"fields": ["id"], "scope": "workflow"}
    last = {"fields": ["id"], "scope": "workflow", "mode": "greater"}
    saved = stage.save(
        [
            node("start", "manual"),
            node("once", "remove_duplicates", once),
            node("last", "remove_duplicates", last),
            node("work", "keyed"),
        ],
        chain("start", "once", "last", "work"),
    )
    broken = True

    def work(touch: Any) -> Any:
        if broken:
            raise RuntimeError("broken")
        return touch.items

    stage.world.script["work"] = work
    first = await stage.run(saved, {"id": 1}, {"id": 2})
    assert first["status"] == "failed"
    again = await stage.retry(first["id"], "once")
    assert (await stage.end(again))["status"] == "failed"
    broken = False
    third = await stage.retry(again, "once")
    done = await stage.end(third)
    assert done["output"] == [{"id": 1}, {"id": 2}]
    assert (await stage.run(saved, {"id": 1}, {"id": 2}))["output"] in ([], None)


@played
async def test_a_step_that_fails_remembers_nothing(stage: Stage) -> None:
    async def fails(touch: Any) -> Any:
        found = await touch.context.history.unseen(["a"])
        if touch.attempt == 1:
            raise RuntimeError(f"broken after {sorted(found)}")
        return [{"found": sorted(found)}]

    stage.world.script["probe"] = fails
    saved = stage.save([node("start", "manual"), node("probe", "keyed")], chain("start", "probe"))
    assert (await stage.run(saved))["status"] == "failed"
    assert stage.rows("SELECT key FROM node_history") == []

    async def goes_on(touch: Any) -> Any:
        return [{"found": sorted(await touch.context.history.unseen(["a"]))}]

    stage.world.script["probe"] = goes_on
    assert (await stage.run(saved))["output"] == [{"found": ["a"]}]
    assert (await stage.run(saved))["output"] == [{"found": []}]


# Claims, by hand


def claimant(stage: Stage, saved: Saved, execution_id: str, run: int = 0) -> Claimant:
    return Claimant(saved.workspace_id, saved.id, "once", execution_id, run)


def claim(stage: Stage, step: Claimant, *keys: str) -> set[str]:
    with stage.parts.database.writing() as connection:
        return history_rows.claim(connection, step, keys, SystemClock().now(), -1)


@played
async def test_a_claim_of_who_died_is_neither_lost_nor_doubled(stage: Stage) -> None:
    saved = stage.save(
        [node("start", "manual"), node("rest", "wait", {"callback": True})], chain("start", "rest")
    )
    one = await stage.start(saved)
    await stage.reaches(one, "waiting")
    two = await stage.start(saved)
    await stage.reaches(two, "waiting")
    first, second = claimant(stage, saved, one), claimant(stage, saved, two)
    assert claim(stage, first, "a", "b") == {"a", "b"}
    # Its process died, and another goes on with the same step.
    assert claim(stage, first, "a", "b") == {"a", "b"}
    with pytest.raises(Busy):
        claim(stage, second, "b", "c")
    # Not even "c" is claimed by who has to wait.
    assert claim(stage, first, "c") == {"c"}
    stage.engine.cancel_tree((one,))
    await stage.end(one)
    assert claim(stage, second, "b", "c") == {"b", "c"}
    with stage.parts.database.writing() as connection:
        history_rows.settle(connection, [Remembered(second, True, 100, None)], 5.0)
        history_rows.settle(connection, [Remembered(first, True, 100, None)], 5.0)
    third = claimant(stage, saved, two, 1)
    assert claim(stage, third, "a", "b", "c") == set()
