"""What a called workflow gave is traced to the items that it was given."""

from __future__ import annotations

from typing import Any

import pytest

from layers import jsontext
from layers.contract import CallWorkflow, NodeError
from tests.engine.harness import Saved, Stage, chain, last, node, played
from tests.engine.test_ancestors import NUMBERS, ask, told
from tests.engine.test_waits import call_back

BEGIN = node("begin", "workflow_trigger")
BLANK = node("blank", "set", {"fields": {"made": "{{ index }}"}})
"""Takes all values from an item, so that only its way says where it came from."""


def calling(stage: Stage, called: Saved, kind: str = "execute_workflow", **more: Any) -> Saved:
    """A workflow that asks behind the call where each item came from."""
    call = node("call", kind, {"workflow_id": called.id} if kind == "execute_workflow" else {})
    nodes = [node("start", "manual"), {**call, **more}, ask("ask", "start")]
    return stage.save(nodes, chain("start", "call", "ask"))


def child(stage: Stage, nodes: list[Any], ways: list[str]) -> Saved:
    return stage.save([BEGIN, *nodes], ways)


async def child_of(stage: Stage, parent: str) -> str:
    """The execution that a parent has called, as soon as there is one."""
    query = "SELECT id FROM executions WHERE parent_id = :id"
    await stage.until(lambda: stage.rows(query, id=parent))
    return str(stage.rows(query, id=parent)[0].id)


@played
async def test_through_a_filter_and_a_sort(stage: Stage) -> None:
    called = child(
        stage,
        [
            node("odd", "filter", {"condition": "item.n % 2 == 1"}),
            node("turn", "sort", {"by": [{"field": "n", "order": "desc"}]}),
            BLANK,
        ],
        ["begin -> odd", "odd:kept -> turn", "turn -> blank"],
    )
    done = await stage.run(calling(stage, called), *NUMBERS)
    assert told(done) == [3, 1]


@played
async def test_as_many_items_in_another_order(stage: Stage) -> None:
    called = child(
        stage,
        [node("turn", "sort", {"by": [{"field": "n", "order": "desc"}]}), BLANK],
        chain("begin", "turn", "blank"),
    )
    assert told(await stage.run(calling(stage, called), *NUMBERS)) == [4, 3, 2, 1]


@played
async def test_the_first_of_several(stage: Stage) -> None:
    called = child(
        stage, [node("two", "limit", {"count": 2}), BLANK], chain("begin", "two", "blank")
    )
    assert told(await stage.run(calling(stage, called), *NUMBERS)) == [1, 2]


@played
async def test_a_workflow_of_its_trigger_alone(stage: Stage) -> None:
    assert told(await stage.run(calling(stage, child(stage, [], [])), *NUMBERS)) == [1, 2, 3, 4]


@played
async def test_through_what_splits_and_merges(stage: Stage) -> None:
    called = child(
        stage,
        [
            node("split", "split_out", {"field": "lines"}),
            node("odd", "if", {"condition": "item.lines % 2 == 1"}),
            node("left", "no_op"),
            node("right", "sort", {"by": [{"field": "lines", "order": "desc"}]}),
            node("both", "merge", {"mode": "append"}),
            BLANK,
        ],
        [
            "begin -> split",
            "split -> odd",
            "odd:true -> left",
            "odd:false -> right",
            "left -> both:a",
            "right -> both:b",
            "both -> blank",
        ],
    )
    lines = [{"n": 10, "lines": [1, 2]}, {"n": 20, "lines": [3, 4]}, {"n": 30, "lines": [5]}]
    done = await stage.run(calling(stage, called), *lines)
    assert told(done) == [10, 20, 30, 20, 10]


