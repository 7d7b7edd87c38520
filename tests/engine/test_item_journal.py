"""What items came to is on record before their step is over, and is not done again."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from layers import jsontext
from layers.contract import NodeError
from layers.engine.execution import run
from tests.engine.harness import Stage, last, played
from tests.engine.test_items import ITEMS, error_of, fails_for, save

PARTS = "SELECT * FROM step_parts WHERE execution_id = :id ORDER BY part"


def on_record(stage: Stage, execution_id: str) -> set[int]:
    """The positions of the items that are known to have succeeded."""
    rows = stage.rows(PARTS, id=execution_id)
    return {int(index) for row in rows for index in jsontext.loads(row.output or "{}")}


def crash(stage: Stage, execution_id: str) -> None:
    """The process that runs it dies: it writes nothing more, and its lease runs out."""
    stage.engine._runs[execution_id].lose()
    stage.write("UPDATE executions SET due_at = 0 WHERE id = :id", id=execution_id)
    stage.parts.notifier.notify(execution_id)


def die_at_the_third(stage: Stage) -> None:
    """Have the process die once in the third item, with what the two before gave on record."""
    died: list[bool] = []

    async def act(touch: Any) -> Any:
        execution_id = touch.context.execution_id
        if touch.items[0]["x"] == 3 and not died:
            died.append(True)
            await stage.until(lambda: on_record(stage, execution_id) == {0, 1})
            crash(stage, execution_id)
        return {"main": touch.items}

    stage.world.script["call"] = act


@pytest.mark.parametrize("kind", ["each_keyed", "each_slow"])
@played
async def test_a_crash_repeats_no_item_whose_result_is_on_record(stage: Stage, kind: str) -> None:
    die_at_the_third(stage)
    done = await stage.run(save(stage, kind, "stop"), *ITEMS)
    assert done["status"] == "succeeded"
    assert done["output"] == list(ITEMS)
    assert Counter(touch.index for touch in stage.world.of("call")) == {0: 1, 1: 1, 2: 2}
    assert len({touch.key for touch in stage.world.of("call")}) == 3
    assert not stage.rows(PARTS, id=done["id"]), "The step's own row says it all now."


@played
async def test_a_failed_step_keeps_what_succeeded_and_a_retry_sends_the_rest_only(
    stage: Stage,
) -> None:
    stage.world.script["call"] = fails_for(3, times=1)
    failed = await stage.run(save(stage, "each_keyed", "stop"), *ITEMS)
    assert failed["status"] == "failed"
    step = last(failed, "call")
    assert step["items_failed"] == 1
    assert step["item_errors"] == [
        {"index": 2, "attempt": 1, "message": "no 3", "kind": "node_error"}
    ]
    again = await stage.end(await stage.retry(failed["id"]))
    assert again["status"] == "succeeded"
    assert again["output"] == [{**item, "done": True} for item in ITEMS]
    assert last(again, "call")["attempt"] == 1
    assert Counter(touch.index for touch in stage.world.of("call")) == {0: 1, 1: 1, 2: 2}
    third = [touch.key for touch in stage.world.of("call") if touch.index == 2]
    assert len(set(third)) == 1, "Whoever got it the first time knows it again."


@played
async def test_a_retry_of_a_retry_still_sends_what_failed_only(stage: Stage) -> None:
    stage.world.script["call"] = fails_for(3, times=2)
    failed = await stage.run(save(stage, "each_keyed", "stop"), *ITEMS)
    again = await stage.end(await stage.retry(failed["id"]))
    assert again["status"] == "failed"
    third = await stage.end(await stage.retry(again["id"], "call"))
    assert third["status"] == "succeeded"
    assert Counter(touch.index for touch in stage.world.of("call")) == {0: 1, 1: 1, 2: 3}
    assert len({touch.key for touch in stage.world.of("call")}) == 3


@pytest.mark.parametrize("on_error", ["continue", "error_port"])
@played
async def test_a_retry_from_a_step_with_bad_items_sends_these_only(
    stage: Stage, on_error: str
) -> None:
    stage.world.script["call"] = fails_for(2, times=1)
    first = await stage.run(save(stage, "each_keyed", on_error), *ITEMS)
    assert last(first, "call")["item_errors"][0]["index"] == 1
    again = await stage.end(await stage.retry(first["id"], "call"))
    assert last(again, "good")["input"] == {"main": [{**item, "done": True} for item in ITEMS]}
    assert last(again, "call")["items_failed"] == 0
    assert Counter(touch.index for touch in stage.world.of("call")) == {0: 1, 1: 2, 2: 1}


@played
async def test_a_retry_from_a_step_that_succeeded_does_all_of_it_again(stage: Stage) -> None:
    first = await stage.run(save(stage, "each_keyed", "stop"), *ITEMS)
    again = await stage.end(await stage.retry(first["id"], "call"))
    assert again["status"] == "succeeded"
    assert Counter(touch.index for touch in stage.world.of("call")) == {0: 2, 1: 2, 2: 2}
    assert len({touch.key for touch in stage.world.of("call")}) == 6, "It is meant to happen again."


@played
async def test_a_long_pause_between_attempts_keeps_what_succeeded(stage: Stage) -> None:
    stage.world.script["call"] = fails_for(2, times=1)
    retry = {"max_attempts": 2, "delay_s": 2, "max_delay_s": 2}
    done = await stage.run(save(stage, "each_keyed", "stop", retry=retry), *ITEMS)
    assert done["status"] == "succeeded"
    assert stage.row(done["id"]).epoch > 1, "It waited without holding the process."
    assert Counter(touch.index for touch in stage.world.of("call")) == {0: 1, 1: 2, 2: 1}


@played
async def test_a_person_who_retries_an_interrupted_step_repeats_no_item_on_record(
    stage: Stage,
) -> None:
    die_at_the_third(stage)
    execution_id = await stage.start(save(stage, "each_unsafe", "stop"), *ITEMS)
    await stage.reaches(execution_id, "interrupted")
    stage.resolve(execution_id, "call", "retry")
    assert (await stage.end(execution_id))["output"] == list(ITEMS)
    assert Counter(touch.index for touch in stage.world.of("call")) == {0: 1, 1: 1, 2: 2}


@played
async def test_large_results_of_items_survive_a_crash_in_the_store(stage: Stage) -> None:
    text = "x" * (stage.settings.limits.inline_bytes + 1)

    died: list[bool] = []

    async def act(touch: Any) -> Any:
        execution_id = touch.context.execution_id
        if touch.items[0]["x"] == 3 and not died:
            died.append(True)
            await stage.until(lambda: len(stage.rows(PARTS, id=execution_id)) > 0)
            crash(stage, execution_id)
        return {"main": [{"x": touch.items[0]["x"], "text": text}]}

    stage.world.script["call"] = act
    done = await stage.run(save(stage, "each_keyed", "stop"), *ITEMS)
    assert [item["x"] for item in done["output"]] == [1, 2, 3]
    assert all(item["text"] == text for item in done["output"])
    assert len(stage.world.of("call")) < 6


def current(stage: Stage, touch: Any) -> Any:
    """The run that has the execution's lease, as far as this process knows."""
    found = stage.engine._runs.get(touch.context.execution_id)
    return None if found is None or found.buffer.lost else found


