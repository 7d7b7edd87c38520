"""The pure core: loops, loops in loops, and merges in them."""

from __future__ import annotations

from typing import Any

import pytest

from layers.engine.core.state import Activation, Ending
from tests.engine.core_player import Player, core_error, plan_of, values
from tests.engine.harness import node

START = node("start", "manual")
LOOP = node("loop", "loop")
AROUND = ["start -> loop", "loop:batch -> body", "body -> loop", "loop:done -> end"]
SIMPLE = [START, LOOP, node("body", "no_op"), node("end", "no_op")]


def pairs(activation: Activation) -> dict[str, list[Any]]:
    return {"batch": values(activation)[:2]}


def test_a_loop_hands_out_batches_and_gathers_what_comes_back() -> None:
    player = Player(
        plan_of(SIMPLE, AROUND),
        {"loop": pairs, "body": lambda a: {"main": [value * 10 for value in values(a)]}},
    )
    assert player.play(1, 2, 3, 4, 5).ending is Ending.SUCCEEDED
    assert player.ran("body") == [{"main": [1, 2]}, {"main": [3, 4]}, {"main": [5]}]
    assert player.ran("end") == [{"main": [10, 20, 30, 40, 50]}]
    assert player.leaves == {"end": [10, 20, 30, 40, 50]}


def test_a_body_may_drop_its_items() -> None:
    player = Player(
        plan_of(SIMPLE, AROUND),
        {"body": lambda a: {"main": [value for value in values(a) if value != 2]}},
    )
    player.play(1, 2, 3)
    assert len(player.ran("body")) == 3
    assert player.ran("end") == [{"main": [1, 3]}]


def test_a_body_that_drops_everything_ends_with_an_empty_done() -> None:
    player = Player(plan_of(SIMPLE, AROUND), {"body": lambda _: {"main": []}})
    assert player.play(1, 2).ending is Ending.SUCCEEDED
    assert player.ran("end") == []


def test_a_body_may_make_more_of_its_items() -> None:
    player = Player(plan_of(SIMPLE, AROUND), {"body": lambda a: {"main": [*values(a), *values(a)]}})
    player.play(1, 2)
    assert player.ran("end") == [{"main": [1, 1, 2, 2]}]


@pytest.mark.parametrize("last_first", [False, True])
def test_a_body_may_fan_out_and_come_back_by_several_ways(last_first: bool) -> None:
    nodes = [*SIMPLE, node("other", "no_op"), node("tail", "no_op")]
    ways = [*AROUND, "loop:batch -> other", "other -> tail", "tail -> loop"]
    player = Player(plan_of(nodes, ways), last_first=last_first)
    player.play(1, 2)
    assert len(player.ran("body")) == len(player.ran("tail")) == 2
    gathered = player.ran("end")[0]["main"]
    assert sorted(gathered) == [1, 1, 2, 2]
    assert sorted(gathered[:2]) == [1, 1]


@pytest.mark.parametrize("mode", ["append", "position", "key"])
def test_a_merge_in_a_body_runs_once_a_round(mode: str) -> None:
    """Also where its branches change from round to round."""
    params = {"mode": mode, **({"key": "v"} if mode == "key" else {})}
    player = _branching_body(params)
    player.play(1, 2, 3)
    assert player.ran("both") == [{"a": [1], "b": []}, {"a": [], "b": [2]}, {"a": [3], "b": []}]
    assert player.ran("end") == [{"main": [1, 2, 3]}]


def test_a_merge_of_the_first_arrival_in_a_body_runs_once_a_round() -> None:
    player = _branching_body({"mode": "any"})
    player.play(1, 2, 3, 4)
    assert player.ran("both") == [{"a": [1]}, {"b": [2]}, {"a": [3]}, {"b": [4]}]
    assert player.ran("end") == [{"main": [1, 2, 3, 4]}]


@pytest.mark.parametrize("last_first", [False, True])
def test_a_late_arrival_does_not_begin_another_round(last_first: bool) -> None:
    player = _branching_body({"mode": "any"})
    player.last_first = last_first
    player.acts["split"] = lambda a: {"true": values(a), "false": values(a)}
    player.play(1, 2)
    assert len(player.ran("both")) == 2
    assert player.ran("end") == [{"main": [1, 2]}]


