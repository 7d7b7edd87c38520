"""A sandbox for tests: it answers what it was told to and never runs any code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from layers.sandbox.port import OnLog, Outcome, SandboxRequest, SandboxResult

Script = Callable[[SandboxRequest], SandboxResult]


def echo(request: SandboxRequest) -> SandboxResult:
    """Answer with the items that came in."""
    return SandboxResult(Outcome.OK, items=[dict(item) for item in request.items])


class ScriptedSandbox:
    """Answers each run by a function of the request (the items themselves, unless told otherwise).

    The function may raise SandboxUnavailable. ``requests`` and ``cancelled`` record the calls.
    """

    def __init__(self, script: Script = echo) -> None:
        self.script = script
        self.requests: list[SandboxRequest] = []
        self.cancelled: list[str] = []

    async def run(self, request: SandboxRequest, on_log: OnLog | None = None) -> SandboxResult:
        """Record the request and answer by the script."""
        self.requests.append(request)
        return self.script(request)

    async def cancel(self, run_id: str) -> None:
        """Record the id."""
        self.cancelled.append(run_id)

    async def health(self) -> Mapping[str, Any]:
        """Be ready, with no runsc."""
        return {"state": "ready", "reason": None, "platform": "memory", "runsc": None, "boxes": {}}
