"""What a follower of an execution is told of what its steps print."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from functions.live_logs import LiveLogs
from layers import jsontext


def step(*pieces: tuple[str, str], attempt: int = 1) -> Any:
    logs = jsontext.dumps([{"stream": stream, "text": text} for stream, text in pieces])
    return SimpleNamespace(node_id="code", run_index=0, attempt=attempt, logs=logs)


def told(logs: LiveLogs, seen: Any) -> list[tuple[str, str]]:
    return [(one["stream"], one["text"]) for one in logs.new_in(seen)]


def test_only_what_is_new_is_told() -> None:
    logs = LiveLogs()
    assert told(logs, step(("stdout", "a"))) == [("stdout", "a")]
    assert told(logs, step(("stdout", "a"))) == []
    assert told(logs, step(("stdout", "ab"), ("stderr", "x"))) == [("stdout", "b"), ("stderr", "x")]
    assert told(logs, step(("stdout", "ab"), ("stderr", "xy"))) == [("stderr", "y")]
    assert told(logs, SimpleNamespace(node_id="n", run_index=0, attempt=1, logs=None)) == []


def test_the_next_attempt_is_told_from_its_beginning() -> None:
    logs = LiveLogs()
    assert told(logs, step(("stdout", "abc"))) == [("stdout", "abc")]
    assert told(logs, step(("stdout", "x"), attempt=2)) == [("stdout", "x")]
