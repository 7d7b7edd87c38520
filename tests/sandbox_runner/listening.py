"""Hearing what a run prints while it runs, which takes a run that is long enough to listen to."""

from __future__ import annotations

from itertools import count
from typing import Any

from layers.sandbox import SandboxResult
from tests.sandbox_runner.runner_process import RunnerProcess
from tests.waiting import until


def listen(
    runner: RunnerProcess, code: str, items: list[dict[str, Any]] | None = None, **fields: Any
) -> tuple[SandboxResult, str]:
    """Run code that rests for ``PAUSE`` seconds; return its result and what was heard meanwhile.

    What is over within a moment is heard by nobody, and how long a moment is depends on the load:
    so it rests for longer until something was heard.
    """
    heard: list[str] = []
    results: list[SandboxResult] = []
    pauses = (0.5 * 2**n for n in count())

    def was_heard() -> bool:
        heard.clear()
        request = runner.request(code.replace("PAUSE", str(next(pauses))), items, **fields)
        run = runner.client.run(request, lambda _stream, text: heard.append(text))
        results.append(runner.await_(run))
        return bool(heard)

    until(was_heard, lambda: f"something to hear; the last result: {results[-1:]}")
    return results[-1], "".join(heard)
