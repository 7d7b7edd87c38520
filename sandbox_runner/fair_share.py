"""Who gives way to whom: runs that take long, and workspaces that take much, to all others."""

from __future__ import annotations

import time

# Processor seconds that a workspace may have used lately and still be a light one, and how long
# it takes until half of them are forgotten.
_LIGHT_S, _HALF_LIFE_S = 1.0, 5.0
# How long a workspace counts as active after it was given a sandbox.
ACTIVE_S = 1.0


class FairShare:
    """Remembers what each workspace has used, and who has been active."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[float, float]] = {}
        self._active: dict[str, float] = {}

    def note_use(self, workspace: str, cpu_s: float) -> None:
        """Count processor seconds of a run that has ended."""
        now = time.monotonic()
        self._used[workspace] = now, self._left(workspace, now) + cpu_s
        if len(self._used) > 10_000:
            self._used = {w: u for w, u in self._used.items() if self._left(w, now) > 0.01}

    def is_heavy(self, workspace: str) -> bool:
        """Say whether a workspace has used much lately."""
        return self._left(workspace, time.monotonic()) > _LIGHT_S

    def note_start(self, workspace: str) -> None:
        """Note that a workspace was given a sandbox."""
        now = time.monotonic()
        self._active[workspace] = now
        if len(self._active) > 1000:
            self._active = {w: t for w, t in self._active.items() if now - t < ACTIVE_S}

    def others_active(self, workspace: str) -> bool:
        """Say whether a light workspace other than this one was given a sandbox just now."""
        now = time.monotonic()
        return any(
            now - started < ACTIVE_S and other != workspace and not self.is_heavy(other)
            for other, started in self._active.items()
        )

    def _left(self, workspace: str, now: float) -> float:
        at, used = self._used.get(workspace, (now, 0.0))
        return float(used * 0.5 ** ((now - at) / _HALF_LIFE_S))
