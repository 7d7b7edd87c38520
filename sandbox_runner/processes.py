"""Finds and kills a sandbox's processes by its name where there are no control groups."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

_PROC = Path("/proc")


def pids_named(name: str) -> list[int]:
    """Return the processes whose command line holds a sandbox's name as one argument."""
    found = []
    wanted = name.encode()
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                if wanted in (folder / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
    return found


def kill_named(name: str) -> bool:
    """Send SIGKILL to them; say whether there were any that had not ended already."""
    pids = pids_named(name)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(pids)
