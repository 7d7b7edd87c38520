"""One bad item is one bad item: errors, retries and effects of each item on its own."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from layers.contract import NodeError, PerItem
from layers.outbound import AddressPolicy, OutboundClient
from tests.engine.harness import Stage, last, node, played, states
from tests.outbound.server import serving

ITEMS = ({"x": 1}, {"x": 2}, {"x": 3})
KINDS = (
    "each_keyed",
    "each_slow",
    "each_quick",
    "each_quick_keyed",
    "each_promise",
    "each_promise_keyed",
)


def fails_for(*numbers: int, times: int = 99, **more: Any) -> Any:
    """Fails the items with these numbers, each so many times."""
    left = dict.fromkeys(numbers, times)

    def act(touch: Any) -> Any:
        (item,) = touch.items
        if left.get(item["x"], 0):
            left[item["x"]] -= 1
            raise NodeError(f"no {item['x']}", **more)
        return {"main": [{**item, "done": True}]}

    return act


def batch_fails_for(*numbers: int) -> Any:
    def act(touch: Any) -> Any:
        return PerItem(
            {at: {"main": [dict(i)]} for at, i in enumerate(touch.items) if i["x"] not in numbers},
            {at: NodeError("no") for at, i in enumerate(touch.items) if i["x"] in numbers},
        )

    return act


def error_of(index: int, message: str) -> dict[str, Any]:
    return {"message": message, "kind": "node_error", "item_index": index}


def save(stage: Stage, kind: str, on_error: str, **more: Any) -> Any:
    ports = ["call:error -> bad"] if on_error == "error_port" else []
    return stage.save(
        [
            node("start", "manual"),
            node("call", kind, on_error=on_error, **more),
            node("good", "no_op"),
            *([node("bad", "no_op")] if ports else []),
        ],
        ["start -> call", "call -> good", *ports],
    )


@pytest.mark.parametrize("kind", KINDS)
@played
async def test_a_bad_item_leaves_alone_by_the_error_port(stage: Stage, kind: str) -> None:
    stage.world.script["call"] = fails_for(2)
    done = await stage.run(save(stage, kind, "error_port"), *ITEMS)
    assert done["status"] == "succeeded"
    assert last(done, "good")["input"] == {"main": [{"x": 1, "done": True}, {"x": 3, "done": True}]}
    assert last(done, "bad")["input"] == {"main": [{"x": 2, "error": error_of(1, "no 2")}]}
    assert states(done)["call"] == "succeeded"


@pytest.mark.parametrize("kind", KINDS)
@played
async def test_a_bad_item_goes_on_in_its_place_with_its_own_error(stage: Stage, kind: str) -> None:
    stage.world.script["call"] = fails_for(1, 2)
    done = await stage.run(save(stage, kind, "continue"), *ITEMS)
    assert done["output"] == [
        {"x": 1, "error": error_of(0, "no 1")},
        {"x": 2, "error": error_of(1, "no 2")},
        {"x": 3, "done": True},
    ]


@pytest.mark.parametrize("on_error", ["continue", "error_port"])
@played
async def test_a_step_of_bad_items_only_has_failed_and_each_has_its_own_error(
    stage: Stage, on_error: str
) -> None:
    stage.world.script["call"] = fails_for(1, 2, 3)
    done = await stage.run(save(stage, "each_keyed", on_error), *ITEMS)
    assert done["status"] == "succeeded"
    assert [item["error"]["message"] for item in done["output"]] == ["no 1", "no 2", "no 3"]
    assert states(done)["call"] == "failed"
    port = "error" if on_error == "error_port" else "main"
    assert list(last(done, "call")["output"]) == [port]


@played
async def test_only_the_bad_items_are_tried_again(stage: Stage) -> None:
    stage.world.script["call"] = fails_for(1, 3, times=2)
    retry = {"max_attempts": 3, "delay_s": 0}
    done = await stage.run(save(stage, "each_keyed", "stop", retry=retry), *ITEMS)
    assert done["status"] == "succeeded"
    assert done["output"] == [{**item, "done": True} for item in ITEMS]
    tries = Counter(touch.items[0]["x"] for touch in stage.world.of("call"))
    assert tries == {1: 3, 2: 1, 3: 3}
    keys = {touch.index: touch.key for touch in stage.world.of("call")}
    assert len({touch.key for touch in stage.world.of("call")}) == len(keys) == 3


@played
async def test_nobody_is_asked_again_sooner_than_it_said(stage: Stage) -> None:
    said = {2: 3600.0, 3: 60.0}

    def act(touch: Any) -> Any:
        (item,) = touch.items
        if item["x"] in said:
            raise NodeError("later", retry=True, retry_in=said[item["x"]])
        return {"main": [item]}

    stage.world.script["call"] = act
    retry = {"max_attempts": 2, "delay_s": 0}
    saved = save(stage, "each_keyed", "stop", retry=retry)
    execution = await stage.reaches(await stage.start(saved, *ITEMS), "waiting")
    row = stage.row(execution["id"])
    assert row.due_at >= stage.steps(row.id)[0].started_at + 3600


@played
async def test_what_can_never_succeed_is_not_tried_again_with_the_others(stage: Stage) -> None:
    def act(touch: Any) -> Any:
        (item,) = touch.items
        if item["x"] == 1:
            raise NodeError("gone", kind="http_status", retry=False)
        if item["x"] == 2 and touch.attempt == 1:
            raise NodeError("busy", kind="http_status", retry=True)
        return {"main": [item]}

    stage.world.script["call"] = act
    retry = {"max_attempts": 3, "delay_s": 0}
    done = await stage.run(save(stage, "each_keyed", "error_port", retry=retry), *ITEMS)
    assert last(done, "good")["input"] == {"main": [{"x": 2}, {"x": 3}]}
    assert [item["x"] for item in last(done, "bad")["input"]["main"]] == [1]
    assert Counter(t.items[0]["x"] for t in stage.world.of("call")) == {1: 1, 2: 2, 3: 1}


@played
async def test_a_step_that_is_to_stop_begins_no_further_items(stage: Stage) -> None:
    stage.world.script["call"] = fails_for(1)
    many = [{"x": number} for number in range(1, 20)]
    done = await stage.run(save(stage, "each_keyed", "stop"), *many)
    assert (done["status"], done["error"]["message"]) == ("failed", "no 1")
    assert len(stage.world.of("call")) < 4


@played
async def test_a_timeout_is_the_failure_of_the_items_that_had_no_outcome(stage: Stage) -> None:
    async def act(touch: Any) -> Any:
        if touch.items[0]["x"] == 2:
            await asyncio.Event().wait()
        return {"main": touch.items}

    stage.world.script["call"] = act
    done = await stage.run(save(stage, "each_keyed", "error_port", timeout_s=0.2), *ITEMS)
    assert last(done, "good")["input"] == {"main": [{"x": 1}, {"x": 3}]}
    (bad,) = last(done, "bad")["input"]["main"]
    assert (bad["x"], bad["error"]["kind"]) == (2, "timeout")


@played
async def test_a_node_that_takes_all_items_at_once_may_fail_some(stage: Stage) -> None:
    stage.world.script["call"] = batch_fails_for(2)
    retry = {"max_attempts": 2, "delay_s": 0}
    done = await stage.run(save(stage, "batch_keyed", "error_port", retry=retry), *ITEMS)
    assert last(done, "good")["input"] == {"main": [{"x": 1}, {"x": 3}]}
    assert last(done, "bad")["input"] == {"main": [{"x": 2, "error": error_of(1, "no")}]}
    assert [touch.items for touch in stage.world.of("call")] == [list(ITEMS), [{"x": 2}]]


@pytest.mark.parametrize("kind", ["each_slow", "each_quick"])
@played
async def test_what_is_not_json_is_the_failure_of_its_item(stage: Stage, kind: str) -> None:
    def act(touch: Any) -> Any:
        (item,) = touch.items
        return {"main": [{"x": object() if item["x"] == 2 else item["x"]}]}

    stage.world.script["call"] = act
    done = await stage.run(save(stage, kind, "error_port"), *ITEMS)
    assert last(done, "good")["input"] == {"main": [{"x": 1}, {"x": 3}]}
    (bad,) = last(done, "bad")["input"]["main"]
    assert (bad["x"], bad["error"]["kind"]) == (2, "not_json")


@pytest.mark.parametrize(
    ("kind", "params", "port"),
    [
        ("set", {"fields": {"y": "{{ 6 / item.x }}"}}, "main"),
        ("if", {"condition": "6 / item.x > 0"}, "true"),
        ("filter", {"condition": "6 / item.x > 0"}, "kept"),
        ("switch", {"cases": [{"port": "one", "condition": "6 / item.x > 0"}]}, "one"),
        ("date_time", {"operation": "parse", "value": "{{ item.x or 'never' }}"}, "main"),
        ("split_out", {"field": "x"}, "main"),
    ],
)
@played
async def test_nodes_that_act_by_item_do_so_in_their_failures(
    stage: Stage, kind: str, params: dict[str, Any], port: str
) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("call", kind, params, on_error="error_port"),
            node("good", "no_op"),
            node("bad", "no_op"),
        ],
        ["start -> call", f"call:{port} -> good", "call:error -> bad"],
    )
    good: Any = [] if kind == "split_out" else 0
    items = [{"x": 1}, {"x": good}, {"x": 2}]
    done = await stage.run(saved, *items)
    bad = last(done, "bad")["input"]["main"]
    if kind == "split_out":
        assert [item["x"] for item in bad] == [1, 2]
        assert "good" not in states(done)
    else:
        assert [item["x"] for item in bad] == [0]
        assert len(last(done, "good")["input"]["main"]) == 2


@pytest.mark.parametrize("kind", ["each_keyed", "keyed"])
@played
async def test_a_node_can_ask_whether_it_is_tried_again(stage: Stage, kind: str) -> None:
    told: list[tuple[int, bool, bool]] = []

    def act(touch: Any) -> Any:
        will = touch.context.will_retry
        refused = NodeError("no", kind="http_status")
        told.append((touch.attempt, will(NodeError("no", retry=True)), will(refused)))
        raise NodeError("no", retry=True)

    stage.world.script["call"] = act
    retry = {"max_attempts": 2, "delay_s": 0}
    await stage.run(save(stage, kind, "continue", retry=retry), {"x": 1})
    assert told == [(1, True, False), (2, False, False)]


@pytest.mark.parametrize("on_error", ["continue", "error_port"])
@played
async def test_http_request_loses_no_answer_to_a_bad_item(stage: Stage, on_error: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.query["x"] == "2":
            return web.Response(status=500)
        return web.json_response({"x": request.query["x"]})

    async with serving(answer) as server:
        client = OutboundClient(AddressPolicy((server.service,)))
        stage.engine.services.http = client
        url = server.url("/x?x={{ item.x }}")
        saved = stage.save(
            [
                node("start", "manual"),
                node("call", "http_request", {"url": url}, on_error=on_error),
            ],
            ["start -> call"],
        )
        done = await stage.run(saved, *ITEMS)
        await client.close()
    output = last(done, "call")["output"]
    port = "error" if on_error == "error_port" else "main"
    answers = [item["body"]["x"] for item in output["main"] if "body" in item]
    assert answers == ["1", "3"]
    (bad,) = [item for item in output[port] if "error" in item]
    assert (bad["x"], bad["error"]["status"], bad["error"]["item_index"]) == (2, 500, 1)
    assert len(server.seen) == 3
