"""Going on without items: "nothing found, tell me" can be built."""

from __future__ import annotations

from typing import Any

import pytest

from layers.catalogue import NO_WORKSPACE
from layers.engine.core.plan import compile_plan
from layers.errors import InvalidInput
from tests.engine.core_player import CATALOGUE
from tests.engine.harness import Stage, last, node, played, states, workflow

SPLIT = node("s", "split_out", {"field": "rows"})
ON = {"if_empty": "one_empty_item"}


def rows(**more: Any) -> dict[str, Any]:
    return {**SPLIT, **more}


@played
async def test_nothing_runs_behind_no_items_unless_it_is_wished(stage: Stage) -> None:
    saved = stage.save([node("m", "manual"), SPLIT, node("t", "no_op")], ["m -> s", "s -> t"])
    done = await stage.run(saved, {"rows": []})
    assert states(done) == {"m": "succeeded", "s": "succeeded"}
    assert done["output"] == []


@played
async def test_a_list_of_nothing_is_an_empty_list(stage: Stage) -> None:
    saved = stage.save(
        [
            node("m", "manual"),
            rows(**ON),
            node("a", "aggregate", {"into": "all"}),
            node("t", "set", {"fields": {"n": "{{ len(item.all) }}"}}),
        ],
        ["m -> s", "s -> a", "a -> t"],
    )
    done = await stage.run(saved, {"rows": []})
    assert last(done, "a")["output"] == {"main": [{"all": []}]}
    assert done["output"] == [{"n": 0}]
    some = await stage.run(saved, {"rows": [1, 2]})
    assert some["output"] == [{"n": 2}]


@played
async def test_what_acts_by_item_gets_one_empty_item(stage: Stage) -> None:
    fields = {"said": "nothing found", "n": "{{ len(items) + len(nodes.s.items) }}"}
    saved = stage.save(
        [node("m", "manual"), rows(**ON), node("t", "set", {"fields": fields, "keep": True})],
        ["m -> s", "s -> t"],
    )
    done = await stage.run(saved, {"rows": []})
    assert done["output"] == [{"said": "nothing found", "n": 0}]


@pytest.mark.parametrize(
    ("kind", "params", "port"),
    [
        ("filter", {"condition": "item.x > 9"}, "kept"),
        ("split_out", {"field": "none"}, "main"),
        ("limit", {"count": 0}, "main"),
    ],
)
@played
async def test_every_node_may_go_on_without_items(
    stage: Stage, kind: str, params: dict[str, Any], port: str
) -> None:
    saved = stage.save(
        [node("m", "manual"), node("s", kind, params, **ON), node("t", "keyed")],
        ["m -> s", f"s:{port} -> t"],
    )
    done = await stage.run(saved, {"x": 1, "none": []})
    assert states(done)["t"] == "succeeded"
    assert last(done, "t")["input"] == {"main": [{}]}
    assert done["output"] == [], "What stands for none is no result."


@pytest.mark.parametrize("given", [{"main": []}, {}])
@played
async def test_steps_that_take_time_may_give_nothing_as_well(
    stage: Stage, given: dict[str, Any]
) -> None:
    stage.world.script["s"] = lambda _touch: given
    saved = stage.save(
        [node("m", "manual"), node("s", "each_keyed", **ON), node("t", "keyed")],
        ["m -> s", "s -> t"],
    )
    assert states(await stage.run(saved, {"x": 1}))["t"] == "succeeded"


@played
async def test_the_way_behind_runs_to_its_end(stage: Stage) -> None:
    """Each of these gives nothing of nothing; none of them stops the way for that."""
    between = [
        node("sorted", "sort", {"by": [{"field": "x"}]}),
        node("some", "limit", {"count": 3}),
        node("once", "remove_duplicates"),
        node("rows", "split_out", {"field": "rows"}),
        node("rest", "wait", {"seconds": 0}),
        node("code", "keyed"),
    ]
    names = [one["id"] for one in between]
    saved = stage.save(
        [node("m", "manual"), rows(**ON), *between, node("a", "aggregate", {"into": "all"})],
        ["m -> s", *(f"{a} -> {b}" for a, b in zip(["s", *names], [*names, "a"], strict=True))],
    )
    done = await stage.run(saved, {"rows": []})
    assert done["output"] == [{"all": []}]


