"""``nodes.x.item`` is the item of that node which the item at hand came from."""

from __future__ import annotations

from typing import Any

import pytest

from layers.contract import Item
from layers.sandbox import Outcome, SandboxResult
from tests.engine.harness import Stage, chain, node, played
from tests.engine.world import Touch

NUMBERS = [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]


def ask(name: str, about: str, **more: Any) -> Any:
    """A node that writes beside each item the one of another node that it came from."""
    fields = {"from": f"{{{{ nodes.{about}.item.n }}}}", "n": "{{ item.get('n') }}"}
    return node(name, "set", {"fields": fields}, **more)


def told(done: dict[str, Any], name: str = "ask", run: int = -1) -> list[Any]:
    """What the node wrote, in the order of the items."""
    steps = [step for step in done["steps"] if step["node_id"] == name]
    assert done["status"] == "succeeded", done["error"]
    return [item["from"] for item in steps[run]["output"]["main"]]


@played
async def test_a_straight_chain_of_one_item_means_what_it_meant(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("call", "keyed"),
            node("code", "python", {"code": "def run(items):\n    return items"}),
            node("send", "set", {"fields": {"id": "{{ nodes.start.item.body.id }}"}}),
            node("text", "set", {"fields": {"text": "Order {{ nodes.start.item.body.id }}"}}),
        ],
        chain("start", "call", "code", "send", "text"),
    )
    done = await stage.run(saved, {"body": {"id": 7}})
    assert done["output"] == [{"text": "Order 7"}]


@played
async def test_each_item_has_its_own_through_a_filter_and_a_sort(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("odd", "filter", {"condition": "item.n % 2 == 1"}),
            node("turn", "sort", {"by": [{"field": "n", "order": "desc"}]}),
            node("blank", "set", {"fields": {}}),
            ask("ask", "start"),
        ],
        ["start -> odd", "odd:kept -> turn", "turn -> blank", "blank -> ask"],
    )
    done = await stage.run(saved, *NUMBERS)
    assert told(done) == [3, 1]


@played
async def test_what_was_split_and_gathered_knows_its_items(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("split", "split_out", {"field": "lines"}),
            ask("ask", "start"),
        ],
        chain("start", "split", "ask"),
    )
    done = await stage.run(saved, {"n": 1, "lines": [1, 2]}, {"n": 2, "lines": [3]})
    assert told(done) == [1, 1, 2]


@played
async def test_an_item_of_several_has_no_single_one(stage: Stage) -> None:
    saved = stage.save(
        [node("start", "manual"), node("all", "aggregate", {"into": "all"}), ask("ask", "start")],
        chain("start", "all", "ask"),
    )
    done = await stage.run(saved, *NUMBERS)
    assert done["status"] == "failed"
    assert "made of several items of 'start'" in done["error"]["message"]
    assert "nodes.start.items" in done["error"]["message"]
    assert "column" in done["error"]["message"]
    one = await stage.run(saved, {"n": 1})
    assert told(one) == [1]


@played
async def test_an_item_that_came_another_way_has_none(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("odd", "if", {"condition": "item.n % 2 == 1"}),
            node("left", "no_op"),
            node("both", "merge", {"mode": "append"}),
            node("ask", "set", {"fields": {"from": "{{ default(nodes.left.item.n, None) }}"}}),
        ],
        [
            "start -> odd",
            "odd:true -> left",
            "left -> both:a",
            "odd:false -> both:b",
            "both -> ask",
        ],
    )
    done = await stage.run(saved, *NUMBERS)
    assert told(done) == [1, 3, None, None]


@played
async def test_the_error_of_an_item_that_has_none_offers_the_list(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("side", "no_op"),
            node("wait", "wait", {"seconds": 0}),
            ask("ask", "side"),
        ],
        ["start -> side", "start -> wait", "wait -> ask"],
    )
    done = await stage.run(saved, *NUMBERS)
    assert done["error"]["message"].startswith(
        "ask: parameter fields: This item came from no item of 'side'"
    )
    assert "Use nodes.side.items" in done["error"]["message"]


