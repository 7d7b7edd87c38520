"""The pure core: branches, joins, errors, retries, budgets."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from layers.contract import Item
from layers.engine.core.decide import decide
from layers.engine.core.retry import NEVER_RETRIED, WHILE_A_PART_IS_AWAY, retry_delay
from layers.engine.core.state import (
    Activation,
    CancelRequested,
    Ending,
    Event,
    Finish,
    Started,
    State,
    StepError,
    Succeeded,
    TimedOut,
)
from tests.engine.core_player import Player, core_error, plan_of, values
from tests.engine.harness import chain, node

TWO_WAYS = [
    node("start", "manual"),
    node("split", "if", {"condition": "True"}),
    node("yes", "no_op"),
    node("no", "no_op"),
    node("both", "merge"),
    node("after", "no_op"),
]
DIAMOND = [
    "start -> split",
    "split:true -> yes",
    "split:false -> no",
    "yes -> both:a",
    "no -> both:b",
    "both -> after",
]


def failing(*_: Any, **more: Any) -> Any:
    raise core_error(**more)


def both_ways(activation: Activation) -> dict[str, list[Any]]:
    items = values(activation)
    return {
        "true": [value for value in items if value % 2],
        "false": [value for value in items if not value % 2],
    }


def ways(mode: str, **more: Any) -> list[Any]:
    params = {"mode": mode, **({"key": "v"} if mode == "key" else {})}
    return [{**one, "params": params, **more} if one["id"] == "both" else one for one in TWO_WAYS]


@pytest.mark.parametrize("last_first", [False, True])
def test_a_branch_without_items_does_not_run(last_first: bool) -> None:
    player = Player(plan_of(TWO_WAYS, DIAMOND), {"split": both_ways}, last_first=last_first)
    assert player.play(1, 3).ending is Ending.SUCCEEDED
    assert player.ran("yes") == [{"main": [1, 3]}]
    assert player.ran("no") == []


@pytest.mark.parametrize("last_first", [False, True])
@pytest.mark.parametrize("mode", ["append", "position", "key"])
def test_a_merge_waits_for_both_branches(mode: str, last_first: bool) -> None:
    player = Player(plan_of(ways(mode), DIAMOND), {"split": both_ways}, last_first=last_first)
    player.play(1, 2, 3)
    assert player.ran("both") == [{"a": [1, 3], "b": [2]}]


@pytest.mark.parametrize("mode", ["append", "position", "key"])
def test_a_merge_goes_on_when_a_branch_is_dead(mode: str) -> None:
    player = Player(plan_of(ways(mode), DIAMOND), {"split": both_ways})
    player.play(2, 4)
    assert player.ran("both") == [{"a": [], "b": [2, 4]}]


@pytest.mark.parametrize("last_first", [False, True])
def test_a_merge_of_the_first_arrival_runs_once(last_first: bool) -> None:
    player = Player(plan_of(ways("any"), DIAMOND), {"split": both_ways}, last_first=last_first)
    player.play(1, 2)
    assert player.ran("both") == [{"b": [2]} if last_first else {"a": [1]}]
    assert len(player.ran("after")) == 1


def test_a_merge_decides_a_dead_port_although_another_branch_still_runs() -> None:
    """What cannot reach the merge does not hold it up."""
    nodes = [*TWO_WAYS, node("aside", "no_op"), node("long", "no_op")]
    player = Player(
        plan_of(nodes, ["start -> aside", "aside -> long", *DIAMOND]),
        {"split": lambda activation: {"true": values(activation)}},
        last_first=True,
    )
    player.play(1)
    names = [name for name, _arrived in player.seen]
    assert names.index("both") < names.index("long")


def test_a_merge_waits_for_a_slow_way_around() -> None:
    nodes = [*TWO_WAYS, node("slow1", "no_op"), node("slow2", "no_op")]
    ways_there = ["start -> slow1", "slow1 -> slow2", "slow2 -> both:c"]
    player = Player(plan_of(nodes, [*DIAMOND, *ways_there]), {"split": both_ways})
    player.play(1, 2)
    assert player.ran("both") == [{"a": [1], "b": [2], "c": [1, 2]}]


def test_a_merge_behind_a_merge_waits_for_it() -> None:
    nodes = [*TWO_WAYS, node("second", "merge")]
    player = Player(
        plan_of(nodes, [*DIAMOND, "both -> second:a", "start -> second:b"]), {"split": both_ways}
    )
    player.play(1, 2)
    assert player.ran("second") == [{"a": [1, 2], "b": [1, 2]}]


def test_items_that_arrive_twice_at_a_merge_are_paired_in_turn() -> None:
    nodes = [
        node("start", "manual"),
        node("one", "no_op"),
        node("two", "no_op"),
        node("pair", "merge"),
    ]
    lines = ["start -> one", "start -> two", "one -> pair:a", "two -> pair:a", "start -> pair:b"]
    player = Player(plan_of(nodes, lines))
    assert player.play(1).ending is Ending.SUCCEEDED
    assert player.ran("pair") == [{"a": [1], "b": [1]}, {"a": [1], "b": []}]


def test_a_node_runs_once_for_each_arrival() -> None:
    nodes = [node("start", "manual"), node("a", "no_op"), node("b", "no_op"), node("c", "no_op")]
    player = Player(plan_of(nodes, ["start -> a", "start -> b", "a -> c", "b -> c"]))
    player.play(1)
    assert player.ran("c") == [{"main": [1]}, {"main": [1]}]


def test_a_disabled_merge_lets_everything_pass() -> None:
    nodes = [{**one, "disabled": True} if one["id"] == "both" else one for one in ways("append")]
    player = Player(plan_of(nodes, DIAMOND), {"split": both_ways})
    player.play(1, 2)
    assert player.ran("after") == [{"main": [1]}, {"main": [2]}]


def test_all_roots_start_where_there_is_no_trigger() -> None:
    player = Player(plan_of([node("a", "no_op"), node("b", "no_op")]))
    player.play(1)
    assert player.leaves == {"a": [1], "b": [1]}


def test_only_the_trigger_that_fired_starts() -> None:
    nodes = [node("one", "manual"), node("two", "workflow_trigger"), node("end", "no_op")]
    player = Player(plan_of(nodes, ["one -> end", "two -> end"]))
    player.play(1, start="two")
    assert [name for name, _ in player.seen] == ["two", "end"]


def test_the_last_output_of_every_dead_end_is_kept_in_order_of_finishing() -> None:
    nodes = [node("start", "manual"), node("a", "no_op"), node("b", "no_op"), node("c", "no_op")]
    player = Player(
        plan_of(nodes, ["start -> a", "start -> b", "a -> c"]), {"c": lambda _: {"main": []}}
    )
    player.play(1)
    assert list(player.leaves.items()) == [("b", [1]), ("c", [])]


# Errors


def test_a_failed_step_ends_the_execution() -> None:
    player = Player(
        plan_of(
            [node("start", "manual"), node("a", "no_op"), node("b", "no_op")],
            chain("start", "a", "b"),
        ),
        {"a": failing},
    )
    finish = player.play()
    assert finish.ending is Ending.FAILED
    assert finish.error is not None
    assert finish.error.message == "no"
    assert finish.node == 1
    assert player.ran("b") == []


@pytest.mark.parametrize(("on_error", "port"), [("continue", "main"), ("error_port", "error")])
def test_a_failed_step_can_hand_its_items_on(on_error: str, port: str) -> None:
    nodes = [
        node("start", "manual"),
        node("a", "no_op", on_error=on_error),
        node("b", "no_op"),
    ]
    player = Player(plan_of(nodes, ["start -> a", f"a:{port} -> b"]), {"a": failing})
    assert player.play({"n": 1}, {"n": 2}).ending is Ending.SUCCEEDED
    described = {"message": "no", "kind": "node_error"}
    assert player.ran("b") == [
        {"main": [{"n": 1, "error": described}, {"n": 2, "error": described}]}
    ]


def test_a_dead_end_error_port_makes_a_merge_go_on() -> None:
    nodes = [
        node("start", "manual"),
        node("a", "no_op", on_error="error_port"),
        node("both", "merge"),
    ]
    player = Player(plan_of(nodes, ["start -> a", "a -> both:a", "a:error -> both:b"]))
    player.play(1)
    assert player.ran("both") == [{"a": [1], "b": []}]


# Retries


def attempts(times: int, **more: Any) -> Any:
    """Fails so many times."""
    left = [times]

    def act(activation: Activation) -> dict[str, list[Any]]:
        if left[0]:
            left[0] -= 1
            raise core_error(**more)
        return {"main": [activation.attempt]}

    return act


def retried(act: Any, seed: str = "seed", **policy: Any) -> Player:
    nodes = [node("start", "manual"), node("a", "no_op", retry=policy)]
    player = Player(plan_of(nodes, ["start -> a"]), {"a": act}, seed=seed)
    player.play(1)
    return player


def test_a_step_is_tried_again_as_often_as_its_policy_says() -> None:
    player = retried(attempts(2), max_attempts=3)
    assert player.leaves == {"a": [3]}
    assert len(retried(attempts(9), max_attempts=3).ran("a")) == 3


@pytest.mark.parametrize("seed", ["a", "b", "c", "d"])
def test_delays_double_up_to_their_ceiling_with_jitter_within_bounds(seed: str) -> None:
    player = retried(attempts(9), seed, max_attempts=6, delay_s=2, multiplier=2, max_delay_s=10)
    ceilings = [2, 4, 8, 10, 10]
    assert len(player.delays) == len(ceilings)
    for delay, ceiling in zip(player.delays, ceilings, strict=True):
        assert ceiling / 2 <= delay <= ceiling


def test_delays_are_the_same_for_the_same_execution_and_differ_between_executions() -> None:
    policy = {"max_attempts": 4, "delay_s": 5}
    first, again, other = (retried(attempts(9), seed, **policy).delays for seed in "aab")
    assert first == again
    assert first != other


def test_what_the_other_side_asks_for_is_the_least_delay() -> None:
    patient = retried(attempts(1, retry_in=60.0, retry=True), max_attempts=2, delay_s=1)
    assert patient.delays == [60.0]
    hasty = retried(attempts(1, retry_in=0.1, retry=True), max_attempts=2, delay_s=10)
    assert hasty.delays[0] >= 5


@pytest.mark.parametrize("kind", sorted(NEVER_RETRIED))
def test_what_cannot_get_better_is_not_tried_again(kind: str) -> None:
    assert len(retried(attempts(1, kind=kind), max_attempts=5).ran("a")) == 1


def test_an_http_status_is_tried_again_only_if_that_can_help() -> None:
    assert len(retried(attempts(1, kind="http_status"), max_attempts=5).ran("a")) == 1
    assert len(retried(attempts(1, kind="http_status", retry=True), max_attempts=5).ran("a")) == 2


def test_a_part_that_is_away_is_waited_for_without_any_policy() -> None:
    nodes = [node("start", "manual"), node("a", "no_op")]
    player = Player(plan_of(nodes, ["start -> a"]), {"a": attempts(2, kind="infrastructure")})
    assert player.play(1).ending is Ending.SUCCEEDED
    assert len(player.ran("a")) == 3


def test_it_is_waited_for_longer_than_a_busy_machine_takes_to_start_it() -> None:
    nodes = [node("start", "manual"), node("a", "no_op")]
    plan = plan_of(nodes, ["start -> a"])
    player = Player(plan, {"a": attempts(99, kind="infrastructure")})
    assert player.play(1).ending is Ending.FAILED
    assert len(player.ran("a")) == WHILE_A_PART_IS_AWAY.max_attempts
    error = StepError("Away.", "infrastructure", retry=True)
    waited = 0.0
    for attempt in count(1):
        delay = retry_delay("x", plan.node("a"), Activation(1, 0, {}, [], attempt=attempt), error)
        if delay is None:
            break
        waited += delay
    assert 60 < waited < 150


# Bounds


def test_the_step_budget_ends_an_execution() -> None:
    nodes = [node(f"n{count}", "no_op") for count in range(5)]
    player = Player(plan_of(nodes, chain("n0", "n1", "n2", "n3", "n4")), budget=3)
    finish = player.play(1)
    assert finish.error is not None
    assert finish.error.kind == "loop_limit"
    assert "3 steps" in finish.error.message
    assert len(player.seen) == 3


@pytest.mark.parametrize(
    ("event", "ending", "kind"),
    [
        (CancelRequested(), Ending.CANCELLED, None),
        (TimedOut(5), Ending.FAILED, "timeout"),
    ],
)
def test_an_ended_execution_stays_as_it_is(event: Event, ending: Ending, kind: str) -> None:
    plan = plan_of([node("start", "manual"), node("a", "no_op")], ["start -> a"])
    state, commands = decide(State(plan, "seed"), Started(0, []), 0.0)
    state, commands = decide(state, event, 0.0)
    assert [type(command) for command in commands] == [Finish]
    assert state.finish is not None
    assert state.finish.ending is ending
    assert (state.finish.error and state.finish.error.kind) == kind
    for later in (Succeeded((0, 0), {}), CancelRequested(), TimedOut(1)):
        state, commands = decide(state, later, 0.0)
        assert commands == []
        assert state.finish.ending is ending


def test_an_outcome_that_comes_twice_counts_once() -> None:
    plan = plan_of(
        [node("start", "manual"), node("a", "no_op"), node("b", "no_op")], chain("start", "a", "b")
    )
    state, _commands = decide(State(plan, "seed"), Started(0, [Item(v=1)]), 0.0)
    event = Succeeded((0, 0), {"main": [Item(v=1)]})
    state, commands = decide(state, event, 0.0)
    assert len(commands) == 1
    state, commands = decide(state, event, 0.0)
    assert commands == []
