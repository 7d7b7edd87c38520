"""What code prints is told while it runs."""

from __future__ import annotations

import asyncio
from typing import Any

from functions.http.code.live_code import told
from functions.parts import Parts
from layers import jsontext
from layers.sandbox.port import OnLog, SandboxUnavailable
from tests.conftest import Person

BASE = "/api/v1"
CODE = {"code": "def run(items): return items", "items": [{"n": 1}]}


def lines_of(text: str) -> list[dict[str, Any]]:
    return [jsontext.loads(line) for line in text.splitlines()]


def test_who_asks_for_lines_gets_lines(ada: Person) -> None:
    headers = {"Accept": "application/x-ndjson", **ada.program.headers}
    answer = ada.program.request("POST", f"{BASE}/code/run", headers=headers, json=CODE)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    (last,) = lines_of(answer.text)
    assert last["result"]["outcome"] == "ok"
    assert last["result"]["items"] == [{"n": 1}]
    whole = ada.program.post(f"{BASE}/code/run", json=CODE).json()
    assert whole["items"] == [{"n": 1}]


def test_a_sandbox_that_fails_is_told_as_a_problem(ada: Person, parts: Parts) -> None:
    def fail(_request: object) -> Any:
        raise SandboxUnavailable("The runner is away.")

    parts.sandbox.script = fail  # type: ignore[attr-defined]
    headers = {"Accept": "application/x-ndjson", **ada.program.headers}
    answer = ada.program.request("POST", f"{BASE}/code/run", headers=headers, json=CODE)
    assert lines_of(answer.text) == [
        {"problem": {"status": 503, "detail": "The runner is away."}},
    ]


def test_pieces_come_before_the_end() -> None:
    async def follow() -> list[str]:
        go_on = asyncio.Event()

        async def run(hear: OnLog) -> dict[str, Any]:
            hear("stdout", "first")
            await go_on.wait()
            return {"outcome": "ok"}

        seen = []
        async for line in told(run):
            seen.append(line)
            go_on.set()
        return seen

    first, last = asyncio.run(follow())
    assert jsontext.loads(first) == {"stream": "stdout", "text": "first"}
    assert jsontext.loads(last) == {"result": {"outcome": "ok"}}


def test_who_stops_listening_ends_the_run() -> None:
    ended: list[str] = []

    async def leave() -> None:
        async def run(hear: OnLog) -> dict[str, Any]:
            hear("stdout", "x")
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("cancelled")
            return {}

        lines = told(run)
        async for _line in lines:
            break
        await lines.aclose()

    asyncio.run(leave())
    assert ended == ["cancelled"]