@played
async def test_the_same_item_on_two_ways_is_told_apart(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("side", "no_op"),
            node("both", "merge", {"mode": "append"}),
            node("end", "limit", {"count": 1, "from": "last"}),
            node("ask", "set", {"fields": {"from": "{{ default(nodes.side.item.n, None) }}"}}),
        ],
        ["start -> side", "side -> both:a", "start -> both:b", "both -> end", "end -> ask"],
    )
    done = await stage.run(saved, {"n": 1})
    assert told(done) == [None]


@played
async def test_joined_items_have_one_of_each_side(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("a", "set", {"fields": {"id": "{{ item.n }}", "n": "{{ item.n * 10 }}"}}),
            node("b", "set", {"fields": {"id": "{{ item.n }}", "n": "{{ item.n * 100 }}"}}),
            node("turn", "sort", {"by": [{"field": "id", "order": "desc"}]}),
            node("both", "merge", {"mode": "key", "key": "id"}),
            node(
                "ask",
                "set",
                {"fields": {"from": "{{ [nodes.a.item.n, nodes.b.item.n, nodes.start.item.n] }}"}},
            ),
        ],
        ["start -> a", "start -> b", "a -> both:a", "b -> turn", "turn -> both:b", "both -> ask"],
    )
    done = await stage.run(saved, {"n": 1}, {"n": 2})
    assert told(done) == [[10, 100, 1], [20, 200, 2]]


@played
async def test_a_loop_leads_each_item_to_its_own_round(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("loop", "loop", {"batch_size": 2}),
            node("body", "set", {"fields": {"n": "{{ item.n * 10 }}"}}),
            ask("within", "start"),
            ask("ask", "body"),
            ask("first", "start"),
        ],
        [
            "start -> loop",
            "loop:batch -> body",
            "body -> within",
            "within -> loop",
            "loop:done -> ask",
            "loop:done -> first",
        ],
    )
    done = await stage.run(saved, *NUMBERS[:3])
    assert told(done, "within", 0) == [1, 2]
    assert told(done, "within", 1) == [3]
    assert told(done, "ask") == [10, 20, 30]
    assert told(done, "first") == [1, 2, 3]


@played
async def test_a_round_that_gives_nothing_shifts_no_other(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("loop", "loop", {"batch_size": 1}),
            node("even", "filter", {"condition": "item.n % 2 == 0"}, if_empty="one_empty_item"),
            ask("ask", "start"),
        ],
        ["start -> loop", "loop:batch -> even", "even:kept -> loop", "loop:done -> ask"],
    )
    done = await stage.run(saved, *NUMBERS)
    assert told(done) == [2, 4]


@played
async def test_items_of_a_node_that_says_nothing(stage: Stage) -> None:
    stage.world.script["as_many"] = lambda touch: [{"m": one["n"]} for one in touch.items]
    stage.world.script["fewer"] = lambda touch: [{"m": one["n"]} for one in touch.items[1:]]
    as_many, fewer = (
        stage.save(
            [node("start", "manual"), node(name, "slow"), ask("ask", "start")],
            chain("start", name, "ask"),
        )
        for name in ("as_many", "fewer")
    )
    assert told(await stage.run(as_many, *NUMBERS)) == [1, 2, 3, 4]
    assert "several items" in (await stage.run(fewer, *NUMBERS))["error"]["message"]


CODE = "def run(items):\n    return items"


def says(lineage: Any) -> Any:
    """A sandbox whose code gives an item for each entry, and says this of where they came from."""
    return lambda request: SandboxResult(Outcome.OK, items=[{} for _ in lineage], lineage=lineage)


@played
async def test_code_may_say_what_its_items_came_from(stage: Stage) -> None:
    stage.parts.sandbox.script = says([3, 0, [1]])
    saved = stage.save(
        [node("start", "manual"), node("code", "python", {"code": CODE}), ask("ask", "start")],
        chain("start", "code", "ask"),
    )
    assert told(await stage.run(saved, *NUMBERS)) == [4, 1, 2]


