"""What the sandbox's bench makes of what it measured."""

from __future__ import annotations

import json

import pytest

from bench.sandbox.caller import Step, reading
from bench.sandbox.measuring import BARE, GOALS, Goal, table


def test_a_goal_is_held_against_another_figure() -> None:
    goal = Goal("run, one at a time", "p50_ms", 1, BARE)
    found = {"run, one at a time": {"p50_ms": 9.0}, BARE: {"p50_ms": 8.0}}
    checked = goal.check(found)
    assert checked is not None
    assert not checked["met"]
    found[BARE]["p50_ms"] = 9.5
    checked = goal.check(found)
    assert checked is not None
    assert checked["met"]


def test_a_goal_of_what_was_not_measured_is_not_met_nor_missed() -> None:
    assert Goal("numpy, later steps", "p50_ms", 1.2, BARE).check({BARE: {"p50_ms": 1}}) is None


def test_a_rate_must_be_reached() -> None:
    goal = Goal("warm", "per_s", 500, at_least=True)
    checked = [goal.check({"warm": {"per_s": rate}}) for rate in (499.0, 500.0)]
    assert [one["met"] for one in checked if one is not None] == [False, True]


def test_every_goal_names_another_row() -> None:
    names = [(goal.row, goal.figure) for goal in GOALS]
    assert len(set(names)) == len(names)


def test_a_reading_counts_steps_and_finds_the_middle() -> None:
    found = reading([4.0, 1.0, 2.0, 3.0, 100.0], 2.0)
    assert found["per_s"] == 2.5
    assert found["p50_ms"] == 3.0
    assert found["p99_ms"] == pytest.approx(100.0)


def test_every_request_has_an_id_of_its_own() -> None:
    step = Step(mode="warm", lock="six==1.0")
    one, two = (json.loads(step.body()) for _ in range(2))
    assert one["run_id"] != two["run_id"]
    assert (one["mode"], one["lock"]) == ("warm", "six==1.0")
    assert "lock" not in json.loads(Step().body())


def test_the_table_says_what_was_missed_and_what_was_not_measured() -> None:
    said = table(
        {
            "measured": {"warm": {"per_s": 5.0, "p50_ms": 2.0, "p99_ms": 3.0}},
            "goals": [{"goal": "warm: p50_ms", "bound": "<= 1", "value": 2.0, "met": False}],
            "not_measured": {"numpy": "no index"},
        }
    )
    assert "NOT MET" in said
    assert "not measured: numpy: no index" in said
