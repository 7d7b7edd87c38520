"""The sandbox that processes are given: no run of it is larger than its workspace's plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from billing.limits.plan_limits import PlanLimits
from layers.clock import Clock
from layers.database import Database
from layers.packages.policy import PackagePolicy
from layers.sandbox.port import (
    Lock,
    OnLog,
    Sandbox,
    SandboxLimits,
    SandboxRequest,
    SandboxResult,
)
from layers.work import DATABASE

DEFAULT_TIMEOUT_S = 10
DEFAULT_MEMORY_MB = 256
"""What the runner gives whoever asks for nothing: ``sandbox_runner/limits.py``."""


class BoundedSandbox:
    """Holds each run to the memory and the time that its workspace's plan has at that moment.

    It stands where the sandbox is called, and not where somebody asks for a run: whoever runs code
    runs it through here.
    """

    def __init__(
        self, sandbox: Sandbox, limits: PlanLimits, database: Database, clock: Clock
    ) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._database = database
        self._clock = clock

    async def run(self, request: SandboxRequest, on_log: OnLog | None = None) -> SandboxResult:
        """Run to the end; raises LimitReached for what asks for more than the plan has."""
        limits = await DATABASE.run(self._held, request)
        return await self._sandbox.run(replace(request, limits=limits), on_log)

    async def lock(self, requirements: Sequence[str], policy: PackagePolicy) -> Lock:
        """Resolve requirements; no plan bounds that."""
        return await self._sandbox.lock(requirements, policy)

    async def cancel(self, run_id: str) -> None:
        """End a run."""
        await self._sandbox.cancel(run_id)

    async def health(self) -> Mapping[str, Any]:
        """Describe the runner."""
        return await self._sandbox.health()

    async def close(self) -> None:
        """Let go of its connections."""
        close = getattr(self._sandbox, "close", None)
        if close is not None:
            await close()

    def _held(self, request: SandboxRequest) -> SandboxLimits:
        """What holds for a run: what it asks for, and where it asks for nothing, the plan's most.

        The runner's own defaults are smaller than any plan that is shipped, but not than any plan.
        """
        asked = request.limits
        with self._database.reading() as connection:
            held = self._limits.of(connection, request.workspace_id, self._clock.now())
        self._limits.check_code(held, asked.memory_mb, asked.timeout_s)
        seconds = held.limit("timeout_seconds")
        memory = held.limit("sandbox_memory_mb")
        if asked.timeout_s is None and seconds is not None and seconds < DEFAULT_TIMEOUT_S:
            asked = replace(asked, timeout_s=float(seconds))
        if asked.memory_mb is None and memory is not None and memory < DEFAULT_MEMORY_MB:
            asked = replace(asked, memory_mb=memory)
        return asked