@played
async def test_through_the_rounds_of_a_loop(stage: Stage) -> None:
    called = child(
        stage,
        [
            node("loop", "loop", {"batch_size": 3}),
            node("turn", "sort", {"by": [{"field": "n", "order": "desc"}]}),
            BLANK,
        ],
        ["begin -> loop", "loop:batch -> turn", "turn -> loop", "loop:done -> blank"],
    )
    assert told(await stage.run(calling(stage, called), *NUMBERS)) == [3, 2, 1, 4]


@played
async def test_a_loop_that_begins_the_workflow(stage: Stage) -> None:
    called = stage.save(
        [
            node("loop", "loop", {"batch_size": 1}),
            node("odd", "filter", {"condition": "item.n % 2 == 1"}),
            BLANK,
        ],
        ["loop:batch -> odd", "odd:kept -> loop", "loop:done -> blank"],
    )
    assert told(await stage.run(calling(stage, called), *NUMBERS)) == [1, 3]


@played
async def test_an_item_of_several_and_one_of_none_say_so(stage: Stage) -> None:
    gathered = child(stage, [node("all", "aggregate", {"into": "all"})], chain("begin", "all"))
    saved = calling(stage, gathered)
    failed = await stage.run(saved, *NUMBERS)
    assert "made of several items of 'start'" in failed["error"]["message"]
    assert "Use nodes.start.items" in failed["error"]["message"]
    assert told(await stage.run(saved, {"n": 7})) == [7]
    # A branch that got no items goes on with the one that stands for none.
    none = child(
        stage,
        [
            node("loop", "loop", {"batch_size": 1}),
            node("none", "filter", {"condition": "False"}),
            node("made", "quick", if_empty="one_empty_item"),
        ],
        ["begin -> loop", "loop:batch -> none", "none:kept -> loop", "loop:done -> made"],
    )
    stage.world.script["made"] = lambda touch: [{"x": 1}]
    done = await stage.run(calling(stage, none), *NUMBERS)
    assert done["status"] == "succeeded"


@played
async def test_through_a_workflow_that_calls_another(stage: Stage) -> None:
    inner = child(
        stage,
        [node("turn", "sort", {"by": [{"field": "n", "order": "desc"}]}), BLANK],
        chain("begin", "turn", "blank"),
    )
    middle = child(
        stage,
        [
            node("odd", "filter", {"condition": "item.n > 1"}),
            node("inner", "execute_workflow", {"workflow_id": inner.id}),
            node("two", "limit", {"count": 2}),
        ],
        ["begin -> odd", "odd:kept -> inner", "inner -> two"],
    )
    assert told(await stage.run(calling(stage, middle), *NUMBERS)) == [4, 3]


@played
async def test_within_the_rounds_of_the_caller(stage: Stage) -> None:
    called = child(
        stage,
        [node("turn", "sort", {"by": [{"field": "n", "order": "desc"}]}), BLANK],
        chain("begin", "turn", "blank"),
    )
    saved = stage.save(
        [
            node("start", "manual"),
            node("loop", "loop", {"batch_size": 3}),
            node("call", "execute_workflow", {"workflow_id": called.id}),
            ask("ask", "start"),
        ],
        ["start -> loop", "loop:batch -> call", "call -> loop", "loop:done -> ask"],
    )
    assert told(await stage.run(saved, *NUMBERS)) == [3, 2, 1, 4]


@played
async def test_through_a_rest_in_what_is_called(stage: Stage) -> None:
    called = child(
        stage,
        [
            node("odd", "filter", {"condition": "item.n % 2 == 0"}),
            node("later", "wait", {"seconds": 1.2}),
            BLANK,
        ],
        ["begin -> odd", "odd:kept -> later", "later -> blank"],
    )
    assert told(await stage.run(calling(stage, called), *NUMBERS)) == [2, 4]


