"""What is counted, in which unit, and which limit of a plan it counts towards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MeterKind:
    """One meter. ``limit`` names the limit that it fills; None for what is only shown."""

    name: str
    unit: str
    limit: str | None = None


METERS: dict[str, MeterKind] = {
    one.name: one
    for one in (
        MeterKind("executions", "execution", "executions"),
        MeterKind("steps", "step"),
        MeterKind("ai_input_tokens", "token", "ai_tokens"),
        MeterKind("ai_output_tokens", "token", "ai_tokens"),
        MeterKind("ai_cost", "micro-dollar"),
        MeterKind("api_calls", "call", "api_calls"),
        MeterKind("storage_byte_hours", "byte-hour"),
        MeterKind("sandbox_cpu_ms", "millisecond"),
        MeterKind("egress_bytes", "byte"),
    )
}
"""Every meter by its name."""

COUNTED_LIMITS: tuple[str, ...] = ("executions", "ai_tokens", "api_calls")
"""The limits that fill up within a month of usage and then begin anew."""

METERS_OF: dict[str, tuple[str, ...]] = {
    limit: tuple(name for name, one in METERS.items() if one.limit == limit)
    for limit in COUNTED_LIMITS
}
"""Which meters fill a limit together."""
