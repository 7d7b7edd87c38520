"""Named places where a test can make a process die; they do nothing unless armed."""

from __future__ import annotations

import os
import signal

_armed: dict[str, int] = {}


def arm(specification: str) -> None:
    """Arm points from ``name@count,…``: the process kills itself at the count-th hit."""
    for part in specification.split(","):
        name, _, count = part.strip().partition("@")
        if name:
            _armed[name] = int(count or 1)


def hit(name: str) -> None:
    """Pass a point; ends the process by SIGKILL if this is the hit that a test asked for."""
    if not _armed:
        return
    left = _armed.get(name)
    if left is None:
        return
    if left > 1:
        _armed[name] = left - 1
        return
    os.kill(os.getpid(), signal.SIGKILL)