def _branching_body(params: dict[str, Any]) -> Player:
    nodes = [
        START,
        LOOP,
        node("split", "if", {"condition": "True"}),
        node("yes", "no_op"),
        node("no", "no_op"),
        node("both", "merge", params),
        node("end", "no_op"),
    ]
    ways = [
        "start -> loop",
        "loop:batch -> split",
        "split:true -> yes",
        "split:false -> no",
        "yes -> both:a",
        "no -> both:b",
        "both -> loop",
        "loop:done -> end",
    ]

    def parity(activation: Activation) -> dict[str, list[Any]]:
        items = values(activation)
        return {
            "true": [value for value in items if value % 2],
            "false": [value for value in items if not value % 2],
        }

    return Player(plan_of(nodes, ways), {"split": parity})


def test_a_merge_behind_a_loop_waits_for_its_end() -> None:
    nodes = [*SIMPLE, node("both", "merge")]
    player = Player(plan_of(nodes, [*AROUND, "end -> both:a", "start -> both:b"]))
    player.play(1, 2)
    assert player.ran("both") == [{"a": [1, 2], "b": [1, 2]}]


@pytest.mark.parametrize("last_first", [False, True])
def test_a_loop_in_a_loop_is_over_before_the_next_round(last_first: bool) -> None:
    nodes = [
        START,
        node("outer", "loop"),
        node("spread", "no_op"),
        node("inner", "loop"),
        node("body", "no_op"),
        node("end", "no_op"),
    ]
    ways = [
        "start -> outer",
        "outer:batch -> spread",
        "spread -> inner",
        "inner:batch -> body",
        "body -> inner",
        "inner:done -> outer",
        "outer:done -> end",
    ]
    player = Player(
        plan_of(nodes, ways),
        {"spread": lambda a: {"main": [value + part for value in values(a) for part in (1, 2)]}},
        last_first=last_first,
    )
    player.play(10, 20)
    assert player.ran("body") == [{"main": [value]} for value in (11, 12, 21, 22)]
    assert player.ran("end") == [{"main": [11, 12, 21, 22]}]


def test_several_arrivals_at_a_loop_go_round_one_after_the_other() -> None:
    nodes = [*SIMPLE, node("again", "no_op")]
    player = Player(plan_of(nodes, [*AROUND, "start -> again", "again -> loop"]))
    assert player.play(1, 2).ending is Ending.SUCCEEDED
    assert player.ran("body") == [{"main": [value]} for value in (1, 2, 1, 2)]
    assert player.ran("end") == [{"main": [1, 2]}, {"main": [1, 2]}]


def test_a_body_that_does_not_come_back_gathers_nothing() -> None:
    player = Player(plan_of(SIMPLE, ["start -> loop", "loop:batch -> body"]))
    assert player.play(1, 2).ending is Ending.SUCCEEDED
    assert len(player.ran("body")) == 2


def test_a_loop_may_be_where_everything_begins() -> None:
    player = Player(plan_of(SIMPLE[1:], AROUND[1:]))
    assert player.play(1, 2).ending is Ending.SUCCEEDED
    assert player.ran("body") == [{"main": [1]}, {"main": [2]}]
    assert player.ran("end") == [{"main": [1, 2]}]


def test_a_failed_body_can_lead_back_by_its_error_port() -> None:
    nodes = [{**one, "on_error": "error_port"} if one["id"] == "body" else one for one in SIMPLE]

    def picky(activation: Activation) -> dict[str, list[Any]]:
        if values(activation) == [2]:
            raise core_error("no two")
        return {"main": values(activation)}

    player = Player(plan_of(nodes, [*AROUND, "body:error -> loop"]), {"body": picky})
    player.play(1, 2, 3)
    error = {"message": "no two", "kind": "node_error"}
    assert player.ran("end") == [{"main": [1, {"v": 2, "error": error}, 3]}]


def test_a_loop_that_never_ends_runs_out_of_steps() -> None:
    """A batch may not be empty, but what cannot happen must not hang either."""
    player = Player(plan_of(SIMPLE, AROUND), {"loop": lambda _: {"batch": []}}, budget=50)
    finish = player.play(1)
    assert finish.error is not None
    assert finish.error.kind == "loop_limit"
