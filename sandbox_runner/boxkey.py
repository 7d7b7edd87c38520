"""What makes one sandbox fit for a run: sandboxes are kept and reused by this, never mixed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BoxKey:
    """A workspace, its package layer's digest, and its network policy's digest, where it has any.

    Two runs share a sandbox only where all three are the same.
    """

    workspace_id: str
    layer: str | None = None
    policy: str | None = None
