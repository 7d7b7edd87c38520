"""Steps of the real engine: retries, timeouts, errors, effects side by side, large payloads."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from layers.contract import NodeError
from tests.engine.clocks import HandyClock
from tests.engine.harness import Stage, chain, last, node, played, states
from tests.waiting import PATIENCE_S


def flaky(times: int, **more: Any) -> Any:
    left = [times]

    def act(touch: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise NodeError("not yet", **more)
        return {"main": touch.context.items}

    return act


@pytest.mark.parametrize(
    ("kind", "delay_s"),
    [("keyed", 0.01), ("keyed", 2.0), ("slow", 0.01), ("quick", 0.01), ("quick", 2.0)],
)
@played
async def test_a_failed_step_is_tried_again_with_the_same_key(
    stage: Stage, kind: str, delay_s: float
) -> None:
    stage.world.script["call"] = flaky(2)
    retry = {"max_attempts": 3, "delay_s": delay_s, "max_delay_s": delay_s}
    saved = stage.save(
        [node("start", "manual"), node("call", kind, retry=retry)], chain("start", "call")
    )
    done = await stage.run(saved, {"n": 1})
    assert done["status"] == "succeeded"
    assert [touch.attempt for touch in stage.world.of("call")] == [1, 2, 3]
    assert len({touch.key for touch in stage.world.of("call")}) == 1
    assert last(done, "call")["attempt"] == 3
    if delay_s > 1:
        assert stage.row(done["id"]).epoch > 1, "It waited without holding the process."


@played
async def test_what_is_left_of_the_attempts_ends_in_the_last_error(stage: Stage) -> None:
    stage.world.script["call"] = flaky(9)
    retry = {"max_attempts": 2, "delay_s": 0}
    saved = stage.save(
        [node("start", "manual"), node("call", "keyed", retry=retry)], chain("start", "call")
    )
    done = await stage.run(saved)
    assert (done["status"], done["error"]["node_id"]) == ("failed", "call")
    assert done["error"]["message"] == "not yet"
    assert len(stage.world.of("call")) == 2


@played
async def test_a_step_that_takes_longer_than_its_timeout_fails(stage: Stage) -> None:
    gone = []

    async def endless(_touch: Any) -> Any:
        try:
            await asyncio.Event().wait()
        finally:
            gone.append(True)

    stage.world.script["call"] = endless
    saved = stage.save(
        [node("start", "manual"), node("call", "keyed", timeout_s=0.05)], chain("start", "call")
    )
    done = await stage.run(saved)
    assert done["error"]["kind"] == "timeout"
    assert "0.05 s" in done["error"]["message"]
    assert gone == [True]


@played
async def _a_workflow_runs_longer_than_its_timeout(stage: Stage, clock: HandyClock) -> None:
    async def endless(_touch: Any) -> Any:
        clock.go_on()
        await asyncio.Event().wait()

    stage.world.script["call"] = endless
    saved = stage.save(
        [node("start", "manual"), node("call", "keyed")], chain("start", "call"), timeout_s=0.1
    )
    # Its time does not pass before the step has begun.
    clock.hold()
    done = await stage.run(saved)
    assert done["error"]["kind"] == "timeout"
    assert states(done)["call"] == "cancelled"


def test_a_workflow_that_runs_longer_than_its_timeout_fails(stage: Stage) -> None:
    stage.clock = clock = HandyClock()
    _a_workflow_runs_longer_than_its_timeout(stage=stage, clock=clock)


@played
async def _waiting_does_not_count(stage: Stage, clock: HandyClock) -> None:
    timeout_s = 2 * PATIENCE_S
    wait_s = 2 * timeout_s
    saved = stage.save(
        [node("start", "manual"), node("rest", "wait", {"seconds": wait_s}), node("call", "keyed")],
        chain("start", "rest", "call"),
        timeout_s=timeout_s,
    )
    execution_id = await stage.start(saved)
    await stage.reaches(execution_id, "waiting")
    clock.skip(wait_s)
    assert (await stage.end(execution_id))["status"] == "succeeded"


def test_time_spent_waiting_does_not_count_for_the_timeout(stage: Stage) -> None:
    stage.clock = clock = HandyClock()
    _waiting_does_not_count(stage=stage, clock=clock)


@pytest.mark.parametrize(
    "wrong", [TimeoutError("mine"), asyncio.CancelledError(), ValueError("x"), NodeError("\ud800")]
)
@played
async def test_whatever_a_node_raises_is_its_steps_failure(
    stage: Stage, wrong: BaseException
) -> None:
    async def act(_touch: Any) -> Any:
        raise wrong

    stage.world.script["call"] = act
    saved = stage.save([node("start", "manual"), node("call", "keyed")], chain("start", "call"))
    done = await stage.run(saved)
    assert (done["status"], done["error"]["node_id"]) == ("failed", "call")


@pytest.mark.parametrize(
    "given",
    [
        None,
        5,
        {"main": [5]},
        {"nowhere": [{}]},
        {"main": [{"x": object()}]},
        {"main": [{"x": "\ud800"}]},
    ],
)
@played
async def test_whatever_a_node_gives_that_it_may_not_is_its_steps_failure(
    stage: Stage, given: Any
) -> None:
    stage.world.script["call"] = lambda _touch: given
    saved = stage.save([node("start", "manual"), node("call", "quick")], chain("start", "call"))
    done = await stage.run(saved)
    assert (done["status"], done["error"]["node_id"]) == ("failed", "call")


@played
async def test_an_answer_that_is_not_json_is_its_steps_failure(stage: Stage) -> None:
    def act(touch: Any) -> Any:
        touch.context.respond(200, {}, {"x": object()})
        return {"main": touch.context.items}

    stage.world.script["call"] = act
    saved = stage.save([node("start", "manual"), node("call", "quick")], chain("start", "call"))
    done = await stage.run(saved)
    assert done["status"] == "failed"


@pytest.mark.parametrize(("on_error", "port"), [("continue", "main"), ("error_port", "error")])
@played
async def test_a_failed_step_may_hand_on_its_items(stage: Stage, on_error: str, port: str) -> None:
    stage.world.script["call"] = flaky(1)
    saved = stage.save(
        [
            node("start", "manual"),
            node("call", "keyed", on_error=on_error),
            node("after", "keyed"),
        ],
        ["start -> call", f"call:{port} -> after"],
    )
    done = await stage.run(saved, {"n": 1})
    assert done["status"] == "succeeded"
    assert states(done) == {"start": "succeeded", "call": "failed", "after": "succeeded"}
    assert done["output"] == [{"n": 1, "error": {"message": "not yet", "kind": "node_error"}}]


@played
async def test_an_error_in_an_expression_names_node_parameter_and_column(stage: Stage) -> None:
    saved = stage.save(
        [node("start", "manual"), node("name", "set", {"fields": {"label": "{{ item.nope }}"}})],
        chain("start", "name"),
    )
    done = await stage.run(saved, {"n": 1})
    message = done["error"]["message"]
    assert "name" in message
    assert "parameter fields" in message
    assert "nope" in message
    assert "column" in message
    assert done["error"]["kind"] == "expression"
    assert done["error"]["detail"]["item_index"] == 0


@played
async def test_effects_of_parallel_branches_overlap(stage: Stage) -> None:
    """Each waits for the other one: one after the other, they would wait for ever."""
    both = asyncio.Barrier(2)

    async def meet(touch: Any) -> Any:
        await both.wait()
        return {"main": touch.context.items}

    stage.world.script["left"] = stage.world.script["right"] = meet
    saved = stage.save(
        [
            node("start", "manual"),
            node("left", "keyed", timeout_s=PATIENCE_S),
            node("right", "unsafe", timeout_s=PATIENCE_S),
            node("both", "merge"),
        ],
        ["start -> left", "start -> right", "left -> both:a", "right -> both:b"],
    )
    done = await stage.run(saved, {"n": 1})
    assert done["output"] == [{"n": 1}, {"n": 1}]


@pytest.mark.parametrize("kind", ["keyed", "unsafe", "quick_keyed"])
@played
async def test_an_effect_is_on_record_before_it_begins_and_before_the_next_one(
    stage: Stage, kind: str
) -> None:
    seen: list[dict[str, str]] = []

    def look(touch: Any) -> Any:
        steps = stage.steps(touch.context.execution_id)
        seen.append({step.node_id: step.status for step in steps})
        return {"main": touch.context.items}

    stage.world.script["one"] = stage.world.script["two"] = look
    saved = stage.save(
        [node("start", "manual"), node("one", kind), node("two", kind)],
        chain("start", "one", "two"),
    )
    await stage.run(saved)
    assert seen == [
        {"start": "succeeded", "one": "running"},
        {"start": "succeeded", "one": "succeeded", "two": "running"},
    ]


@played
async def test_large_payloads_go_to_the_artifact_store_and_come_back(stage: Stage) -> None:
    large = "x" * 70_000
    stage.world.script["grow"] = lambda _touch: [{"text": large}]
    saved = stage.save(
        [node("start", "manual"), node("grow", "keyed"), node("rest", "wait", {"seconds": 1})],
        chain("start", "grow", "rest"),
    )
    execution_id = await stage.start(saved, {"text": large + "!"})
    done = await stage.end(execution_id)
    assert done["output"] == [{"text": large}]
    assert last(done, "grow")["input"] == {"main": [{"text": large + "!"}]}
    grow = next(step for step in stage.steps(execution_id) if step.node_id == "grow")
    assert grow.output is None
    assert grow.artifact is not None
    event = stage.rows("SELECT payload, artifact FROM events")[0]
    assert event.payload is None
    assert event.artifact is not None


@played
async def test_a_disabled_node_lets_its_items_pass(stage: Stage) -> None:
    saved = stage.save(
        [node("start", "manual"), node("call", "unsafe", disabled=True), node("end", "keyed")],
        chain("start", "call", "end"),
    )
    assert (await stage.run(saved, {"n": 1}))["output"] == [{"n": 1}]
    assert stage.world.of("call") == []


@played
async def test_pinned_items_take_a_nodes_place_in_manual_runs_only(stage: Stage) -> None:
    saved = stage.save(
        [node("start", "manual"), node("call", "keyed", pinned=[{"pinned": True}])],
        chain("start", "call"),
    )
    assert (await stage.run(saved, {"n": 1}, manual=True))["output"] == [{"pinned": True}]
    assert stage.world.of("call") == []
    assert (await stage.run(saved, {"n": 1}))["output"] == [{"n": 1}]


@played
async def test_a_pinned_loop_still_comes_to_its_end(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("loop", "loop", pinned=[{"n": 9}]),
            node("body", "quick"),
            node("end", "no_op"),
        ],
        ["start -> loop", "loop:batch -> body", "body -> loop", "loop:done -> end"],
    )
    done = await stage.run(saved, {"n": 1}, {"n": 2}, manual=True)
    assert done["output"] == [{"n": 1}, {"n": 2}]


@played
async def test_the_last_node_to_finish_gives_the_output(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("way", "if", {"condition": "item.n > 1"}),
            node("big", "no_op"),
            node("small", "no_op"),
        ],
        ["start -> way", "way:true -> big", "way:false -> small"],
    )
    assert (await stage.run(saved, {"n": 1}))["output"] == [{"n": 1}]
    assert (await stage.run(saved, {"n": 2}, {"n": 3}))["output"] == [{"n": 2}, {"n": 3}]
    dropped = stage.save(
        [node("start", "manual"), node("none", "filter", {"condition": "False"})],
        chain("start", "none"),
    )
    assert (await stage.run(dropped, {"n": 1}))["status"] == "succeeded"


@played
async def test_a_respond_node_answers_before_the_end(stage: Stage) -> None:
    let_go = asyncio.Event()

    async def held(touch: Any) -> Any:
        await let_go.wait()
        return {"main": touch.context.items}

    stage.world.script["later"] = held
    saved = stage.save(
        [
            node("start", "manual"),
            node("answer", "respond", {"status": 201, "body": {"id": "{{ item.n }}"}}),
            node("later", "keyed"),
        ],
        chain("start", "answer", "later"),
    )
    execution_id = await stage.start(saved, {"n": 5}, at_once=True)
    answer = await stage.engine.followers.wait_for_outcome(
        execution_id, PATIENCE_S, answer_counts=True
    )
    assert (answer.status, answer.body) == (201, {"id": 5})
    assert stage.row(execution_id).status == "running"
    let_go.set()
    assert (await stage.end(execution_id))["status"] == "succeeded"


@played
async def test_a_branch_that_finished_before_the_cancel_stays_finished(stage: Stage) -> None:
    async def endless(_touch: Any) -> Any:
        await asyncio.Event().wait()

    stage.world.script["long"] = endless
    saved = stage.save(
        [node("start", "manual"), node("call", "keyed"), node("long", "keyed")],
        ["start -> call", "start -> long"],
    )
    execution_id = await stage.start(saved)
    await stage.until(lambda: len(stage.world.touches) == 2)
    stage.engine.cancel_tree((execution_id,))
    done = await stage.end(execution_id)
    assert states(done) == {"start": "succeeded", "call": "succeeded", "long": "cancelled"}
