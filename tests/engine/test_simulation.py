"""Crashes between any two commands: the real core and replay in a model of everything else.

TREADLE_SIMULATION_SEED repeats a run; each run prints its seed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from layers import jsontext
from layers.catalogue import NO_WORKSPACE
from layers.contract import Item
from layers.database.models.callbacks import CallbackSource
from layers.engine.core.plan import Plan, compile_plan
from layers.engine.rows import ChildRow
from layers.engine.statuses import ExecutionStatus
from tests.engine.core_player import CATALOGUE
from tests.engine.harness import workflow
from tests.engine.model_process import Crash, Journal, ModelProcess, ModelWorld
from tests.engine.random_workflows import SOME_WORKFLOW, Sketch, behave, workflows

SEED = int(os.environ.get("TREADLE_SIMULATION_SEED") or random.SystemRandom().getrandbits(32))
MOST_LEASES = 400


Called = Callable[[str, Sequence[Item]], Journal]
"""Lives through a called execution, given its id and what it begins with."""


def lived(
    plan: Plan, values: list[int], crashes: list[int], world: ModelWorld | None = None
) -> tuple[Journal, ModelWorld, int]:
    """Live through all of these crashes (each counts commands from the last one) to the end."""
    items = [Item({"v": value, "seen": {}}) for value in values]
    return lived_with(plan, items, crashes, world or ModelWorld(behave), _call)


def lived_with(
    plan: Plan, items: Sequence[Item], crashes: list[int], world: ModelWorld, called: Called
) -> tuple[Journal, ModelWorld, int]:
    """The same with these items, and with these executions that are called."""
    journal = Journal()
    left = list(crashes)
    ticks = 0
    for _lease in range(MOST_LEASES):
        process = ModelProcess(plan, journal, world, crash_at=left[0] if left else None)
        try:
            outcome = process.live(items)
        except Crash:
            left.pop(0)
            outcome = "ended" if journal.ending else "crashed"
        finally:
            ticks += process.ticks
        if outcome == "ended":
            return journal, world, ticks
        if outcome != "crashed":
            left[:1] = [max(0, place - process.ticks) for place in left[:1]]
            _go_on(journal, world, called)
    raise AssertionError("It does not come to an end.")


def _call(child_id: str, items: Sequence[Item]) -> Journal:
    """A called workflow that loses some items and doubles others, and crashes twice."""
    return lived_with(CALLED, items, [len(child_id), 9], ModelWorld(behave), _call)[0]


def _end_child(journal: Journal, child_id: str, ended: Journal) -> None:
    """A called execution has ended: its caller finds its row."""
    assert ended.ending is not None
    journal.children[child_id] = ChildRow(
        child_id,
        "execution",
        ExecutionStatus(ended.ending.ending),
        ended.result,
        jsontext.dumps({"message": "It failed."}),
    )


def _go_on(journal: Journal, world: ModelWorld, called: Called) -> None:
    """What happens to an execution that rests: a person decides, somebody calls, time passes."""
    for (name, run), row in journal.steps.items():
        if row["status"] == "interrupted" and row["detail"] is None:
            journal.interruptions += 1
            row["detail"] = jsontext.dumps(_decision(world, f"{name}:{run}"))
            return
    waiting = [row for row in journal.steps.values() if row["status"] == "waiting"]
    details = [jsontext.loads(row["detail"]) for row in waiting]
    for child_id in (detail["execution_id"] for detail in details):
        if child_id is not None and child_id not in journal.children:
            _end_child(journal, child_id, called(child_id, world.sent[child_id]))
            return
    awaited = [
        row for row, detail in zip(waiting, details, strict=True) if detail["kind"] == "callback"
    ]
    if awaited:
        number = str(len(journal.callbacks))
        journal.callbacks[number] = {
            "id": number,
            "execution_id": "execution",
            "node_id": awaited[0]["node_id"],
            "run_index": awaited[0]["run_index"],
            "source": CallbackSource.CALL,
            "payload": jsontext.dumps({"v": 7}),
            "taken": False,
        }
        return
    dues = [row["due_at"] for row in journal.steps.values() if row["due_at"] is not None]
    open_dues = [due for due in dues if due > world.now]
    assert open_dues, "Nothing will ever wake it."
    world.now = min(open_dues)


def _decision(world: ModelWorld, key: str) -> dict[str, Any]:
    """A person looks whether it happened."""
    if key in world.happened:
        return {"decision": "skip", "output": list(world.outputs[key].get("main", ()))}
    return {"decision": "retry"}


def check(sketch: Sketch, values: list[int], crashes: list[int]) -> None:
    """Compare a life with crashes to one without."""
    plan = compile_plan(workflow(sketch.nodes, sketch.ways), CATALOGUE, NO_WORKSPACE)
    calm, _world, _ticks = lived(plan, values, [])
    journal, world, _ticks = lived(plan, values, crashes)
    assert calm.ending is not None
    assert journal.ending is not None
    assert journal.ending.ending is calm.ending.ending
    if journal.ending.error is None and not sketch.races:
        assert journal.outputs() == calm.outputs()
        assert set(journal.steps) == set(calm.steps)
    for key, times in world.happened.items():
        if key.startswith("unsafe"):
            assert times == 1, f"{key} happened {times} times"
    unfinished = {row["status"] for row in journal.steps.values()} - {
        "succeeded",
        "failed",
        "cancelled",
    }
    assert not unfinished


LIVES = given(
    sketch=workflows(),
    values=st.lists(st.integers(0, 9), min_size=1, max_size=4),
    crashes=st.lists(st.integers(0, 40), min_size=1, max_size=4),
)


@pytest.mark.parametrize("lives", [200, pytest.param(1500, marks=pytest.mark.slow)])
def test_crashes_between_any_two_commands_change_nothing(lives: int) -> None:
    print(f"TREADLE_SIMULATION_SEED={SEED}")
    some = settings(
        max_examples=lives,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )

    # Made anew each time: settings may be put on a function once only.
    def crashes_change_nothing(sketch: Sketch, values: list[int], crashes: list[int]) -> None:
        check(sketch, values, crashes)

    some(seed(SEED)(LIVES(crashes_change_nothing)))()


_called_one = Sketch()
_doubled = _called_one.add("more", "no_op")
_dropped = _called_one.add("drop", "no_op")
_called_one.connect(["start"], _doubled)
_called_one.connect([_doubled], _dropped)
CALLED = compile_plan(workflow(_called_one.nodes, _called_one.ways), CATALOGUE, NO_WORKSPACE)

EVERYTHING = Sketch()
_loop = EVERYTHING.add("loop", "loop")
_more = EVERYTHING.add("more", "no_op")
_fork = EVERYTHING.add("if", "if", params={"condition": "item.v"})
_sure = EVERYTHING.add("keyed", "keyed")
_risk = EVERYTHING.add("unsafe", "unsafe")
_flaky = EVERYTHING.add("flaky", "keyed", retry={"max_attempts": 50, "delay_s": 30.0})
_rest = EVERYTHING.add("wait", "wait", params={"seconds": 60})
_called = EVERYTHING.add("callback", "wait", params={"callback": True})
_child = EVERYTHING.add("call", "execute_workflow", params={"workflow_id": SOME_WORKFLOW})
_merge = EVERYTHING.add("append", "merge")
for _source, _target in (
    ("start", _loop),
    (f"{_loop}:batch", _more),
    (_more, _fork),
    (f"{_fork}:true", _sure),
    (f"{_fork}:true", _rest),
    (f"{_fork}:false", _risk),
    (_sure, _child),
    (_child, _flaky),
    (_flaky, f"{_merge}:a"),
    (_rest, f"{_merge}:b"),
    (_risk, f"{_merge}:c"),
    (_merge, _loop),
    (f"{_loop}:done", _called),
):
    EVERYTHING.connect([_source], _target)


def _commands() -> int:
    plan = compile_plan(workflow(EVERYTHING.nodes, EVERYTHING.ways), CATALOGUE, NO_WORKSPACE)
    return lived(plan, [1, 2, 3, 4], [])[2]


@pytest.mark.parametrize("again", [None, 0, 3])
def test_one_crash_at_each_command_and_a_second_one_soon_after(again: int | None) -> None:
    commands = _commands()
    assert commands > 50
    for place in range(commands):
        check(EVERYTHING, [1, 2, 3, 4], [place] if again is None else [place, again])


def test_an_unsafe_step_in_flight_is_left_to_a_person() -> None:
    sketch = Sketch()
    sketch.connect(["start"], sketch.add("unsafe", "unsafe"))
    plan = compile_plan(workflow(sketch.nodes, sketch.ways), CATALOGUE, NO_WORKSPACE)
    asked = [lived(plan, [1], [place])[0].interruptions for place in range(8)]
    assert set(asked) == {0, 1}
