"""A sandbox for tests: it answers what it was told to and never runs any code."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from layers.packages.lockfile import LockFile, Pin
from layers.packages.policy import PackagePolicy
from layers.packages.refusal import ForbiddenPackages
from layers.packages.requirements import read_requirements
from layers.sandbox.port import (
    Lock,
    LockedPackage,
    OnLog,
    Outcome,
    SandboxRequest,
    SandboxResult,
)

Script = Callable[[SandboxRequest], SandboxResult]
LockScript = Callable[[Sequence[str], PackagePolicy], Lock]


def echo(request: SandboxRequest) -> SandboxResult:
    """Answer with the items that came in."""
    if request.per == "item_outcomes":
        items: list[dict[str, Any]] = [{"items": [dict(item)]} for item in request.items]
        return SandboxResult(Outcome.OK, items=items)
    return SandboxResult(Outcome.OK, items=[dict(item) for item in request.items])


def pin(requirements: Sequence[str], policy: PackagePolicy) -> Lock:
    """Pin each name to its ``==`` version or to 1.0, with a made-up hash and a size of 1000."""
    read = read_requirements(requirements)
    return locked({one.name: one.pinned or "1.0" for one in read}, policy)


def locked(versions: Mapping[str, str], policy: PackagePolicy) -> Lock:
    """A lock of these versions by name; raises ForbiddenPackages like a real sandbox."""
    refusals = policy.refusals(versions.items())
    if refusals:
        raise ForbiddenPackages(refusals)
    pins = [
        Pin(name, version, (hashlib.sha256(f"{name}=={version}".encode()).hexdigest(),))
        for name, version in sorted(versions.items())
    ]
    lock = LockFile(tuple(pins))
    packages = tuple(LockedPackage(one.name, one.version, 1000) for one in pins)
    return Lock(lock.text, lock.sha256, packages)


class ScriptedSandbox:
    """Answers each run by a function of the request (the items themselves, unless told otherwise).

    Requirements are locked by a function, too (``pin``, unless told otherwise). Both may raise
    SandboxUnavailable. ``requests``, ``locked`` and ``cancelled`` record the calls.
    """

    def __init__(self, script: Script = echo, lock_script: LockScript = pin) -> None:
        self.script = script
        self.lock_script = lock_script
        self.requests: list[SandboxRequest] = []
        self.locked: list[tuple[str, ...]] = []
        self.cancelled: list[str] = []

    async def run(self, request: SandboxRequest, on_log: OnLog | None = None) -> SandboxResult:
        """Record the request and answer by the script."""
        self.requests.append(request)
        return self.script(request)

    async def lock(self, requirements: Sequence[str], policy: PackagePolicy) -> Lock:
        """Record the requirements and lock them by the script."""
        self.locked.append(tuple(requirements))
        return self.lock_script(requirements, policy)

    async def cancel(self, run_id: str) -> None:
        """Record the id."""
        self.cancelled.append(run_id)

    async def health(self) -> Mapping[str, Any]:
        """Be ready, with no runsc."""
        return {"state": "ready", "reason": None, "platform": "memory", "runsc": None, "boxes": {}}
