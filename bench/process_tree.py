"""What a process and all its descendants use, as the kernel counts it."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Memory:
    """In MiB: ``rss`` counts shared pages once for each process, ``pss`` counts them once."""

    processes: int
    rss: float
    pss: float


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds of CPU time used so far: by the tree, by this process (and ended children)."""

    at: float
    tree: float
    self: float
    machine: float


def descendants(root: int) -> list[int]:
    """The process ids of a tree, the root first."""
    found = [root]
    for pid in found:
        for task in _texts(PROC / str(pid) / "task", "*/children"):
            found += [int(child) for child in task.split()]
    return found


def memory(root: int) -> Memory:
    """Add up what the tree holds now; PSS of foreign processes needs root."""
    rss = pss = 0
    pids = descendants(root)
    for pid in pids:
        for text in _texts(PROC / str(pid), "smaps_rollup"):
            sizes = dict(line.split(":", 1) for line in text.splitlines()[1:])
            rss += int(sizes["Rss"].split()[0])
            pss += int(sizes["Pss"].split()[0])
    return Memory(len(pids), rss / 1024, pss / 1024)


def moment(root: int | None = None) -> Moment:
    """Read all clocks; without a root, no tree's."""
    # user, nice, system, irq, softirq and steal; neither idle nor waiting for a disk.
    busy = [int(field) for field in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]]
    machine = (sum(busy) - busy[3] - busy[4]) / TICKS
    tree = 0.0 if root is None else sum(_cpu(pid) for pid in descendants(root))
    return Moment(time.monotonic(), tree, sum(os.times()[:4]), machine)


def cores(before: Moment, after: Moment) -> dict[str, float]:
    """How many cores were busy between two moments: the tree's, the driver's, anybody else's."""
    seconds = max(after.at - before.at, 1e-9)
    tree = (after.tree - before.tree) / seconds
    driver = (after.self - before.self) / seconds
    machine = (after.machine - before.machine) / seconds
    return {
        "server_cores": tree,
        "driver_cores": driver,
        "other_cores": max(0.0, machine - tree - driver),
    }


def _cpu(pid: int) -> float:
    for text in _texts(PROC / str(pid), "stat"):
        # Own time and that of children that ended, so that a short-lived process is not lost.
        fields = text.rpartition(")")[2].split()[11:15]
        return sum(int(field) for field in fields) / TICKS
    return 0.0


def _texts(folder: Path, pattern: str) -> list[str]:
    """The texts of the files there are; a process may end while it is looked at."""
    found = []
    with contextlib.suppress(OSError):
        for path in folder.glob(pattern):
            with contextlib.suppress(OSError):
                found.append(path.read_text())
    return found
