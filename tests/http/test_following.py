"""Whoever follows an execution and is cut off goes on where they were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from functions.following import OPEN_MOST, Following, Place
from layers.engine.history import News
from layers.engine.step_logs import LogRow

Event = tuple[str, str, Any]


def execution(status: str = "running") -> Any:
    names = "id workflow_id version_id error parent_id retry_of started_at finished_at due_at"
    empty = dict.fromkeys(names.split())
    return SimpleNamespace(**empty, status=status, manual=True, created_at=1.0)


def step(node_id: str, position: int | None = None, **rest: Any) -> Any:
    given = {
        "node_id": node_id,
        "run_index": 0,
        "status": "running" if position is None else "succeeded",
        "attempt": 1,
        "position": position,
        "started_at": 1.0,
        "finished_at": None,
        "error": None,
        "item_errors": None,
        "counts": '{"input":{"main":2},"output":{}}',
    }
    return SimpleNamespace(**{**given, **rest})


@dataclass
class Journal:
    """What is on record, read as the database is: what lies behind a place, so much at once."""

    steps: list[Any]
    printed: list[tuple[str, str]] = field(default_factory=list)
    status: str = "running"
    at_once: int = 500

    def behind(self, place: Place) -> News:
        outcomes = [
            s for s in self.steps if (s.position or 0) > place.position and s.position is not None
        ]
        outcomes = sorted(outcomes, key=lambda s: s.position)
        logs = [
            LogRow(at, node_id, 0, 1, "stdout", text)
            for at, (node_id, text) in enumerate(self.printed)
            if at > place.log_position
        ]
        return News(
            row=execution(self.status),
            outcomes=outcomes[: self.at_once],
            opened=[one for one in self.steps if one.position is None],
            logs=logs[: self.at_once],
            has_more_steps=len(outcomes) > self.at_once,
            has_more_logs=len(logs) > self.at_once,
        )


def news(following: Following, journal: Journal) -> list[Event]:
    events = []
    more = True
    while more:
        found = journal.behind(following.place)
        for written in following.tell(found):
            fields = dict(line.split(": ", 1) for line in written.strip().splitlines())
            events.append((fields["id"], fields["event"], json.loads(fields["data"])))
        more = found.has_more_steps or found.has_more_logs
    return events


def outcomes(events: Sequence[Event]) -> list[str]:
    told = [data for _id, name, data in events if name == "step"]
    return [data["node_id"] for data in told if data["status"] == "succeeded"]


A, C = step("a", 0), step("c", 1)
JOURNALS = [
    Journal([A, step("b")], [("b", "one ")]),
    Journal([A, C, step("b")], [("b", "one "), ("c", "x" * 9), ("b", "two ")]),
    Journal(
        [A, C, step("b", 2)],
        [("b", "one "), ("c", "x" * 9), ("b", "two "), ("b", "three")],
        "succeeded",
    ),
]


@pytest.mark.parametrize("at_once", [1, 2, 500])
@pytest.mark.parametrize("cut", range(10))
def test_nothing_is_told_twice_and_nothing_is_left_out_wherever_it_is_cut(
    cut: int, at_once: int
) -> None:
    before: list[Event] = []
    following = Following()
    for journal in JOURNALS:
        before += news(following, replace(journal, at_once=at_once))
    arrived = before[: cut + 1]
    after = news(Following(arrived[-1][0]), replace(JOURNALS[-1], at_once=at_once))
    together = arrived + after
    said = [data["text"] for _id, name, data in together if name == "log"]
    assert said == ["one ", "x" * 9, "two ", "three"]
    assert outcomes(together) == ["a", "c", "b"]
    running = [d for _id, name, d in together if name == "step" and d["status"] == "running"]
    # Before it was told to run, it was over.
    assert len(running) == (1 if cut else 0)
    assert [name for _id, name, _data in together if name == "end"] == ["end"]


@pytest.mark.parametrize("at_once", [1, 500])
def test_a_step_that_printed_is_told_to_be_over_after_all_of_it(at_once: int) -> None:
    told = news(Following(), replace(JOURNALS[-1], at_once=at_once))
    for node_id in ("b", "c"):
        of_node = [name for _id, name, data in told if data.get("node_id") == node_id]
        assert of_node == [*["log"] * (len(of_node) - 1), "step"]


def test_whoever_was_told_all_is_told_the_end_alone() -> None:
    told = news(Following(), JOURNALS[-1])
    again = news(Following(told[-1][0]), JOURNALS[-1])
    assert [name for _id, name, _data in again] == ["end"]


def test_the_next_attempt_is_told() -> None:
    first = news(Following(), Journal([step("a")]))
    told = news(Following(first[-1][0]), Journal([step("a", attempt=2)]))
    assert [data["attempt"] for _id, _name, data in told] == [2]


@pytest.mark.parametrize("given", ["", "nonsense", "e30", "bnVsbA==", "W10=", "\x00", "ä"])
def test_an_id_that_is_none_of_ours_begins_at_the_beginning(given: str) -> None:
    assert outcomes(news(Following(given), JOURNALS[0])) == ["a"]


def test_an_id_fits_into_a_header_however_many_steps_print() -> None:
    steps = [step(f"node{number:060}", status="interrupted") for number in range(OPEN_MOST * 4)]
    assert max(len(one[0]) for one in news(Following(), Journal(steps))) < 8000


def test_steps_say_how_many_items_came_and_went() -> None:
    counted, unknown = step("a", 0), step("b", 1, counts=None)
    told = {
        data["node_id"]: data
        for _id, name, data in news(Following(), Journal([counted, unknown]))
        if name == "step"
    }
    assert told["a"]["input_counts"] == {"main": 2}
    assert told["b"]["input_counts"] is None
