"""What a run in the sandbox counts as, whoever asked for it."""

from __future__ import annotations

from collections.abc import Mapping

from layers.engine.metering import EGRESS, SANDBOX_CPU
from layers.sandbox.port import Outcome, SandboxResult


def sandbox_usage(result: SandboxResult) -> Mapping[str, int]:
    """Quantities by meter: processor time in milliseconds, and the bytes that it moved.

    Nothing where the runner itself failed.
    """
    if result.outcome is Outcome.INFRASTRUCTURE:
        return {}
    seconds = result.usage.get("cpu_s") or 0.0
    moved = sum(one["bytes_in"] + one["bytes_out"] for one in result.hosts if one["allowed"])
    # At least one, so that what was reserved for it is settled.
    return {SANDBOX_CPU: max(1, round(seconds * 1000)), EGRESS: moved}