@played
async def test_a_loop_of_no_items_is_done_at_once(stage: Stage) -> None:
    saved = stage.save(
        [
            node("m", "manual"),
            rows(**ON),
            node("l", "loop"),
            node("b", "keyed"),
            node("a", "aggregate", {"into": "all"}),
        ],
        ["m -> s", "s -> l", "l:batch -> b", "b -> l", "l:done -> a"],
    )
    done = await stage.run(saved, {"rows": []})
    assert done["output"] == [{"all": []}]
    assert stage.world.of("b") == []


@played
async def test_a_loop_from_which_nothing_comes_back_may_go_on(stage: Stage) -> None:
    saved = stage.save(
        [
            node("m", "manual"),
            SPLIT,
            node("l", "loop", **ON),
            node("f", "filter", {"condition": "item.x > 9"}),
            node("a", "aggregate", {"into": "all"}),
        ],
        ["m -> s", "s -> l", "l:batch -> f", "f:kept -> l", "l:done -> a"],
    )
    done = await stage.run(saved, {"rows": [{"x": 1}, {"x": 2}]})
    assert done["output"] == [{"all": []}]


@played
async def test_a_merge_counts_no_item_for_none(stage: Stage) -> None:
    saved = stage.save(
        [
            node("m", "manual"),
            rows(**ON),
            node("other", "set", {"fields": {"x": 1}}),
            node("both", "merge"),
        ],
        ["m -> s", "m -> other", "s -> both:a", "other -> both:b"],
    )
    done = await stage.run(saved, {"rows": []})
    assert done["output"] == [{"x": 1}]


@played
async def test_a_workflow_that_returns_nothing_may_be_gone_on_from(stage: Stage) -> None:
    callee = stage.save([node("w", "workflow_trigger"), SPLIT], ["w -> s"])
    saved = stage.save(
        [
            node("m", "manual"),
            node("call", "execute_workflow", {"workflow_id": callee.id}, **ON),
            node("a", "aggregate", {"into": "all"}),
        ],
        ["m -> call", "call -> a"],
    )
    done = await stage.run(saved, {"rows": []})
    assert done["output"] == [{"all": []}]


@played
async def test_a_workflow_is_called_without_items_where_that_is_to_go_on(stage: Stage) -> None:
    fields = {"n": "{{ len(items) }}"}
    callee = stage.save(
        [node("w", "workflow_trigger"), node("t", "set", {"fields": fields})], ["w -> t"]
    )
    saved = stage.save(
        [
            node("m", "manual"),
            rows(**ON),
            node("call", "execute_workflow", {"workflow_id": callee.id}),
        ],
        ["m -> s", "s -> call"],
    )
    assert (await stage.run(saved, {"rows": []}))["output"] == [{"n": 0}]


@played
async def test_an_execution_that_begins_with_no_items_may_go_on(stage: Stage) -> None:
    saved = stage.save(
        [node("m", "manual", **ON), node("a", "aggregate", {"into": "all"})], ["m -> a"]
    )
    payload = await stage.engine.payloads.payload(stage.home, [])
    done = await stage.run(saved, **payload)
    assert done["output"] == [{"all": []}]


@played
async def test_it_is_known_after_a_crash_that_there_were_none(stage: Stage) -> None:
    crashed = []

    async def act(touch: Any) -> Any:
        if not crashed:
            crashed.append(True)
            execution_id = touch.context.execution_id
            stage.engine._runs[execution_id].lose()
            stage.write("UPDATE executions SET due_at = 0 WHERE id = :id", id=execution_id)
            stage.parts.notifier.notify(execution_id)
        return {"main": touch.context.items}

    stage.world.script["t"] = act
    saved = stage.save(
        [
            node("m", "manual"),
            rows(**ON),
            node("t", "keyed"),
            node("a", "aggregate", {"into": "all"}),
        ],
        ["m -> s", "s -> t", "t -> a"],
    )
    done = await stage.run(saved, {"rows": []})
    assert done["output"] == [{"all": []}]
    assert [touch.items for touch in stage.world.of("t")] == [[], []]


@played
async def test_items_that_failed_are_not_nothing(stage: Stage) -> None:
    saved = stage.save(
        [
            node("m", "manual"),
            rows(**ON, on_error="error_port"),
            node("t", "keyed"),
        ],
        ["m -> s", "s -> t"],
    )
    done = await stage.run(saved, {"rows": 7})
    assert "t" not in states(done)


def test_the_setting_is_checked() -> None:
    with pytest.raises(InvalidInput) as caught:
        compile_plan(workflow([node("m", "manual", if_empty="shrug")]), CATALOGUE, NO_WORKSPACE)
    assert caught.value.errors[0].pointer == "/nodes/0/if_empty"
