"""What a trigger is handed in these tests: a moment and a time zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from layers.contract import HttpClient


def seconds(text: str) -> float:
    """Read RFC 3339 text as seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()


def utc(moment: float | None) -> str | None:
    """Write seconds since the epoch to the second, for tables that people read."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class OutOfBounds:
    """Stands where a schedule has no business."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"This trigger must not reach out: '{name}'.")


@dataclass
class PollContext:
    """A trigger context whose clock stands still."""

    now: float
    timezone: str = "UTC"
    workspace_id: str = "workspace"
    workflow_id: str = "workflow"
    node_id: str = "tick"
    http: HttpClient = field(default_factory=OutOfBounds)

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        """No credential is set."""
        return None