@played
async def test_a_call_that_ends_a_wait_came_from_what_waited(stage: Stage) -> None:
    called = child(
        stage,
        [node("rest", "wait", {"callback": True}), BLANK],
        chain("begin", "rest", "blank"),
    )
    saved = calling(stage, called)
    for items, known in ((NUMBERS, None), ([{"n": 5}], [5])):
        parent = await stage.start(saved, *items)
        resting = await child_of(stage, parent)
        await stage.reaches(resting, "waiting")
        call_back(stage, resting, "true")
        done = await stage.end(parent)
        if known is None:
            assert "several items of 'start'" in done["error"]["message"]
        else:
            assert told(done) == known


@played
async def test_it_is_kept_with_the_callers_step(stage: Stage) -> None:
    called = child(
        stage,
        [node("turn", "sort", {"by": [{"field": "n", "order": "desc"}]})],
        chain("begin", "turn"),
    )
    done = await stage.run(calling(stage, called), *NUMBERS)
    stage.write("DELETE FROM executions WHERE parent_id = :id", id=done["id"])
    assert told(await stage.end(await stage.retry(done["id"], "ask"))) == [4, 3, 2, 1]
    (call,) = [step for step in stage.steps(done["id"]) if step.node_id == "call"]
    assert call.lineage == '{"main":[[3,4,-1]]}'


@played
async def test_what_nobody_called_says_nothing_of_it(stage: Stage) -> None:
    called = child(stage, [BLANK], chain("begin", "blank"))
    done = await stage.run(calling(stage, called), *NUMBERS)
    (row,) = stage.rows("SELECT id, output FROM executions WHERE parent_id = :id", id=done["id"])
    assert jsontext.loads(row.output)["origins"] == [[0, 4]]
    assert "origins" not in jsontext.loads(stage.row(done["id"]).output)
    again = await stage.end(await stage.retry(row.id, "blank"))
    assert "origins" not in jsontext.loads(stage.row(again["id"]).output)


@played
async def test_results_of_before_are_taken_one_by_one_where_counts_agree(stage: Stage) -> None:
    called = child(stage, [node("rest", "wait", {"callback": True})], chain("begin", "rest"))
    saved = calling(stage, called)
    parent = await stage.start(saved, {"n": 1}, {"n": 2})
    await stage.reaches(await child_of(stage, parent), "waiting")
    await stage.reaches(parent, "waiting")
    stage.write(
        "UPDATE executions SET status = 'succeeded', due_at = NULL, finished_at = 1,"
        " output = :output WHERE parent_id = :id",
        id=parent,
        output='{"items":[{"a":1},{"a":2}]}',
    )
    stage.write("UPDATE executions SET due_at = 0 WHERE id = :id", id=parent)
    stage.parts.notifier.notify(parent)
    assert told(await stage.end(parent)) == [1, 2]


@pytest.mark.parametrize("kind", ["keyed", "quick"])
@played
async def test_a_node_that_sends_other_items_than_came(stage: Stage, kind: str) -> None:
    called = child(
        stage,
        [
            node("turn", "sort", {"by": [{"field": "n", "order": "desc"}]}),
            node("two", "limit", {"count": 2}),
        ],
        chain("begin", "turn", "two"),
    )

    def call(touch: Any) -> CallWorkflow:
        came = touch.context.came
        sent = [came[2].derive({"n": 1}), came[0].derive({"n": 2}), came[1].derive({"n": 3})]
        return CallWorkflow(called.id, sent, wait=True)

    stage.world.script["call"] = call
    assert told(await stage.run(calling(stage, called, kind), *NUMBERS)) == [2, 1]


@played
async def test_the_items_of_a_call_that_failed_are_those_that_came(stage: Stage) -> None:
    def failing(_touch: Any) -> Any:
        raise NodeError("it is broken")

    stage.world.script["work"] = failing
    called = child(stage, [node("work", "keyed")], chain("begin", "work"))
    done = await stage.run(calling(stage, called, on_error="continue"), *NUMBERS)
    assert told(done) == [1, 2, 3, 4]
    assert len(last(done, "call")["output"]["main"]) == 4
    assert told(await stage.end(await stage.retry(done["id"], "ask"))) == [1, 2, 3, 4]
