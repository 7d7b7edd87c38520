"""Linux's rules on parents and children: who dies with whom, who inherits orphans."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MOST_GENERATIONS = 16

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> Callable[[], None]:
    """Make a function for a new child to call before it becomes another program.

    It has the kernel kill the child when this process ends, in whatever way.
    """
    parent = os.getpid()

    def tie() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def become_child_of(adopter: int) -> None:
    """Wait until this process is the adopter's, as an orphan soon is, and die with that one."""
    while os.getppid() != adopter:
        if os.getppid() == 1:
            os._exit(1)
        time.sleep(0.001)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != adopter:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of whatever a dying descendant leaves behind."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)


def children() -> set[int]:
    """The process ids of all direct children, adopted ones and zombies among them."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found.update(int(pid) for pid in (task / "children").read_text().split())
    return found


def end_group(leader: int, how: signal.Signals) -> None:
    """Send a signal to a whole process group; nothing happens if it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, how)


def end_orphans(keep: set[int]) -> None:
    """Kill and reap every direct child but those to ``keep``, and what these leave in turn."""
    for _ in range(MOST_GENERATIONS):
        left = children() - keep
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        if not left:
            return