@pytest.mark.parametrize("lie", [[4], [0, 1], [[0, 9]], [-1]])
def test_places_that_code_makes_up_are_not_believed(stage: Stage, lie: Any) -> None:
    async def story() -> None:
        stage.parts.sandbox.script = lambda request: SandboxResult(
            Outcome.OK, items=[{}], lineage=lie
        )
        saved = stage.save(
            [node("start", "manual"), node("code", "python", {"code": CODE}), ask("ask", "start")],
            chain("start", "code", "ask"),
        )
        done = await stage.run(saved, *NUMBERS)
        assert "several items of 'start'" in done["error"]["message"]
        assert told(await stage.run(saved, {"n": 7})) == [7]

    stage.play(story)


@played
async def test_failed_items_keep_what_they_came_from(stage: Stage) -> None:
    def some(touch: Touch) -> Any:
        if touch.items[0]["n"] % 2:
            raise ValueError("odd")
        return {"main": [Item({"m": 0}), Item({"m": 1})]}

    stage.world.script["each"] = some
    saved = stage.save(
        [
            node("start", "manual"),
            node("each", "each_keyed", on_error="error_port"),
            ask("ask", "start"),
            ask("sorry", "start"),
        ],
        ["start -> each", "each -> ask", "each:error -> sorry"],
    )
    done = await stage.run(saved, *NUMBERS)
    assert told(done) == [2, 2, 4, 4]
    assert told(done, "sorry") == [1, 3]


@played
async def test_it_survives_a_rest_and_a_retry(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("odd", "filter", {"condition": "item.n % 2 == 1"}),
            node("later", "wait", {"seconds": 1.2}),
            node("blank", "set", {"fields": {}}),
            node("call", "unsafe"),
            ask("ask", "start"),
        ],
        ["start -> odd", "odd:kept -> later", "later -> blank", "blank -> call", "call -> ask"],
    )
    done = await stage.run(saved, *NUMBERS)
    assert told(done) == [1, 3]
    again = await stage.end(await stage.retry(done["id"], "ask"))
    assert told(again) == [1, 3]


@played
async def test_what_is_one_to_one_stores_nothing(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("name", "set", {"fields": {"x": 1}, "keep": True}),
            node("odd", "filter", {"condition": "item.n % 2 == 1"}),
            node("call", "keyed"),
        ],
        ["start -> name", "name -> odd", "odd:kept -> call"],
    )
    done = await stage.run(saved, *NUMBERS)
    stored = {step.node_id: step.lineage for step in stage.steps(done["id"])}
    assert stored["start"] is stored["name"] is stored["call"] is None
    assert stored["odd"] == '{"kept":[0,2],"dropped":[1,3]}'


@played
async def test_steps_of_before_may_have_come_from_any(stage: Stage) -> None:
    saved = stage.save(
        [node("start", "manual"), node("call", "keyed"), ask("ask", "start")],
        chain("start", "call", "ask"),
    )
    single, several = await stage.run(saved, {"n": 1}), await stage.run(saved, *NUMBERS)
    stage.write("UPDATE steps SET lineage = 'unknown'")
    assert told(await stage.end(await stage.retry(single["id"], "ask"))) == [1]
    again = await stage.end(await stage.retry(several["id"], "ask"))
    assert "several items" in again["error"]["message"]


@pytest.mark.parametrize(
    ("came", "known"),
    [([{"n": 5}], [5, 5, 5]), ([{"n": 5}, {"n": 6}, {"n": 7}], [5, 6, 7])],
    ids=["all of the one", "each from its place"],
)
@played
async def test_pinned_items_came_from_what_came_in(
    stage: Stage, came: list[dict[str, int]], known: list[int]
) -> None:
    """A pin stands for what the node gave; whoever comes later looks through it."""
    pinned = [{"n": 10}, {"n": 20}, {"n": 30}]
    saved = stage.save(
        [
            node("start", "manual"),
            node("call", "keyed", pinned=pinned),
            node("turn", "sort", {"by": [{"field": "n", "order": "desc"}]}),
            ask("pin", "call"),
            ask("ask", "start"),
        ],
        ["start -> call", "call -> turn", "turn -> pin", "turn -> ask"],
    )
    done = await stage.run(saved, *came, manual=True)
    assert told(done, "pin") == [30, 20, 10]
    assert told(done, "ask") == known[::-1]
