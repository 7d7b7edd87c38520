"""What an execution does not do twice: parse what it has written, read what it remembers."""

from __future__ import annotations

from typing import Any, Self

import pytest
from sqlalchemy import RowMapping

from layers.contract import WaitUntil
from layers.engine import item_codec, leased, payload_store
from layers.engine.rows import StepRow
from tests.engine.harness import Stage, chain, node, played


@played
async def test_items_are_not_parsed_by_the_process_that_accepts_and_runs_them(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def counted(text: str) -> Any:
        parsed.append(text)
        return item_codec.decode_items(text)

    monkeypatch.setattr(payload_store, "decode_items", counted)
    names = [f"n{number}" for number in range(5)]
    saved = stage.save(
        [node("start", "manual"), *(node(name, "no_op") for name in names)], chain("start", *names)
    )

    started = await stage.start(saved, {"n": 1}, at_once=True)
    await stage.until(lambda: stage.row(started).status == "succeeded")

    assert parsed == []


@played
async def test_a_called_workflow_is_handed_its_items(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = stage.save([node("start", "workflow_trigger"), node("it", "keyed")], ["start -> it"])
    params = {"workflow_id": called.id, "wait": True}
    saved = stage.save(
        [node("start", "manual"), node("call", "execute_workflow", params)], ["start -> call"]
    )
    parsed: list[str] = []

    def counted(text: str) -> Any:
        parsed.append(text)
        return item_codec.decode_items(text)

    def counted_result(text: str) -> Any:
        parsed.append(text)
        return item_codec.decode_result(text)

    monkeypatch.setattr(payload_store, "decode_items", counted)
    monkeypatch.setattr(payload_store, "decode_result", counted_result)
    started = await stage.start(saved, {"n": 1}, at_once=True)
    await stage.until(lambda: stage.row(started).status == "succeeded")

    assert stage.world.of("it")[0].items == [{"n": 1}]
    # The end of the child is what its parent reads in the journal.
    assert len(parsed) == 1


@pytest.mark.parametrize("rounds", [10, 30])
@played
async def test_an_execution_that_waits_often_reads_no_more_each_time(
    stage: Stage, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.limited(steps=10_000)
    stage.world.script["nap"] = lambda touch: WaitUntil(
        stage.parts.clock.now() + 3000.0, touch.items
    )
    saved = stage.save(
        [node("start", "manual"), node("each", "loop", {"batch_size": 1}), node("nap", "keyed")],
        ["start -> each", "each:batch -> nap", "nap -> each"],
    )
    read: list[str] = []

    class CountedRow(StepRow):
        @classmethod
        def from_mapping(cls, row: RowMapping) -> Self:
            read.append(row["node_id"])
            return super().from_mapping(row)

    monkeypatch.setattr(leased, "StepRow", CountedRow)
    started = await stage.start(saved, *({"n": n} for n in range(rounds)), at_once=True)
    for _round in range(rounds):
        await stage.reaches(started, "waiting")
        epoch = stage.row(started).epoch
        stage.write("UPDATE steps SET due_at = 0 WHERE status = 'waiting'")
        stage.write("UPDATE executions SET due_at = 0 WHERE id = :id", id=started)
        stage.engine.pick_up((started,))
        await stage.until(lambda before=epoch: stage.row(started).epoch > before)
    await stage.end(started)

    # One step is open at each turn.
    assert rounds <= len(read) <= 2 * rounds
