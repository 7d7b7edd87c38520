"""Making the lock that a run needs, under the policies that hold for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from layers.errors import InvalidInput
from layers.packages.lockfile import InvalidLock, LockTooLarge, read_lock
from layers.packages.policies import Policies
from layers.packages.refusal import ForbiddenPackages, PackagesRefused
from layers.packages.requirements import read_requirements
from layers.sandbox.port import (
    Lock,
    LockedPackage,
    Outcome,
    Sandbox,
    SandboxError,
    SandboxRequest,
    SandboxResult,
    SandboxUnavailable,
)


async def make_lock(sandbox: Sandbox, requirements: Sequence[str], policies: Policies) -> Lock:
    """Resolve requirements; what both policies say is held against all that comes of it.

    Raises PackagesRefused for a form that is not taken, or naming what is forbidden and by whom;
    InvalidInput in the resolver's own words; SandboxUnavailable for what a retry may cure.
    """
    named = read_requirements(requirements)
    # First, because resolving takes seconds, and a package may harm already by being built.
    policies.check((one.name, one.pinned) for one in named)
    try:
        made = await sandbox.lock([one.text for one in named], policies.merged)
    except ForbiddenPackages as error:
        # The sandbox knows the merged policy only, and so not whose rule it was.
        policies.check((one.name, one.version) for one in error.refusals)
        raise
    lock = _canonical(made)
    policies.check((one.name, one.version) for one in lock.packages)
    return lock


async def with_lock(
    sandbox: Sandbox, request: SandboxRequest, policies: Policies
) -> SandboxRequest:
    """Give a request the lock of its requirements, made now; raises like ``make_lock``."""
    if not request.requirements:
        return request
    lock = await make_lock(sandbox, request.requirements, policies)
    return replace(request, lock=lock.text, policy=policies.merged)


def refused(error: InvalidInput) -> SandboxResult:
    """The result of a run that found no lock: an answer to the author, not worth a retry."""
    denied = isinstance(error, PackagesRefused)
    outcome = Outcome.POLICY_DENIED if denied else Outcome.USER_ERROR
    return SandboxResult(outcome, error=SandboxError(error.detail, type="requirements"))


def _canonical(made: Lock) -> Lock:
    """The lock in the one form in which it is stored, its packages as its text names them."""
    try:
        read = read_lock(made.text)
    except LockTooLarge:
        # The requirements' doing, and not the sandbox's.
        raise
    except InvalidLock as error:
        raise SandboxUnavailable(f"The sandbox gave a lock that is none. {error.detail}") from error
    sizes = {(one.name, one.version): one.size for one in made.packages}
    packages = [LockedPackage(*one, size=sizes.get(one)) for one in read.packages]
    return Lock(read.text, read.sha256, tuple(packages))
