"""Whoever follows an execution and is cut off goes on where they were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from functions.following import OPEN_MOST, Following
from layers import jsontext

Event = tuple[str, str, Any]


def execution(status: str = "running") -> Any:
    names = "id workflow_id version_id error parent_id retry_of started_at finished_at due_at"
    empty = dict.fromkeys(names.split())
    return SimpleNamespace(**empty, status=status, manual=True, created_at=1.0)


def step(node_id: str, printed: str | None = None, position: int | None = None, **rest: Any) -> Any:
    logs = None if printed is None else jsontext.dumps([{"stream": "stdout", "text": printed}])
    given = {
        "node_id": node_id,
        "run_index": 0,
        "status": "running" if position is None else "succeeded",
        "attempt": 1,
        "position": position,
        "started_at": 1.0,
        "finished_at": None,
        "error": None,
        "logs": logs,
        "item_errors": None,
        "counts": '{"input":{"main":2},"output":{}}',
    }
    return SimpleNamespace(**{**given, **rest})


def news(following: Following, steps: Sequence[Any], status: str = "running") -> list[Event]:
    events = []
    for written in following.news(execution(status), steps):
        fields = dict(line.split(": ", 1) for line in written.strip().splitlines())
        events.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return events


def outcomes(events: Sequence[Event]) -> list[str]:
    told = [data for _id, name, data in events if name == "step"]
    return [data["node_id"] for data in told if data["status"] == "succeeded"]


def printed(events: Sequence[Event]) -> str:
    return "".join(data["text"] for _id, name, data in events if name == "log")


ROWS = [
    [step("a", position=0), step("b", "one ")],
    [step("a", position=0), step("c", "x" * 9, position=1), step("b", "one two ")],
    [
        step("a", position=0),
        step("c", "x" * 9, position=1),
        step("b", "one two three", position=2),
    ],
]


@pytest.mark.parametrize("cut", range(9))
def test_nothing_is_told_twice_and_nothing_is_left_out_wherever_it_is_cut(cut: int) -> None:
    before: list[Event] = []
    following = Following()
    for at, rows in enumerate(ROWS):
        before += news(following, rows, "succeeded" if at == 2 else "running")
        if len(before) > cut:
            break
    arrived = before[: cut + 1]
    after = news(Following(arrived[-1][0]), ROWS[-1], "succeeded")
    together = arrived + after
    assert len(printed(together)) == len("one two three") + 9
    assert sorted(outcomes(together))[:1] == ["a"]
    assert set(outcomes(together)) == {"a", "b", "c"}
    assert outcomes(together).count("a") == 1
    assert [name for _id, name, _data in after].count("end") == 1


def test_whoever_was_told_all_is_told_the_end_alone() -> None:
    told = news(Following(), ROWS[-1], "succeeded")
    again = news(Following(told[-1][0]), ROWS[-1], "succeeded")
    assert [name for _id, name, _data in again] == ["end"]


def test_the_next_attempt_is_told_from_its_beginning() -> None:
    first = news(Following(), [step("a", "first")])
    rows = [step("a", "again", attempt=2)]
    assert printed(news(Following(first[-1][0]), rows)) == "again"


@pytest.mark.parametrize("given", ["", "nonsense", "e30", "bnVsbA==", "W10=", "\x00", "ä"])
def test_an_id_that_is_none_of_ours_begins_at_the_beginning(given: str) -> None:
    assert outcomes(news(Following(given), ROWS[0])) == ["a"]


def test_an_id_fits_into_a_header_however_many_steps_print() -> None:
    rows = [step(f"node{number:060}", "x") for number in range(OPEN_MOST * 4)]
    assert max(len(one[0]) for one in news(Following(), rows)) < 8000


def test_steps_say_how_many_items_came_and_went() -> None:
    counted, unknown = step("a", position=0), step("b", position=1, counts=None)
    told = {
        data["node_id"]: data
        for _id, name, data in news(Following(), [counted, unknown])
        if name == "step"
    }
    assert told["a"]["input_counts"] == {"main": 2}
    assert told["b"]["input_counts"] is None
