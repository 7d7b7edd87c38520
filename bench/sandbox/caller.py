"""Calls a runner with as little work as can be, because the caller shares its processors."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

PASS = "def run(items):\n    return []"
_NUMBERS = count()


@dataclass(frozen=True)
class Step:
    """What is called again and again."""

    code: str = PASS
    mode: str = "run"
    workspace: str = "bench"
    lock: str = ""
    limits: dict[str, Any] = field(default_factory=dict)

    def body(self) -> bytes:
        """The request's body, with a run id of its own."""
        asked: dict[str, Any] = {
            "run_id": f"bench-{next(_NUMBERS)}",
            "workspace_id": self.workspace,
            "code": self.code,
            "items": [],
            "mode": self.mode,
            "limits": self.limits,
        }
        if self.lock:
            asked["lock"] = self.lock
        return json.dumps(asked).encode()


class Caller:
    """One connection that is kept; it asks one thing after the other."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._address = host, port
        self._head = (
            f"POST /runs HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, step: Step) -> tuple[float, dict[str, Any]]:
        """Run a step; return how long it took, in milliseconds, and the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address, limit=1 << 24)
        reader, writer = self._streams
        body = step.body()
        began = time.perf_counter()
        writer.write(self._head + str(len(body)).encode() + b"\r\n\r\n" + body)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        answer = await reader.readexactly(length)
        return (time.perf_counter() - began) * 1e3, json.loads(answer)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()


async def repeat(caller: Caller, step: Step, seconds: float, pause_s: float = 0.0) -> list[float]:
    """Call one after the other; return the milliseconds of each. Raises BenchError."""
    from bench.product import BenchError

    times = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        if pause_s:
            await asyncio.sleep(pause_s)
        took, answer = await caller.call(step)
        if answer["outcome"] != "ok":
            raise BenchError(f"a step ended as {answer['outcome']}: {answer['error']}")
        times.append(took)
    return times


def reading(times: Sequence[float], seconds: float) -> dict[str, float]:
    """Summarise."""
    ordered = sorted(times)

    def at(part: float) -> float:
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))]

    return {
        "per_s": len(ordered) / seconds,
        "p50_ms": at(0.5),
        "p99_ms": at(0.99),
        "steps": len(ordered),
    }