@pytest.mark.parametrize("seed", range(12))
@played
async def test_each_item_ends_at_one_port_whatever_fails_and_crashes(
    stage: Stage, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random items fail for a while or for good, and the process dies at random touches."""
    monkeypatch.setattr(run, "PROGRESS_S", 0.0)
    chance = random.Random(seed)
    count = chance.randint(1, 8)
    fails = {x: chance.choice([0, 0, 1, 2, 99]) for x in range(count)}
    deaths = set(chance.sample(range(1, 12), 3))
    recorded: set[int] = set()
    finished: set[int] = set()
    touched = 0

    async def act(touch: Any) -> Any:
        nonlocal touched
        touched += 1
        (item,) = touch.items
        execution_id = touch.context.execution_id
        assert touch.index not in recorded, "Its result was on record."
        if touched in deaths:
            if chance.random() < 0.7:
                await stage.until(lambda: finished <= on_record(stage, execution_id))
            crash(stage, execution_id)
            # What was being written at that moment may be there later as well.
            recorded.update(on_record(stage, execution_id))
            finished.clear()
        if fails[item["x"]]:
            fails[item["x"]] -= 1
            raise NodeError(f"no {item['x']}")
        if touch.context._run is current(stage, touch):
            finished.add(touch.index)
        return {"main": [item]}

    stage.world.script["call"] = act
    on_error = chance.choice(["continue", "error_port"])
    retry = {"max_attempts": chance.randint(1, 3), "delay_s": 0}
    saved = save(stage, "each_keyed", on_error, retry=retry)
    done = await stage.run(saved, *({"x": x} for x in range(count)))
    assert done["status"] == "succeeded"
    came = [item for port in last(done, "call")["output"].values() for item in port]
    assert sorted(item["x"] for item in came) == list(range(count))
    for item in last(done, "call")["output"].get("main", ()):
        if on_error == "error_port":
            assert "error" not in item
    for item in came:
        if "error" in item:
            message = f"no {item['x']}"
            assert item["error"] == error_of(item["x"], message)
    keys = {(touch.index, touch.key) for touch in stage.world.of("call")}
    assert len(keys) == count, "A key is an item's, at every attempt."
