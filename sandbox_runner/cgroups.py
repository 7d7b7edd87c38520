"""Where control groups are made, killed and removed: one set a sandbox, which needs no trust.

Where neither version is writable, sandboxes run without them and rely on the limits set inside.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox_runner.control_group import Group, GroupV1, GroupV2, NoGroup, read


@dataclass(frozen=True)
class Cgroups:
    """Where this runner makes a group for each sandbox: beside whatever else runs there.

    Not in a group of their own: that would get as much of the processors as the runner and its
    neighbours, even where every sandbox in it is to come last.
    """

    version: int
    places: dict[str, Path]
    name: str = ""

    def make(self, box: str) -> Group:
        """Make the group of one sandbox."""
        if not self.version:
            return NoGroup()
        made = {name: place / f"{self.name}-{box}" for name, place in self.places.items()}
        for folder in dict.fromkeys(made.values()):
            folder.mkdir(parents=True)
        return GroupV1(made) if self.version == 1 else GroupV2(made["unified"])

    def leftovers(self) -> list[Path]:
        """Return the groups that an earlier runner of that name left in the same places."""
        found: list[Path] = []
        for place in dict.fromkeys(self.places.values()):
            found += [folder for folder in place.glob(f"{self.name}-*") if folder.is_dir()]
        return found

    @property
    def described(self) -> str:
        """Name what bounds the sandboxes from outside."""
        return f"cgroup v{self.version}" if self.version else "none (rlimits and timers only)"


def find_cgroups(
    name: str, mounts: str = "/proc/mounts", own: str = "/proc/self/cgroup"
) -> Cgroups:
    """Return writable control groups of the best kind this machine offers, for that name."""
    v1, v2 = _mounted(read(Path(mounts)))
    places = _own_places(read(Path(own)))
    if {"memory", "pids"} <= v1.keys():
        found = {
            controller: _below(mount, places.get(controller, "/"))
            for controller, mount in v1.items()
        }
        if all(_can_be_made(place / f"{name}-try") for place in found.values()):
            return Cgroups(1, found, name)
    if v2 is not None and (place := _delegated(v2, places.get("", "/"), name)) is not None:
        return Cgroups(2, {"unified": place}, name)
    return Cgroups(0, {})


def pids_in(folders: Iterable[Path]) -> set[int]:
    """Return the processes of these groups."""
    found: set[int] = set()
    for folder in folders:
        found |= {int(pid) for pid in read(folder / "cgroup.procs").split()}
    return found


def kill_in(folders: Iterable[Path]) -> bool:
    """Send SIGKILL to everything in these groups; say whether there was anything."""
    pids = pids_in(folders)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(pids)


def drop(folders: Iterable[Path]) -> bool:
    """Remove these groups; say whether all are gone."""
    gone = True
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()
        gone = gone and not folder.exists()
    return gone


def _mounted(mounts: str) -> tuple[dict[str, Path], Path | None]:
    v1: dict[str, Path] = {}
    v2: Path | None = None
    for line in mounts.splitlines():
        _, where, kind, options, *_ = line.split(" ")
        if kind == "cgroup":
            held = set(options.split(",")) & {"memory", "pids", "cpu", "cpuacct"}
            v1 |= {controller: Path(where) for controller in held}
        elif kind == "cgroup2":
            v2 = Path(where)
    return v1, v2


def _own_places(text: str) -> dict[str, str]:
    places: dict[str, str] = {}
    for line in text.splitlines():
        _, controllers, place = line.split(":", 2)
        places |= dict.fromkeys(controllers.split(","), place)
    return places


def _below(mount: Path, place: str) -> Path:
    # In a container the path may be the host's, of which only the mount's root is visible.
    own = mount / place.lstrip("/")
    return own if own.is_dir() else mount


def _can_be_made(folder: Path) -> bool:
    try:
        folder.mkdir(exist_ok=True)
        folder.rmdir()
    except OSError:
        return False
    return True


def _delegated(mount: Path, place: str, name: str) -> Path | None:
    """Have a version 2 group, this very process's, hand controllers down to its children."""
    own = _below(mount, place)
    wanted = {"memory", "pids", "cpu"}
    if not wanted <= set(read(own / "cgroup.controllers").split()):
        return None
    leaf = own / "treadle-runner"
    if not _can_be_made(own / f"{name}-try"):
        return None
    try:
        if not wanted <= set(read(own / "cgroup.subtree_control").split()):
            # A group that hands controllers down may hold no process itself, so we step aside.
            if (own / "cgroup.type").exists():
                leaf.mkdir(exist_ok=True)
                (leaf / "cgroup.procs").write_text(str(os.getpid()))
            (own / "cgroup.subtree_control").write_text("+memory +pids +cpu")
    except OSError:
        return None
    return own
